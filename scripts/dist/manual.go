package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// manualPages are natsuin(1), in English and in Japanese, made of what `natsuin help` says.
func (d *dist) manualPages() (files []packaged, err error) {
	for lang, folder := range map[string]string{"en": "usr/share/man/man1", "ja": "usr/share/man/ja/man1"} {
		page, err := d.manualPage(lang)
		if err != nil {
			return nil, err
		}
		content, err := compressed(page)
		if err != nil {
			return nil, err
		}
		files = append(files, packaged{member{folder + "/natsuin.1.gz", 0o644, content}, ""})
	}
	return files, nil
}

// headings of the manual page in each language.
var headings = map[string][]string{
	"en": {"NAME", "DESCRIPTION", "COMMANDS"},
	"ja": {"名前", "説明", "コマンド"},
}

func (d *dist) manualPage(lang string) ([]byte, error) {
	overview, err := d.help(lang)
	if err != nil {
		return nil, err
	}
	title, rest, _ := strings.Cut(overview, "\n")
	_, about, ok := strings.Cut(title, " - ")
	commands := commandsIn(rest)
	if !ok || len(commands) == 0 {
		return nil, fmt.Errorf("natsuin help --lang %s does not begin as expected: %q", lang, title)
	}
	var b bytes.Buffer
	h := headings[lang]
	fmt.Fprintf(&b, ".TH NATSUIN 1 %s \"natsuin %s\"\n.ad l\n.SH %s\nnatsuin \\- %s\n.SH %s\n", d.epoch.Format("2006-01-02"), d.number, h[0], roff(about), h[1])
	b.WriteString(roffText(rest))
	fmt.Fprintf(&b, ".SH %s\n", h[2])
	for _, command := range commands {
		usage, err := d.help(lang, command)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, ".SS %s\n%s", command, roffText(usage))
	}
	return b.Bytes(), nil
}

func (d *dist) help(lang string, command ...string) (string, error) {
	program, err := d.nativeProgram()
	if err != nil {
		return "", err
	}
	out, err := d.output(d.work, nil, program, slices.Concat([]string{"help"}, command, []string{"--lang", lang})...)
	return string(out), err
}

var commandLine = regexp.MustCompile(`(?m)^  natsuin ([a-z-]+)`)

// commandsIn returns the first words of the commands in an overview, each once.
func commandsIn(overview string) (commands []string) {
	for _, m := range commandLine.FindAllStringSubmatch(overview, -1) {
		if !slices.Contains(commands, m[1]) {
			commands = append(commands, m[1])
		}
	}
	return commands
}

// roffText sets paragraphs and lists for troff.
func roffText(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		switch term, explained, ok := strings.Cut(strings.TrimPrefix(line, "  "), "  "); {
		case line == "":
			b.WriteString(".PP\n")
		case strings.HasPrefix(line, "  ") && ok:
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(term), roff(strings.TrimSpace(explained)))
		default:
			fmt.Fprintf(&b, "%s\n.br\n", roff(strings.TrimSpace(line)))
		}
	}
	return b.String()
}

// roff escapes what troff would take for its own.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`).Replace(text)
	if strings.HasPrefix(text, ".") {
		return `\&` + text
	}
	return text
}
