package main

import (
	"context"
	"fmt"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
)

var (
	serialText   = text{"シリアル番号: %s", "Serial number: %s"}
	validityText = text{"有効期間: %sから%sまで", "Validity: from %s to %s"}
	oneFormText  = text{"--der、--outとは一緒に使えません。", "does not go with --der and --out"}
	noTextText   = text{"authとsignだけに使えます。", "goes with auth and sign only"}
)

// readable are the certificates of which --text tells.
var readable = map[string]protocol.PINName{"auth": protocol.AuthenticationPIN, "sign": protocol.SignaturePIN}

// notChecked is what every JSON about a certificate says besides.
type notChecked struct {
	Revocation string `json:"revocation,omitempty"`
}

// certText prints what stands in a certificate, for people.
func (c *commandLine) certText(ctx context.Context, name string) error {
	switch {
	case readable[name] == "":
		return misused("--text", noTextText)
	case c.der || c.out != "":
		return misused("--text", oneFormText)
	}
	return c.withCard(func(e command.Environment) error {
		details, err := command.ReadCertificate(ctx, e, c.lang, readable[name])
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(struct {
				*protocol.CertificateDetails
				notChecked
			}{details, notChecked{"not-checked"}})
		}
		fmt.Fprintln(c.stdout, certificateTexts[details.Slot].in(c.lang))
		c.printDetails(details)
		if details.Attributes != nil {
			c.printAttributes(*details.Attributes, "  ")
		}
		return nil
	})
}

var certificateTexts = map[protocol.PINName]text{protocol.AuthenticationPIN: authEndText, protocol.SignaturePIN: signEndText}

// printDetails prints until when a certificate is valid, and what is not known of it.
func (c *commandLine) printDetails(d *protocol.CertificateDetails) {
	c.item(issuerText, issuerTexts[d.Issuer].in(c.lang))
	c.item(serialText, d.Serial)
	c.item(validityText, c.moment(d.NotBefore), c.moment(d.NotAfter))
	c.item(text{"%s", "%s"}, c.standingText(d.Standing, d.Token))
	c.item(notRevokedText)
}
