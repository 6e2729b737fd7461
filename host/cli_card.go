package main

import (
	"context"
	"encoding/pem"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

func (c *commandLine) cert(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return misused("certificate", text{"auth、sign、auth-ca、sign-caのどれか1つを指定してください。", "is one of auth, sign, auth-ca and sign-ca"})
	}
	if err := c.noPad(args[0]); err != nil {
		return err
	}
	if c.text {
		return c.certText(ctx, args[0])
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
		if err := out.write(ctx, c.stdout, inMemory(certificate)); err != nil {
			return err
		}
		return out.commit()
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
