package doctor

import (
	"errors"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/rules"
	"github.com/natsuin/natsuin/internal/settings"
)

// checkSettings says what an administrator has settled for the program, and all of it that does not hold. Without a file
// there is nothing to say.
func checkSettings(s System) (checks []Check) {
	f := s.Settings
	if !f.There {
		return nil
	}
	title := say("管理者の設定", "Administrator's settings")
	warn := func(cause string, evidence Text) {
		checks = append(checks, Check{ID: "settings", Verdict: Warning, Cause: cause, Title: title, Evidence: evidence,
			Remedy: say("管理者に、このファイルを直すよう頼んでください（docs/administrators.ja.md）。", "Ask the administrator to put this file right (docs/administrators.md).")})
	}
	for _, p := range f.Problems {
		warn(problemOf(p, f.Path))
	}
	if _, err := certificate.LoadDir(s.at(f.Trust)); f.Trust != "" && err != nil {
		warn("trust-unusable", say("%[1]sのtrustが指す%[2]sに、読み取れるルート証明書がありません。署名の検証ができません", "trust in %[1]s names %[2]s, which holds no roots that can be read: nothing can be verified",
			filePath(f.Path), filePath(f.Trust)))
	}
	if _, err := rules.LoadDesks(s.at(f.HelpDesks)); f.HelpDesks != "" && err != nil {
		warn("help-desks-unusable", say("%[1]sのhelpDesksが指す%[2]sを、相談窓口の一覧として読み取れません。相談窓口を表示できません", "helpDesks in %[1]s names %[2]s, which is no list of help desks that can be read: none are shown",
			filePath(f.Path), filePath(f.HelpDesks)))
	}
	if checks == nil {
		checks = []Check{{ID: "settings", Verdict: Info, Title: title, Evidence: say("%[1]s（%[2]s）", "%[1]s (%[2]s)", filePath(f.Path), settled(f.Settings))}}
	}
	return checks
}

// WhyVoid says why nothing of a settings file holds, which is Void.
func WhyVoid(f settings.File) Text {
	_, evidence := problemOf(f.Problems[0], f.Path)
	return evidence
}

// settled names the keys for which something was settled.
func settled(s settings.Settings) (keys names) {
	for _, k := range []struct {
		name string
		set  bool
	}{{"extensionIds", len(s.ExtensionIDs) > 0}, {"trust", s.Trust != ""}, {"helpDesks", s.HelpDesks != ""}, {"prompt", s.Prompt != settings.Any}} {
		if k.set {
			keys = append(keys, k.name)
		}
	}
	return keys
}

// problemOf tells why the settings in a file, or what they name, do not hold, and what holds in their place.
func problemOf(p settings.Problem, file string) (cause string, evidence Text) {
	switch {
	case p.Cause == settings.Writable:
		return "writable", say("%sを管理者以外も書きかえられるため、その設定を使いません", "others than administrators can change %s: what it says is not used", filePath(p.Path))
	case p.Cause == settings.NotSettings:
		return "not-settings", say("%[1]sを設定として読み取れません（%[2]s）。暗証番号を拡張機能のウィンドウで入力できません", "%[1]s cannot be read as settings (%[2]s): the extension's window takes no PIN",
			filePath(p.Path), faultText(p.Err))
	case p.Path == file: // it may have said so
		return "unreadable", say("%[1]sを読めません（%[2]v）。その設定を使わず、暗証番号を拡張機能のウィンドウで入力できません", "%[1]s cannot be read (%[2]v): it is not used, and the extension's window takes no PIN",
			filePath(p.Path), plain(p.Err))
	}
	return "unreadable", say("%[1]sを読めません（%[2]v）。その設定を使いません", "%[1]s cannot be read (%[2]v): it is not used", filePath(p.Path), plain(p.Err))
}

// faultTexts say what is wrong with a text that is no settings. The verb of those about a key is the key.
var faultTexts = map[settings.Rule]struct{ ja, en string }{
	settings.TooLong:    {"%d KiBを超えています", "it is longer than %d KiB"},
	settings.NotUTF8:    {"文字コードがUTF-8ではありません", "it is not UTF-8"},
	settings.Empty:      {"何も書かれていません", "nothing stands in it"},
	settings.NotJSON:    {"JSONとして正しくありません（%d行目）", "it is not JSON (line %d)"},
	settings.NotObject:  {"{ } で囲まれたオブジェクトではありません", "it is not an object, in braces"},
	settings.Several:    {"オブジェクトの後に、余分なものがあります", "there is more behind the object"},
	settings.UnknownKey: {"「%s」という項目はありません", "there is no setting “%s”"},
	settings.Twice:      {"「%s」が重複しています", "“%s” stands twice"},
	settings.NotIDs:     {"「%s」が、%d個までのIDの一覧ではありません", "“%s” is not a list of at most %d ids"},
	settings.NotID:      {"「%s」に、拡張機能のIDではないものがあります", "“%s” holds what is no id of an extension"},
	settings.NotPath:    {"「%s」が絶対パスではありません", "“%s” is not an absolute path"},
	settings.NotPrompt:  {`「%s」が"system"でも"any"でもありません`, `“%s” is neither "system" nor "any"`},
}

// faultText says what is wrong with a text that is no settings.
func faultText(err error) any {
	var fault *settings.Fault
	if !errors.As(err, &fault) {
		return err
	}
	t := faultTexts[fault.Rule]
	switch {
	case fault.Rule == settings.TooLong:
		return say(t.ja, t.en, settings.MaxFile>>10)
	case fault.Rule == settings.NotIDs:
		return say(t.ja, t.en, fault.Key, settings.MaxIDs)
	case fault.Rule == settings.UnknownKey:
		return say(t.ja, t.en, foreign(fault.Key))
	case fault.Rule == settings.NotObject && fault.Key != "":
		return say("「%s」が、"+t.ja, "“%s”: "+t.en, fault.Key)
	case fault.Key != "":
		return say(t.ja, t.en, fault.Key)
	case fault.Rule == settings.NotJSON:
		return say(t.ja, t.en, fault.Line)
	}
	return say(t.ja, t.en)
}
