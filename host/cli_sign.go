package main

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
)

// signOptions are the flags of sign.
type signOptions struct {
	in       stringList
	format   string
	hash     string
	attached bool
	detached bool
	cosign   string
	xades    bool
	elements stringList
	along    stringList

	sealText    string
	sealPicture string
	sealAt      string
	sealRing    bool
}

func (c *commandLine) signFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.format, "format", "", "")
	fs.StringVar(&c.profile, "profile", "", "")
	fs.StringVar(&c.hash, "hash", "", "")
	fs.Var(&c.in, "in", "")
	fs.StringVar(&c.out, "out", "", "")
	fs.BoolVar(&c.force, "force", false, "")
	fs.BoolVar(&c.attached, "attached", false, "")
	fs.BoolVar(&c.detached, "detached", false, "")
	fs.StringVar(&c.cosign, "cosign", "", "")
	fs.BoolVar(&c.xades, "xades", false, "")
	fs.Var(&c.elements, "element", "")
	fs.Var(&c.along, "file", "")
	fs.StringVar(&c.sealText, "seal-text", "", "")
	fs.StringVar(&c.sealPicture, "seal-picture", "", "")
	fs.StringVar(&c.sealAt, "seal-at", "", "")
	fs.BoolVar(&c.sealRing, "seal-ring", false, "")
}

// sign signs files. All that can be wrong with them, and with the places of the results, is found before a PIN is
// asked for.
func (c *commandLine) sign(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	if err := c.checkSignFlags(); err != nil {
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
	var folders []string
	if len(c.in) > 1 && c.out != "" {
		folders, err = makeFolder(c.out)
		defer removeEmpty(folders)
		if err != nil {
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
		if err := out.write(ctx, c.stdout, c.results(in, signed)...); err != nil {
			return err
		}
		if err := in.unchanged(); err != nil {
			return err
		}
		in.close() // an input that is to be replaced must not be open on every system
		if err := out.commit(); err != nil {
			return err
		}
		c.announce(folders, paths)
		return nil
	})
}

// announce says which folders and files there are now. A signature on standard output shows itself.
func (c *commandLine) announce(folders, paths []string) {
	for _, folder := range folders {
		fmt.Fprintf(c.stderr, madeFolderText.in(c.lang)+"\n", printable.Text(folder))
	}
	for _, path := range paths {
		if path != "" {
			fmt.Fprintf(c.stderr, signedText.in(c.lang)+"\n", printable.Text(path))
		}
	}
}

// results are what is written for each document.
func (c *commandLine) results(in *inputs, signed *command.Signed) []output {
	var results []output
	for _, s := range signed.Signatures {
		result := s.Write
		switch {
		case c.format == string(protocol.Raw):
			result = inMemory([]byte(base64.StdEncoding.EncodeToString(s.Bytes) + "\n"))
		case c.packs():
			result = c.filing(in, result)
		}
		results = append(results, result)
	}
	return results
}

// packs reports whether the result is an archive with the signed document and its files.
func (c *commandLine) packs() bool {
	return c.format == string(protocol.XML) && strings.EqualFold(filepath.Ext(c.out), ".zip")
}

// filing is such an archive: the document that was signed under its own name, a signature apart beside it.
func (c *commandLine) filing(in *inputs, signed output) output {
	name := filepath.Base(c.in[0])
	files := in.files[1:]
	if c.profile == "detached" {
		name, files = c.outputName(name), in.files
	}
	packed := []packing{{name, signed}}
	for _, f := range files {
		packed = append(packed, packing{filepath.Base(f.path), f.copyTo})
	}
	return func(w io.Writer) error { return pack(w, packed) }
}

// hashFunction is what --hash names.
func (c *commandLine) hashFunction() protocol.Hash {
	if c.hash == "" {
		return protocol.SHA256
	}
	return protocol.Hash(strings.ToUpper(c.hash))
}

func (c *commandLine) checkHash() error {
	switch c.hashFunction() {
	case protocol.SHA256, protocol.SHA384, protocol.SHA512:
		return nil
	}
	return misused("--hash", text{"SHA-256、SHA-384、SHA-512のどれかを指定してください。", "is none of SHA-256, SHA-384 and SHA-512"})
}

// checkSignFlags refuses flags that do not go together.
func (c *commandLine) checkSignFlags() error {
	format := protocol.Format(c.format)
	inXML, inPDF := format == protocol.XML, format == protocol.PDF
	switch {
	case format != protocol.CMS && format != protocol.Raw && !inPDF && !inXML:
		return misused("--format", text{"cms、pdf、xml、rawのどれかを指定してください。", "is none of cms, pdf, xml and raw"})
	case c.profile != "" && !inPDF && !inXML:
		return misused("--profile", text{"pdfとxmlだけに使えます。", "goes with pdf and xml only"})
	case c.attached && c.detached:
		return misused("--attached", text{"--detachedとは一緒に使えません。", "and --detached exclude each other"})
	case c.attached && format != protocol.CMS:
		return misused("--attached", onlyCMSText)
	case c.detached && inXML:
		return misused("--detached", text{"cmsだけに使えます。XMLでは「--profile detached」を指定してください。", "goes with cms only: for XML it is --profile detached"})
	case c.detached && format != protocol.CMS:
		return misused("--detached", onlyCMSText)
	case c.xades && !inXML:
		return misused("--xades", onlyXMLText)
	case len(c.elements) > 0 && !inXML:
		return misused("--element", onlyXMLText)
	case len(c.along) > 0 && !inXML:
		return misused("--file", onlyXMLText)
	case len(c.along) > 0 && len(c.in) != 1:
		return misused("--file", text{"署名する文書（--in）が1つのときだけ使えます。", "goes with one --in"})
	case c.packs() && len(c.in) != 1:
		return misused("--out", text{"zipファイルにできるのは、署名する文書（--in）が1つのときだけです。", "can be a zip file for one --in"})
	case c.sealed() && !inPDF:
		return misused("--seal-at", text{"印影（--seal-…）はpdfだけに付けられます。", "and the other flags of a seal go with pdf only"})
	}
	if err := c.checkHash(); err != nil {
		return err
	}
	if inPDF || inXML {
		if err := c.checkShape(format); err != nil {
			return err
		}
	}
	return c.checkCosign()
}

var (
	onlyCMSText = text{"cmsだけに使えます。", "goes with cms only"}
	onlyXMLText = text{"xmlだけに使えます。", "goes with xml only"}
)

// checkCosign refuses what does not go with --cosign: a message that holds its document stands for it.
func (c *commandLine) checkCosign() error {
	switch {
	case c.cosign == "" && (len(c.in) == 0 || len(c.in) > protocol.MaxDocuments):
		return misused("--in", text{"1回以上%d回以内で指定してください。", "must be given 1 to %d times"}, protocol.MaxDocuments)
	case c.cosign == "":
		return nil
	case c.format != string(protocol.CMS):
		return misused("--cosign", text{"cmsだけに使えます。pdfとxmlは、署名された文書を--inで指定すれば署名が加わります。", "goes with cms only; a PDF or XML document that is signed already is given with --in"})
	case len(c.in) > 1:
		return misused("--cosign", text{"署名する文書（--in）が1つのときだけ使えます。", "goes with one --in"})
	case c.attached || c.detached:
		return misused("--cosign", text{"--attachedや--detachedとは一緒に使えません。元の署名と同じ種類になります。", "makes a message of the same kind: --attached and --detached do not go with it"})
	}
	return nil
}

// shapeTexts say what does not go with a profile, by the field that package protocol names.
var shapeTexts = map[string]struct {
	flag string
	text
}{
	"profile":  {"--profile", text{"%sのどれかを指定してください。", "is none of %s"}},
	"hash":     {"--hash", text{"プロファイル%sでは使えません。", "does not go with the profile %s"}},
	"xades":    {"--xades", text{"プロファイル%sでは使えません。", "does not go with the profile %s"}},
	"elements": {"--element", text{"プロファイル%sで署名できる数より多く指定されています。", "is given more often than the profile %s signs elements"}},
	"files":    {"--file", text{"プロファイル%sでは使えないか、多すぎます。", "does not go with the profile %s, or is given too often"}},
}

// checkShape asks whether the flags go with the profile.
func (c *commandLine) checkShape(format protocol.Format) error {
	shape, err := protocol.Shape{Profile: c.profile, Hash: c.hashFunction(), XAdES: c.xades, Elements: len(c.elements), Files: len(c.along)}.Complete(format)
	var invalid *protocol.Error
	if !errors.As(err, &invalid) {
		return err
	}
	said, names := shapeTexts[invalid.Field], listing{shape.Profile}
	if invalid.Field == "profile" {
		names = protocol.Profiles(format)
	}
	return misused(said.flag, said.text, names)
}

// signOutputs decides where each signature goes.
func (c *commandLine) signOutputs() ([]string, error) {
	switch {
	case c.out == "-":
		return nil, misused("--out", text{"ファイル名（入力が複数のときはフォルダー名）を指定してください。rawの署名は、指定しなければ標準出力に書きます。", "is a file, or a folder for several inputs; raw signatures go to standard output without it"})
	case c.out == "" && c.format != string(protocol.Raw):
		return nil, misused("--out", missingText)
	case c.out == "":
		return make([]string, len(c.in)), nil
	case len(c.in) <= 1:
		return []string{c.out}, nil
	}
	var paths []string
	seen := map[string]bool{}
	for _, in := range c.in {
		name := c.outputName(filepath.Base(in))
		if seen[name] {
			return nil, misused("--in", text{"%sが2つあり、署名が同じ名前になります。", "%s stands for two files: their signatures would have one name"}, name)
		}
		seen[name] = true
		paths = append(paths, filepath.Join(c.out, name))
	}
	return paths, nil
}

// outputName is the name of the signature, or of the signed copy, of one of several inputs.
func (c *commandLine) outputName(in string) string {
	switch c.format {
	case string(protocol.CMS):
		return in + ".p7s"
	case string(protocol.Raw):
		return in + ".sig"
	}
	return strings.TrimSuffix(in, filepath.Ext(in)) + ".signed." + c.format
}

func (c *commandLine) sealed() bool {
	return c.sealText != "" || c.sealPicture != "" || c.sealAt != "" || c.sealRing
}

// maxPicture bounds the file of a seal's picture, in bytes.
const maxPicture = 4 << 20

// seal is the mark that a PDF is to get, nil for none.
func (c *commandLine) seal() (*command.Seal, error) {
	if !c.sealed() {
		return nil, nil
	}
	s := &command.Seal{Ring: c.sealRing, Text: c.sealText}
	switch {
	case c.sealAt == "":
		return nil, misused("--seal-at", missingText)
	case c.sealText != "" && c.sealPicture != "":
		return nil, misused("--seal-text", text{"--seal-pictureとは一緒に使えません。", "and --seal-picture exclude each other"})
	case c.sealText == "" && c.sealPicture == "":
		return nil, misused("--seal-text", text{"印影の文字か画像（--seal-picture）を指定してください。", "or --seal-picture is missing"})
	}
	numbers := strings.Split(c.sealAt, ",")
	fields := []*int{&s.Page, &s.X, &s.Y, &s.Size}
	if len(numbers) != len(fields) {
		return nil, misused("--seal-at", sealAtText)
	}
	for i, number := range numbers {
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil {
			return nil, misused("--seal-at", sealAtText)
		}
		*fields[i] = n
	}
	if c.sealPicture == "" {
		return s, nil
	}
	var err error
	if s.Picture, err = readSmall(c.sealPicture, maxPicture); err != nil {
		return nil, protocol.Fail(protocol.FileFailed, err)
	}
	return s, nil
}

var sealAtText = text{"ページ,左から,下から,大きさ の4つの整数をコンマで区切ってください（例: 1,400,700,60。長さは1/72インチ単位）。",
	"is four whole numbers: PAGE,X,Y,SIZE, such as 1,400,700,60, in 1/72 inch from the lower left corner"}
