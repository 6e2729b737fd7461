package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"io"
	"os"

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
		return out.write(c.stdout, []io.WriterTo{bytes.NewReader(certificate)})
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
	in := &inputs{}
	defer in.close()
	documents, err := c.readDocuments(in)
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
		signed, err := command.Sign(ctx, e, command.SignRequest{Lang: c.lang, Documents: documents})
		if err != nil {
			return err
		}
		results := make([]io.WriterTo, len(signed.Signatures))
		for i, s := range signed.Signatures {
			results[i] = s
			if c.format == string(protocol.Raw) {
				results[i] = bytes.NewBufferString(base64.StdEncoding.EncodeToString(s.Bytes) + "\n")
			}
		}
		return out.write(c.stdout, results)
	})
}
