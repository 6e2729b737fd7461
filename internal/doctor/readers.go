package doctor

import (
	"slices"
	"strings"
)

// A use is what a reader, or what PC/SC takes for one, is good for.
type use int

const (
	unknownUse  use = iota
	contactless     // a card is laid on it
	contact         // a card is put into it
	simulated       // a reader in software: for tests
	securityKey     // a key with a card of its own, which no other card goes into
	simSlot         // a slot for a phone's SIM or a SAM
	virtual         // a card of the operating system's own
)

// kinds finds a reader's use by a part of its name, in small letters, with blanks around. The first match wins. The names
// are those of libccid's list of readers (Info.plist), and Windows' own.
var kinds = []struct {
	part string
	use  use
}{
	{"virtual pcd", simulated}, {"natsuin", simulated},
	{"windows hello", virtual}, {"virtual smart card", virtual},
	{"yubi", securityKey}, {"nitrokey", securityKey}, {"gnuk", securityKey}, {"ledger", securityKey}, {"solokey", securityKey},
	{" uicc", simSlot}, {" sim ", simSlot}, {"modem", simSlot}, {"gobi", simSlot}, {" sam]", simSlot}, {" sam ", simSlot},
	{"pasori", contactless}, {"felica", contactless}, {"rc-s300", contactless}, {"rc-s380", contactless},
	{"usb-nfc", contactless}, {"acr122", contactless}, {"acr125", contactless}, {"picc", contactless}, {"contactless", contactless},
	{"acr38", contact}, {"acr39", contact}, {"scr33", contact}, {"usb-iccrw", contact}, {"icc reader", contact},
	{"alcor micro au95", contact}, {"gemalto pc twin", contact},
}

var useTexts = map[use]Text{
	unknownUse:  say("種類は分かりません", "of an unknown kind"),
	contactless: say("非接触型：カードを置いて使います", "contactless: a card is laid on it"),
	contact:     say("接触型：カードを差し込んで使います", "contact: a card is put into it"),
	simulated:   say("試験用の模擬カードリーダー", "a simulated reader, for tests"),
	securityKey: say("セキュリティキー：マイナンバーカードは読めません", "a security key: it cannot read a My Number Card"),
	simSlot:     say("SIMなどのスロット：マイナンバーカードは読めません", "a slot for a SIM or SAM: it cannot read a My Number Card"),
	virtual:     say("OSの仮想カード：マイナンバーカードは読めません", "a virtual card of the operating system: it cannot read a My Number Card"),
}

func useOf(reader string) use {
	name := " " + strings.ToLower(reader) + " "
	for _, k := range kinds {
		if strings.Contains(name, k.part) {
			return k.use
		}
	}
	return unknownUse
}

// takesCards says whether a My Number Card can be read with it, as far as known.
func (u use) takesCards() bool { return u != securityKey && u != simSlot && u != virtual }

// checkReaders lists what the service takes for readers.
func checkReaders(s System) []Check {
	all := Check{ID: "readers", Verdict: OK, Title: say("カードリーダー", "Card readers")}
	switch {
	case s.Service != nil:
		all.Verdict = Unknown
		all.Evidence = say("サービスが応答しないので分かりません", "cannot be told while the service does not answer")
		return []Check{all}
	case len(s.Readers) == 0:
		all.Verdict, all.Cause = Failure, "no-reader"
		all.Evidence = say("サービスは動いていますが、カードリーダーが1台もありません", "the service runs, but knows no reader")
		all.Remedy = say("カードリーダーをつないでください。つないであれば、別のUSBポートを試し、ドライバー（多くはlibccid）を確かめてください。",
			"Connect a card reader. If one is connected, try another USB port and look at its driver (for most: libccid).")
		return []Check{all}
	}
	var each []Check
	suitable := 0
	for _, r := range s.Readers {
		u := useOf(r.Name)
		c := Check{ID: "reader", Verdict: OK, Reader: r.Name, Title: say("カードリーダー「%s」", "Reader “%s”", deviceName(r.Name)), Evidence: useTexts[u]}
		if r.PINPad {
			c.Evidence = say("%s（暗証番号の入力キー付き）", "%s, with keys for a PIN", useTexts[u])
		}
		if u.takesCards() {
			suitable++
		}
		if !u.takesCards() || u == unknownUse {
			c.Verdict = Info
		}
		each = append(each, c)
	}
	all.Evidence = say("%[1]d台（うちマイナンバーカード用%[2]d台）", "%[1]d, of which %[2]d can take a My Number Card", len(s.Readers), suitable)
	if suitable == 0 {
		all.Verdict, all.Cause = Failure, "no-card-reader"
		all.Remedy = say("マイナンバーカードに対応したカードリーダーをつないでください。", "Connect a reader that takes My Number Cards.")
	}
	return append([]Check{all}, each...)
}

// suitable says whether a reader is known that can take a card.
func (s System) suitable() bool {
	return slices.ContainsFunc(s.Readers, func(r Reader) bool { return useOf(r.Name).takesCards() })
}
