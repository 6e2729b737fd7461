package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// explainOptions are the flags of explain. The dates stay text until the command reads them, so that
// an error names the flag.
type explainOptions struct {
	birth, issued, applied, stayUntil string
	foreign                           bool
	desks                             string
}

// Two topics are more than a text.
const (
	topicValidity = "validity" // with dates: reckoned
	topicDesks    = "desks"    // the directory of help desks
)

var (
	deskListText    = text{"相談窓口の一覧", "list of help desks"}
	matchesText     = text{"次の項目が見つかりました。「natsuin explain 項目」で読めます。", "These topics match. Read one with natsuin explain TOPIC."}
	seeText         = text{"関連する項目:", "See also:"}
	lastsText       = text{"%d年%d月%d日まで", "to %04d-%02d-%02d"}
	neverText       = text{"発行されません", "not issued"}
	pastText        = text{"（過ぎています）", " (past)"}
	if20Text        = text{"%s（2022年3月31日までに申請したカードの場合は%s。申請した日は--appliedで指定できます）", "%s (if it was applied for up to 31 March 2022: %s; --applied takes the day)"}
	byResidenceText = text{"在留資格と在留期間によって決まります（--stay-untilで在留期間の満了日を指定できます）", "depends on the status of residence and the period of stay (--stay-until takes its end)"}
	cardEndText     = text{"マイナンバーカード", "My Number Card"}
	authEndText     = text{"利用者証明用電子証明書", "Authentication certificate"}
	signEndText     = text{"署名用電子証明書", "Signature certificate"}
	reckonedText    = text{"カードと同時に発行された電子証明書について、日付から計算したものです。署名用電子証明書は、住所や氏名などが変わるとそのときに失効します。",
		"Reckoned from the dates, for certificates issued together with the card. A change of address or name, for example, revokes the signature certificate at once."}
	renewedText = text{"有効期限までの3か月の間に更新した電子証明書は、6回目の誕生日まで使えます（カードの有効期限まで）。",
		"A certificate renewed in the three months before its end lasts to the 6th birthday, but not beyond the card."}
)

func (c *commandLine) explainFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.birth, "birth", "", "")
	fs.StringVar(&c.issued, "issued", "", "")
	fs.StringVar(&c.applied, "applied", "", "")
	fs.BoolVar(&c.foreign, "foreign", false, "")
	fs.StringVar(&c.stayUntil, "stay-until", "", "")
	fs.StringVar(&c.desks, "desks", "", "")
}

// explain tells the rules. The words of a topic may stand as several arguments.
func (c *commandLine) explain(_ context.Context, args []string) error {
	topic := strings.Join(args, " ")
	reckon := c.birth != "" || c.issued != "" || c.applied != "" || c.stayUntil != "" || c.foreign
	switch {
	case reckon && topic != "" && topic != topicValidity:
		return misused("TOPIC", text{"日付は%sだけに使えます。", "does not go with dates: they are for %s"}, topicValidity)
	case c.desks != "" && topic != topicDesks:
		return misused("--desks", text{"%sだけに使えます。", "goes with %s only"}, topicDesks)
	case reckon:
		return c.explainValidity()
	case topic == topicDesks:
		return c.explainDesks()
	case len(args) == 0:
		return c.listTopics(rules.Topics())
	}
	return c.explainTopic(topic)
}

// listTopics prints what there is to read.
func (c *commandLine) listTopics(topics []rules.Topic) error {
	if c.json {
		type name struct {
			ID    string     `json:"id"`
			Title rules.Text `json:"title"`
		}
		names := []name{}
		for _, t := range topics {
			names = append(names, name{t.ID, t.Title})
		}
		return c.printJSON(map[string]any{"topics": names})
	}
	c.printTopics(topics)
	fmt.Fprintf(c.stdout, topicLine, topicDesks, deskListText.in(c.lang))
	return nil
}

// topicLine has room for the longest id.
const topicLine = "  %-26s %s\n"

func (c *commandLine) printTopics(topics []rules.Topic) {
	for _, t := range topics {
		fmt.Fprintf(c.stdout, topicLine, t.ID, t.Title.In(c.lang))
	}
}

// explainTopic prints one topic, or names those among which to choose.
func (c *commandLine) explainTopic(words string) error {
	if utf8.RuneCountInString(words) > maxWords {
		return misused("TOPIC", text{"%d文字以内で指定してください。", "is longer than %d characters"}, maxWords)
	}
	topics, desks := rules.Find(words), c.findDesks(words)
	if len(topics) == 0 && len(desks) == 0 {
		near := rules.Near(words)
		if len(near) != 1 {
			return c.unexplained(words, near)
		}
		topics = near
	}
	if len(topics) == 1 && topics[0].ID == strings.ToLower(words) {
		desks = nil // the topic was named
	}
	if c.json {
		return c.printJSON(struct {
			Topics []rules.Topic `json:"topics"`
			Desks  []rules.Desk  `json:"desks,omitempty"`
		}{topics, desks})
	}
	if len(topics) == 1 {
		c.printTopic(topics[0])
	} else if len(topics) > 1 {
		fmt.Fprintln(c.stdout, matchesText.in(c.lang))
		c.printTopics(topics)
	}
	if len(topics) > 0 && len(desks) > 0 {
		fmt.Fprintln(c.stdout)
	}
	c.printDesks(desks)
	return nil
}

// maxWords is how many characters may be searched for.
const maxWords = 200

// findDesks searches the help desks. Of files that cannot be read explain desks tells: a search goes on with
// the built-in ones.
func (c *commandLine) findDesks(words string) []rules.Desk {
	desks, err := loadDesks(c.settled.HelpDesks)
	if err != nil {
		desks = rules.Desks()
	}
	return rules.FindDesks(desks, words)
}

func (c *commandLine) printDesks(desks []rules.Desk) {
	for _, d := range desks {
		fmt.Fprintf(c.stdout, "%s  %s  %s\n", d.Municipality.In(c.lang), d.Office.In(c.lang), d.Telephone)
	}
}

func (c *commandLine) printTopic(t rules.Topic) {
	fmt.Fprintln(c.stdout, t.Title.In(c.lang))
	for _, paragraph := range t.Text.In(c.lang) {
		fmt.Fprintf(c.stdout, "\n%s\n", paragraph)
	}
	if len(t.See) > 0 {
		fmt.Fprintf(c.stdout, "\n%s %s\n", seeText.in(c.lang), listing(t.See).in(c.lang))
	}
}

// unexplained is the error for words that no topic has; it names what is near.
func (c *commandLine) unexplained(words string, nearest []rules.Topic) error {
	var near []string
	for _, t := range nearest {
		near = append(near, fmt.Sprintf("%s (%s)", t.ID, t.Title.In(c.lang)))
	}
	if len(near) == 0 {
		return misused("TOPIC", text{"「%s」の説明は見つかりません。「natsuin explain」で一覧を表示します。", "%q is not explained; natsuin explain lists what is"}, words)
	}
	return misused("TOPIC", text{"「%s」の説明は見つかりません。近い項目: %s", "%q is not explained. Topics with similar names: %s"}, words, listing(near))
}

// explainValidity answers until when card and certificates last.
func (c *commandLine) explainValidity() error {
	holder, err := c.holder()
	if err != nil {
		return err
	}
	v, err := validity(holder)
	var wrong *protocol.Error
	if errors.As(err, &wrong) {
		return protocol.Invalid(holderFlags[wrong.Field], "%w", errors.Unwrap(wrong))
	}
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(v)
	}
	var see []string
	for _, row := range []struct {
		name text
		end  rules.End
	}{{cardEndText, v.Card}, {authEndText, v.Authentication}, {signEndText, v.Signature}} {
		fmt.Fprintf(c.stdout, "%s: %s\n", row.name.in(c.lang), c.end(row.end))
		if len(see) == 0 || see[len(see)-1] != row.end.Topic {
			see = append(see, row.end.Topic)
		}
	}
	note := reckonedText.in(c.lang)
	if !holder.Foreign { // whose stay and status decide
		note += spaceText.in(c.lang) + renewedText.in(c.lang)
	}
	fmt.Fprintf(c.stdout, "\n%s\n\n%s %s\n", note, seeText.in(c.lang), listing(see).in(c.lang))
	return nil
}

// holderFlags are the flags for the fields that a rules.FieldError names.
var holderFlags = map[string]string{"birth": "--birth", "issued": "--issued", "applied": "--applied", "stayUntil": "--stay-until"}

// holder reads the dates.
func (c *commandLine) holder() (rules.Holder, error) {
	h := rules.Holder{Foreign: c.foreign}
	for _, d := range []struct {
		field, value string
		into         *rules.Date
	}{{"birth", c.birth, &h.Birth}, {"issued", c.issued, &h.Issued}, {"applied", c.applied, &h.Applied}, {"stayUntil", c.stayUntil, &h.StayUntil}} {
		if d.value == "" {
			continue
		}
		date, err := rules.ParseDate(d.value)
		if err != nil {
			return h, protocol.Invalid(holderFlags[d.field], "%w", err)
		}
		*d.into = date
	}
	return h, nil
}

func (c *commandLine) end(e rules.End) string {
	switch {
	case e.Never:
		return neverText.in(c.lang)
	case e.ByResidence:
		return byResidenceText.in(c.lang)
	}
	if e.UntilIf20.IsZero() {
		return c.lasts(e.Until)
	}
	return fmt.Sprintf(if20Text.in(c.lang), c.lasts(e.Until), c.lasts(e.UntilIf20))
}

// lasts writes a last day, and says when it is over.
func (c *commandLine) lasts(until rules.Date) string {
	said := fmt.Sprintf(lastsText.in(c.lang), until.Year, until.Month, until.Day)
	if until.Before(rules.DateIn(time.Now())) {
		said += pastText.in(c.lang)
	}
	return said
}

// explainDesks lists the help desks: the built-in ones, and those of the files.
func (c *commandLine) explainDesks() error {
	named := []string{c.settled.HelpDesks}
	if c.desks != "" {
		if _, err := os.Stat(c.desks); err != nil { // a file that was named must be there
			return protocol.Fail(protocol.FileFailed, err)
		}
		named = append(named, c.desks)
	}
	desks, err := loadDesks(named...)
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(protocol.DeskList{Desks: desks})
	}
	c.printDesks(desks)
	return nil
}

// deskFiles are the places where an administrator and the person add help desks. On Windows only the
// person's: anybody may create a folder at the root of a drive there.
func deskFiles() []string {
	var files []string
	if runtime.GOOS != "windows" {
		files = append(files, "/etc/natsuin/desks.json")
	}
	if dir, err := os.UserConfigDir(); err == nil {
		files = append(files, filepath.Join(dir, "natsuin", "desks.json"))
	}
	return files
}
