package main

import (
	"context"
	"fmt"
	"time"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

func (c *commandLine) status(ctx context.Context, args []string) error {
	return c.showStatus(ctx, args, c.describeReader)
}

func (c *commandLine) pinStatus(ctx context.Context, args []string) error {
	return c.showStatus(ctx, args, func(r protocol.ReaderStatus) {
		if c.describePresence(r) {
			c.describePINs(r)
		}
	})
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

// item prints one line about a card.
func (c *commandLine) item(t text, args ...any) {
	fmt.Fprintf(c.stdout, "  "+t.in(c.lang)+"\n", args...)
}

func (c *commandLine) describeReader(r protocol.ReaderStatus) {
	if !c.describePresence(r) {
		return
	}
	c.item(tokenTexts[r.Token])
	c.describePINs(r)
	switch {
	case r.Token == "juki-card":
		c.item(jukiCardText)
		return
	case onPhone(r.Token):
		c.describeAuthentication(r)
	default:
		c.describeAuthentication(r)
		c.item(signatureTexts[r.Signature.Present])
	}
	c.item(notRevokedText)
}

// describePresence names the reader, and what is missing there. It reports whether a card could be asked.
func (c *commandLine) describePresence(r protocol.ReaderStatus) bool {
	fmt.Fprintf(c.stdout, "%s: %s\n", readerText.in(c.lang), printable.Text(r.Name))
	switch {
	case r.Error != nil:
		c.item(errorTexts[r.Error.Code].message)
	case !r.Card:
		c.item(errorTexts[protocol.NoCard].message)
	}
	return r.Error == nil && r.Card
}

var (
	validUntilText = text{"利用者証明用電子証明書の有効期限: %s", "Authentication certificate valid until: %s"}
	issuerText     = text{"発行者: %s", "Issuer: %s"}

	noAuthenticationText  = text{"利用者証明用電子証明書は入っていません。「natsuin explain getting-them」をご覧ください。", "There is no authentication certificate; see natsuin explain getting-them."}
	behindPINText         = text{"利用者証明用電子証明書の内容と有効期限は、暗証番号を入力すると分かります（natsuin cert auth --text）。", "What the authentication certificate contains, and until when it is valid, its PIN shows (natsuin cert auth --text)."}
	badAuthenticationText = text{"利用者証明用電子証明書を読み取れませんでした。壊れているかもしれません。カードを持って、お住まいの市区町村の窓口で調べてもらってください（「natsuin explain desks」）。", "The authentication certificate could not be read: it may be damaged. Have the card looked at by your municipality (natsuin explain desks)."}
	noSignatureText       = text{"署名用電子証明書は入っていないようです。「natsuin explain signature-missing」をご覧ください。", "There seems to be no signature certificate; see natsuin explain signature-missing."}
	signatureText         = text{"署名用電子証明書: 入っています。有効期限は、暗証番号を入力すると分かります（natsuin cert sign --text）。", "Signature certificate: there is one. Its PIN shows until when it is valid (natsuin cert sign --text)."}
	doubtfulSignatureText = text{"署名用電子証明書: 入っているかどうかと有効期限は、暗証番号を入力すると分かります（natsuin cert sign --text）。", "Signature certificate: whether there is one, and until when it is valid, its PIN shows (natsuin cert sign --text)."}
)

// signatureTexts say what the card hints of its signature certificate.
var signatureTexts = map[string]text{"yes": signatureText, "no": noSignatureText, "unknown": doubtfulSignatureText}

func (c *commandLine) describeAuthentication(r protocol.ReaderStatus) {
	a := r.Authentication
	switch {
	case a.NotAfter != nil:
		c.item(validUntilText, c.moment(*a.NotAfter))
		c.item(text{"%s", "%s"}, c.standingText(*a.Standing, r.Token))
		c.item(issuerText, issuerTexts[a.Issuer].in(c.lang))
	case a.Present == "no":
		c.item(noAuthenticationText)
	case r.Token == "card" || r.Token == "juki-card":
		c.item(badAuthenticationText)
	default:
		c.item(behindPINText)
	}
}

// standingTexts say where a certificate on a card stands in time, phoneStandingTexts one on a smartphone, for
// which the card's rules of renewal do not hold. Verbs take the days left and the day on which renewal opens.
var (
	standingTexts = map[string]text{
		rules.Valid:       {"有効期限は%[1]sです。%[2]sから更新できます。", "Its validity lasts %[1]s. It can be renewed from %[2]s."},
		rules.ExpiresSoon: {"まもなく有効期限が切れます（%[1]s）。お住まいの市区町村の窓口で、もう更新できます。「natsuin explain renewal」もご覧ください。", "It expires soon: its validity lasts %[1]s. It can be renewed now at your municipality; see natsuin explain renewal."},
		rules.Expired:     {"有効期限が切れています。市区町村の窓口で、新しい電子証明書の発行を申請してください。「natsuin explain expired」もご覧ください。", "It has expired. Apply for a new one at your municipality; see natsuin explain expired."},
		rules.NotYetValid: {"有効期間がまだ始まっていません。パソコンの日付と時刻を確かめてください。", "It is not valid yet: look at the date and time of this computer."},
	}
	phoneStandingTexts = map[string]text{
		rules.Valid:       {"有効期限は%[1]sです。", "Its validity lasts %[1]s."},
		rules.ExpiresSoon: {"まもなく有効期限が切れます（%[1]s）。", "It expires soon: its validity lasts %[1]s."},
		rules.Expired:     {"有効期限が切れています。", "It has expired."},
		rules.NotYetValid: standingTexts[rules.NotYetValid],
	}
)

var (
	lastDayText  = text{"今日まで", "until the end of today"}
	oneDayText   = text{"あと1日", "for one more day"}
	daysLeftText = text{"あと%d日", "for %d more days"}
	dateText     = text{"%d年%d月%d日", "%04d-%02d-%02d"}
)

// standingText says where the certificate stands on a token.
func (c *commandLine) standingText(s rules.Standing, token string) string {
	sentence := standingTexts[s.State]
	if onPhone(token) {
		sentence = phoneStandingTexts[s.State]
	}
	if s.State != rules.Valid && s.State != rules.ExpiresSoon {
		return sentence.in(c.lang)
	}
	left := fmt.Sprintf(daysLeftText.in(c.lang), s.DaysLeft)
	switch s.DaysLeft {
	case 0:
		left = lastDayText.in(c.lang)
	case 1:
		left = oneDayText.in(c.lang)
	}
	return fmt.Sprintf(sentence.in(c.lang), left, c.day(s.RenewalOpens))
}

// day writes a day as people do.
func (c *commandLine) day(d rules.Date) string {
	return fmt.Sprintf(dateText.in(c.lang), d.Year, int(d.Month), d.Day)
}

// moment writes a moment in Japan.
func (c *commandLine) moment(t time.Time) string { return t.In(japan).Format(momentText.in(c.lang)) }

// describePINs tells the tries left of each PIN, and how to get out of those that are blocked.
func (c *commandLine) describePINs(r protocol.ReaderStatus) {
	var blocked []protocol.PINName
	pin := func(name protocol.PINName, title text, p protocol.PINStatus) {
		c.printTries(title, p)
		if p.TriesLeft == 0 {
			blocked = append(blocked, name)
		}
	}
	pin(protocol.AuthenticationPIN, authenticationPINText, r.Authentication.PINStatus)
	pin(protocol.SignaturePIN, signaturePINText, r.Signature.PINStatus)
	if r.CardSurface != nil {
		pin(protocol.CardSurfacePIN, cardSurfacePINText, *r.CardSurface)
	}
	switch {
	case onPhone(r.Token):
		c.item(phoneText)
	case len(blocked) == 0 || r.Token == "juki-card":
	case len(blocked) == 1:
		c.item(blockedTexts[blocked[0]])
	default:
		c.item(counterOnlyText)
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
