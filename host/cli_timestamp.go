package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// timestampOptions are the flags of timestamp. verify has --tsa-trust, too.
type timestampOptions struct {
	signature int
	policy    string
	query     string
	response  string
	tsaTrust  string
}

func (c *commandLine) tsaFlags(fs *flag.FlagSet) { fs.StringVar(&c.tsaTrust, "tsa-trust", "", "") }

func (c *commandLine) stampableFlags(fs *flag.FlagSet) {
	fs.Var(&c.in, "in", "")
	fs.StringVar(&c.out, "out", "", "")
	fs.BoolVar(&c.force, "force", false, "")
}

func (c *commandLine) timestampQueryFlags(fs *flag.FlagSet) {
	fs.IntVar(&c.signature, "signature", 0, "")
	fs.StringVar(&c.hash, "hash", "", "")
	fs.StringVar(&c.policy, "policy", "", "")
}

func (c *commandLine) timestampAttachFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.query, "query", "", "")
	fs.StringVar(&c.response, "response", "", "")
}

// timeStampRoots takes --tsa-trust.
func (c *commandLine) timeStampRoots() (*x509.CertPool, error) {
	if c.tsaTrust == "" {
		return nil, nil
	}
	roots, err := verify.TimeStampRoots(c.tsaTrust)
	if err != nil {
		return nil, misusedFor(err, "--tsa-trust", tsaRootsText, printable.Text(c.tsaTrust))
	}
	return roots, nil
}

// timestampQuery writes what an authority is to be asked. Sending it is left to the person: this program dials
// nobody.
func (c *commandLine) timestampQuery(ctx context.Context, args []string) error {
	if err := c.checkHash(); err != nil {
		return err
	}
	request := verify.TimeStampRequest{Signature: c.signature, Hash: c.hashFunction().Crypto(), Policy: c.policy}
	return c.writeStampable(ctx, args, func(file *os.File, size int64) (output, error) {
		query, err := verify.TimeStampQuery(file, size, request)
		var which *verify.WhichSignatureError
		switch {
		case errors.As(err, &which) && which.Number == 0:
			return nil, misused("--signature", text{"署名が%d個あります。どれに付けるかを、「natsuin verify」が表示する番号で指定してください。", "must say which of the %d signatures is meant, by the number that natsuin verify shows"}, which.Signatures)
		case errors.As(err, &which):
			return nil, misused("--signature", text{"番号%dの署名はありません。「natsuin verify」が表示する番号（全部で%d個）で指定してください。", "is %d, and no signature has that number: natsuin verify shows the numbers of all %d"}, which.Number, which.Signatures)
		case errors.Is(err, verify.ErrTimeStampPolicy):
			return nil, misused("--policy", text{"オブジェクト識別子（例: 1.2.3.4）で指定してください。", "is no object identifier such as 1.2.3.4"})
		case err != nil:
			return nil, unjudged(err)
		}
		return inMemory(query), nil
	})
}

// maxTimeStamp is more than any query or answer has; verify knows the real limit.
const maxTimeStamp = 2 << 20

// timestampAttach checks what an authority answered, and writes the document with it.
func (c *commandLine) timestampAttach(ctx context.Context, args []string) error {
	var answer verify.TimeStampAnswer
	for _, given := range []struct {
		flag, path string
		into       *[]byte
	}{{"--query", c.query, &answer.Query}, {"--response", c.response, &answer.Response}} {
		if given.path == "" {
			return misused(given.flag, missingText)
		}
		var err error
		if *given.into, err = readSmall(given.path, maxTimeStamp); err != nil {
			return protocol.Fail(protocol.FileFailed, err)
		}
	}
	var err error
	if answer.Roots, err = c.timeStampRoots(); err != nil {
		return err
	}
	var stamped *verify.Stamped
	err = c.writeStampable(ctx, args, func(file *os.File, size int64) (output, error) {
		if stamped, err = verify.AttachTimeStamp(file, size, answer); err != nil {
			return nil, unjudged(err)
		}
		return func(w io.Writer) error {
			if _, err := stamped.WriteTo(w); err != nil {
				return unjudged(err)
			}
			return nil
		}, nil
	})
	if err != nil {
		return err
	}
	return c.printStamped(stamped)
}

// writeStampable writes to --out what f makes of the file --in, which must not change meanwhile.
func (c *commandLine) writeStampable(ctx context.Context, args []string, f func(file *os.File, size int64) (output, error)) error {
	switch {
	case len(args) > 0:
		return noArguments(args)
	case len(c.in) != 1:
		return misused("--in", text{"1回だけ指定してください。", "must be given once"})
	case c.out == "" || c.out == "-":
		return misused("--out", missingText)
	}
	return c.withDocument(c.in, func(file *os.File, size int64) error {
		result, err := f(file, size)
		if err != nil {
			return err
		}
		c.busy.Store(true)
		defer c.busy.Store(false)
		out, err := openOutputs([]string{c.out}, c.force)
		if err != nil {
			return err
		}
		defer out.close()
		if err := out.write(ctx, c.stdout, result); err != nil {
			return err
		}
		_ = file.Close() // --out may name it, and not every system replaces an open file
		return out.commit()
	})
}

// printStamped tells what was attached, and what was not checked of it.
func (c *commandLine) printStamped(s *verify.Stamped) error {
	if c.json {
		return c.printJSON(struct {
			Signature int              `json:"signature"`
			Written   int              `json:"written"`
			TimeStamp verify.TimeStamp `json:"timeStamp"`
		}{s.Signature, s.Written, s.TimeStamp})
	}
	fmt.Fprintf(c.stdout, stampedText.in(c.lang)+"\n", s.Signature)
	if s.Written != s.Signature {
		c.item(renumberedText, s.Written)
	}
	c.printTimeStamps([]verify.TimeStamp{s.TimeStamp})
	if s.TimeStamp.Outcome == verify.NotChecked {
		c.item(stampUncheckedText)
	}
	return nil
}

// printTimeStamps tells people when authorities saw a signature.
func (c *commandLine) printTimeStamps(stamps []verify.TimeStamp) {
	for _, s := range stamps {
		if s.Time.IsZero() {
			c.item(stampUnreadText, outcomeTexts[s.Outcome].in(c.lang), printable.Text(s.Detail))
			continue
		}
		c.item(stampText, outcomeTexts[s.Outcome].in(c.lang), c.moment(s.Time), printable.Text(s.Authority), s.Policy)
		if s.Outcome == verify.Failed {
			c.item(text{"       %s", "       %s"}, printable.Text(s.Detail))
		}
	}
}
