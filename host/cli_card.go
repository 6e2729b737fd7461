package main

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
	"github.com/natsuin/natsuin/verify"
)

func (c *commandLine) status(ctx context.Context, args []string) error {
	return c.showStatus(ctx, args, c.describeReader)
}

func (c *commandLine) pinStatus(ctx context.Context, args []string) error {
	return c.showStatus(ctx, args, c.describeTries)
}

// showStatus prints every reader with describe. Where no card could be asked it fails as well: scripts then see
// what is missing in the exit code.
func (c *commandLine) showStatus(ctx context.Context, args []string, describe func(protocol.ReaderStatus)) error {
	if err := noArguments(args); err != nil {
		return err
	}
	return c.withCard(func(e command.Environment) error {
		status, err := command.AwaitStatus(ctx, e)
		if err != nil {
			return err
		}
		if !status.Answered() {
			c.readers = status.Readers
			err = nearestMiss(status)
		}
		if c.json {
			if err == nil {
				err = c.printJSON(status)
			}
			return err
		}
		for _, r := range status.Readers {
			describe(r)
		}
		return err
	})
}

// nearestMiss is why no card could be asked: what was wrong with one, or that there is none.
func nearestMiss(s *protocol.CardStatus) error {
	for _, r := range s.Readers {
		if r.Error != nil {
			return r.Error
		}
	}
	return protocol.Fail(protocol.NoCard, nil)
}

func (c *commandLine) describeReader(r protocol.ReaderStatus) {
	fmt.Fprintf(c.stdout, "%s: %s\n", readerText.in(c.lang), printable(r.Name))
	switch {
	case r.Error != nil:
		fmt.Fprintf(c.stdout, "  %s\n", errorTexts[r.Error.Code].message.in(c.lang))
		return
	case !r.Card:
		fmt.Fprintf(c.stdout, "  %s\n", errorTexts[protocol.NoCard].message.in(c.lang))
		return
	}
	fmt.Fprintf(c.stdout, "  %s\n", tokenTexts[r.Token].in(c.lang))
	c.describeTries(r)
	if a := r.Authentication; a.NotAfter != nil {
		fmt.Fprintf(c.stdout, "  %s: %s\n", validUntilText.in(c.lang), a.NotAfter.In(japan).Format(momentText.in(c.lang)))
		fmt.Fprintf(c.stdout, "  %s\n", c.standingText(*a.Standing))
		fmt.Fprintf(c.stdout, "  %s: %s\n", issuerText.in(c.lang), issuerTexts[a.Issuer].in(c.lang))
	}
	if r.Signature.Present == "no" {
		fmt.Fprintf(c.stdout, "  %s\n", noSignatureText.in(c.lang))
	}
	fmt.Fprintf(c.stdout, "  %s\n", notRevokedText.in(c.lang))
}

// standingTexts say where a certificate stands in time. Verbs take the days left and the day on which renewal
// opens.
var standingTexts = map[string]text{
	rules.Valid:       {"有効期限は%sです。%sから更新できます。", "Its validity lasts %s. It can be renewed from %s."},
	rules.ExpiresSoon: {"まもなく有効期限です（%s）。%sから、お住まいの市区町村の窓口で更新できます。「natsuin explain renewal」もご覧ください。", "It expires soon: its validity lasts %s. Since %s it can be renewed at your municipality; see natsuin explain renewal."},
	rules.Expired:     {"有効期限が切れています。「natsuin explain expired」をご覧ください。", "It has expired; see natsuin explain expired."},
	rules.NotYetValid: {"有効期間がまだ始まっていません。パソコンの日付と時刻を確かめてください。", "It is not valid yet: look at the date and time of this computer."},
}

var (
	lastDayText  = text{"今日まで", "until the end of today"}
	oneDayText   = text{"あと1日", "for one more day"}
	daysLeftText = text{"あと%d日", "for %d more days"}
	dateText     = text{"%d年%d月%d日", "%04d-%02d-%02d"}
)

func (c *commandLine) standingText(s rules.Standing) string {
	sentence := standingTexts[s.State].in(c.lang)
	if s.State != rules.Valid && s.State != rules.ExpiresSoon {
		return sentence
	}
	left := fmt.Sprintf(daysLeftText.in(c.lang), s.DaysLeft)
	switch s.DaysLeft {
	case 0:
		left = lastDayText.in(c.lang)
	case 1:
		left = oneDayText.in(c.lang)
	}
	opens := s.RenewalOpens
	return fmt.Sprintf(sentence, left, fmt.Sprintf(dateText.in(c.lang), opens.Year, int(opens.Month), opens.Day))
}

func (c *commandLine) describeTries(r protocol.ReaderStatus) {
	if r.Authentication == nil || r.Signature == nil {
		return
	}
	c.printTries(authenticationPINText, r.Authentication.PINStatus)
	c.printTries(signaturePINText, r.Signature.PINStatus)
	if r.CardSurface != nil {
		c.printTries(cardSurfacePINText, *r.CardSurface)
	}
}

func (c *commandLine) printTries(name text, p protocol.PINStatus) {
	fmt.Fprintf(c.stdout, "  %s: %s\n", name.in(c.lang), c.triesText(p))
}

func (c *commandLine) triesText(p protocol.PINStatus) string {
	if p.TriesLeft == 0 {
		return blockedText.in(c.lang)
	}
	return fmt.Sprintf(triesOfText.in(c.lang), p.TriesLeft, p.MaxTries)
}

func (c *commandLine) cert(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return protocol.Invalid("certificate", "is missing: auth, sign, auth-ca or sign-ca")
	}
	if err := c.noPad(args[0]); err != nil {
		return err
	}
	out, err := openOutputs([]string{c.out}, c.force)
	if err != nil {
		return err
	}
	defer out.close()
	return c.withCard(func(e command.Environment) error {
		certificate, err := command.Certificate(ctx, e, c.lang, args[0])
		if err != nil {
			return err
		}
		if !c.der {
			certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
		}
		return out.write(c.stdout, [][]byte{certificate})
	})
}

func (c *commandLine) auth(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	if err := c.checkTokenFlags(); err != nil {
		return err
	}
	return c.withCard(func(e command.Environment) error {
		token, err := command.Authenticate(ctx, e, c.lang, c.origin, c.challenge)
		if err != nil {
			return err
		}
		return c.printJSON(token)
	})
}

func (c *commandLine) checkTokenFlags() error {
	if err := verify.ValidOrigin(c.origin); err != nil {
		return protocol.Invalid("--origin", "%w", err)
	}
	if err := verify.ValidChallenge(c.challenge); err != nil {
		return protocol.Invalid("--challenge", "%w", err)
	}
	return nil
}

func (c *commandLine) sign(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	paths, err := c.signOutputs()
	if err != nil {
		return err
	}
	documents, err := readDocuments(c.in, c.attached)
	if err != nil {
		return err
	}
	if len(c.in) > 1 && c.out != "" {
		if err := os.MkdirAll(c.out, 0o700); err != nil {
			return protocol.Fail(protocol.FileFailed, err)
		}
	}
	out, err := openOutputs(paths, c.force)
	if err != nil {
		return err
	}
	defer out.close()
	return c.withCard(func(e command.Environment) error {
		signed, err := command.Sign(ctx, e, command.SignRequest{
			Lang: c.lang, Format: protocol.Format(c.format), Documents: documents})
		if err != nil {
			return err
		}
		results := signed.Signatures
		if c.format == string(protocol.Raw) {
			for i, s := range results {
				results[i] = []byte(base64.StdEncoding.EncodeToString(s) + "\n")
			}
		}
		return out.write(c.stdout, results)
	})
}
