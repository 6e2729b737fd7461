package main

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

func (c *commandLine) status(ctx context.Context, args []string) error {
	return c.showStatus(ctx, args, c.describeReader)
}

func (c *commandLine) pinStatus(ctx context.Context, args []string) error {
	return c.showStatus(ctx, args, c.describeTries)
}

// showStatus prints every reader with describe. It fails where no card can be asked: scripts then see
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
		if err := usable(status); err != nil {
			return err
		}
		if c.json {
			return c.printJSON(status)
		}
		for _, r := range status.Readers {
			describe(r)
		}
		return nil
	})
}

// usable returns nil when some reader holds a card that answered, and otherwise the nearest miss.
func usable(s *protocol.CardStatus) error {
	miss := protocol.Fail(protocol.NoCard, nil)
	for _, r := range s.Readers {
		if r.Card && r.Error == nil {
			return nil
		}
		if r.Error != nil {
			miss = r.Error
		}
	}
	return miss
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
		fmt.Fprintf(c.stdout, "  %s: %s\n", validUntilText.in(c.lang), a.NotAfter.In(japan).Format("2006-01-02 15:04:05 -07:00"))
		fmt.Fprintf(c.stdout, "  %s: %s\n", issuerText.in(c.lang), issuerTexts[a.Issuer].in(c.lang))
	}
}

func (c *commandLine) describeTries(r protocol.ReaderStatus) {
	if r.Authentication == nil || r.Signature == nil {
		return
	}
	fmt.Fprintf(c.stdout, "  %s: %s\n", authenticationPINText.in(c.lang), c.triesText(r.Authentication))
	fmt.Fprintf(c.stdout, "  %s: %s\n", signaturePINText.in(c.lang), c.triesText(r.Signature))
}

func (c *commandLine) triesText(p *protocol.PINStatus) string {
	if p.TriesLeft == 0 {
		return blockedText.in(c.lang)
	}
	return fmt.Sprintf(triesOfText.in(c.lang), p.TriesLeft, p.MaxTries)
}

func (c *commandLine) cert(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return protocol.Invalid("certificate", "is missing: auth, sign, auth-ca or sign-ca")
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
