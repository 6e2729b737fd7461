package doctor

import (
	"encoding/json"
	"maps"
	"path"
	"slices"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/settings"
	"github.com/natsuin/natsuin/manifests"
)

// A policy holds the administrator's settings that concern native messaging and Natsuin.
type policy struct {
	blocked, allowed []string // hosts
	userLevelHosts   json.RawMessage
	extensions       map[string]values // by their ids
}

// take reads what a text has below keys that lead one into the other. What is not there, or is of another type, it passes over,
// as browsers do. They take a key only as it is written; encoding/json takes one of a struct in any case.
func take(into any, text []byte, keys ...string) {
	for _, key := range keys {
		var object map[string]json.RawMessage
		_ = json.Unmarshal(text, &object)
		text = object[key]
	}
	_ = json.Unmarshal(text, into)
}

// values are what an administrator settled for the extension: keys of its managed_schema.json.
type values map[string]json.RawMessage

// forbidWindowPIN tells whether they keep the extension's window from taking a PIN. Chromium hands only a boolean over;
// Firefox hands over anything, and the extension takes for a no what is no clear yes.
func (v values) forbidWindowPIN(family manifests.Family) bool {
	allow := string(v["allowWindowPin"])
	if family == manifests.Firefox {
		return allow != "" && allow != "true" && allow != "1"
	}
	return allow == "false"
}

// mistyped names those that are not as the schema has them, sorted. Chromium passes over them and tells nobody.
func (v values) mistyped() (keys []string) {
	for key, value := range v {
		if s, ok := managedSchema.Properties[key]; ok && !s.admits(value) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// policyOf reads the policies of a browser of Chromium's family and merges them as it does: what is for an extension key by
// key, like its own, and later files over earlier ones (components/policy/core/common/config_dir_policy_loader.cc).
func (s System) policyOf(i installer.Found) (p policy) {
	folder := i.On(s.OS).Policies
	if folder == "" {
		return p
	}
	p.extensions = map[string]values{}
	for _, file := range s.glob(folder, "*.json") {
		text, err := s.read(file, maxFile)
		if err != nil {
			continue
		}
		take(&p.blocked, text, "NativeMessagingBlocklist")
		take(&p.allowed, text, "NativeMessagingAllowlist")
		take(&p.userLevelHosts, text, "NativeMessagingUserLevelHosts")
		var extensions map[string]values
		take(&extensions, text, "3rdparty", "extensions")
		for id, settled := range extensions {
			if p.extensions[id] == nil {
				p.extensions[id] = values{}
			}
			maps.Copy(p.extensions[id], settled)
		}
	}
	return p
}

// checkPolicies says where an administrator keeps a browser from starting the host, and of which browsers it cannot tell:
// on Windows and macOS, policies are not in a folder. Firefox has none that would.
func checkPolicies(s System) (checks []Check) {
	var unknown []string
	for _, i := range s.browsers() {
		folder := i.On(s.OS).Policies
		if i.Family != manifests.Chromium || !i.Reach.StartsHosts() {
			continue
		}
		if folder == "" {
			unknown = append(unknown, i.Title)
			continue
		}
		p := s.policyOf(i)
		c := Check{ID: "policy", Verdict: Failure, Title: policyTitle(i)}
		for _, id := range s.ids(i.Family) {
			if keys := p.extensions[id].mistyped(); len(keys) > 0 {
				c.Cause = "mistyped"
				c.Evidence = say("拡張機能の設定の型が違うため、ブラウザーが無視します: %[1]s（%[2]s）", "settings of the extension that the browser ignores, because they are of the wrong type: %[1]s (%[2]s)", names(keys), folder)
				c.Remedy = say("管理者に、型を直すよう頼んでください。直すまで、その設定は効きません（禁じるつもりのことも許されます）。", "Ask the administrator to mend their types. Until then, what they settle does not hold (what they were to forbid is allowed).")
				checks = append(checks, c)
			}
		}
		switch {
		case p.blocks():
			c.Cause = "blocked"
			c.Evidence = say("NativeMessagingBlocklistがNatsuinの起動を禁じています（%s）", "NativeMessagingBlocklist forbids Natsuin (%s)", folder)
			c.Remedy = say("管理者に、%s をNativeMessagingAllowlistに加えるよう頼んでください。", "Ask the administrator to add %s to NativeMessagingAllowlist.", manifests.HostName)
		case p.forbidsPersons() && !s.registeredForAll(i):
			c.Cause = "user-level"
			c.Evidence = say("NativeMessagingUserLevelHostsが、個人の登録を禁じています（%s）", "NativeMessagingUserLevelHosts forbids a registration for one person (%s)", folder)
			c.Remedy = say("管理者に、全員のための登録を頼んでください（%s）。", "Ask the administrator to register Natsuin for everybody (%s).", i.On(s.OS).System[0])
		default:
			continue
		}
		checks = append(checks, c)
	}
	if len(unknown) > 0 {
		checks = append(checks, Check{ID: "policy", Verdict: Unknown, Cause: "not-looked-at",
			Title:    say("%sの管理者の設定", "Administrator's policies of %s", names(unknown)),
			Evidence: say("調べていません。このブラウザーの設定の場所を、Natsuinは読みません", "not looked at: Natsuin does not read where this browser has them"),
			Remedy: say("拡張機能がNatsuinを起動できないときは、ブラウザーでchrome://policyを開き、NativeMessagingBlocklistとNativeMessagingUserLevelHostsを確かめてください。",
				"If the extension cannot start Natsuin, open chrome://policy in the browser and look for NativeMessagingBlocklist and NativeMessagingUserLevelHosts.")})
	}
	return checks
}

func (p policy) blocks() bool {
	blocked := slices.Contains(p.blocked, "*") || slices.Contains(p.blocked, manifests.HostName)
	return blocked && !slices.Contains(p.allowed, manifests.HostName)
}

// forbidsPersons says whether the browser takes only what is registered for everybody.
func (p policy) forbidsPersons() bool { return string(p.userLevelHosts) == "false" }

func (s System) registeredForAll(i installer.Found) bool {
	for _, folder := range i.On(s.OS).System {
		if s.exists(path.Join(folder, manifests.HostName+".json")) {
			return true
		}
	}
	return false
}

// windowForbidden names where an administrator forbids the extension's own window to take a PIN: in the settings of the
// host, or in browsers.
func (s System) windowForbidden() names {
	if s.Settings.Prompt == settings.System {
		return names{s.Settings.Path}
	}
	var titles names
	for _, i := range s.browsers() {
		for _, id := range s.ids(i.Family) {
			settled := s.policyOf(i).extensions[id]
			if i.Family == manifests.Firefox {
				settled = s.firefoxValues(id)
			}
			if settled.forbidWindowPIN(i.Family) && !slices.Contains(titles, i.Title) { // it may be there twice
				titles = append(titles, i.Title)
			}
		}
	}
	return titles
}

// firefoxPolicies are the files in which Firefox on Linux looks for policies (Mozilla, "policies.json").
var firefoxPolicies = []string{"/etc/firefox/policies/policies.json", "/usr/lib/firefox/distribution/policies.json",
	"/usr/lib/firefox-esr/distribution/policies.json", "/usr/lib64/firefox/distribution/policies.json", "/opt/firefox/distribution/policies.json"}

// managedStorage are the folders in which it looks for add-ons' settings.
func (s System) managedStorage() []string {
	return append(s.personal(".mozilla/managed-storage"), "/usr/lib/mozilla/managed-storage", "/usr/lib64/mozilla/managed-storage")
}

// firefoxValues reads what a policy says to the add-on, and else its managed storage (MDN, "Native manifests").
func (s System) firefoxValues(id string) (settled values) {
	for _, file := range firefoxPolicies {
		text, err := s.read(file, maxFile)
		if err != nil {
			continue
		}
		if take(&settled, text, "policies", "3rdparty", "Extensions", id); settled != nil {
			return settled
		}
	}
	for _, folder := range s.managedStorage() {
		text, err := s.read(path.Join(folder, id+".json"), maxFile)
		if err != nil {
			continue
		}
		take(&settled, text, "data")
		return settled
	}
	return nil
}
