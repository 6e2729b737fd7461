package doctor

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

// checkPolicyFiles says which of the administrator's files a browser cannot use as they stand, and where the extension
// itself is forbidden.
func checkPolicyFiles(s System) (checks []Check) {
	seen := map[string]bool{}
	for _, i := range s.browsers() {
		if seen[i.Name] || !i.Reach.StartsHosts() {
			continue
		}
		seen[i.Name] = true
		files := s.policyFiles(i)
		for _, file := range files {
			if c, ok := s.policyFile(i, file); ok {
				checks = append(checks, c)
			}
		}
		rules := s.extensionRules(i, files)
		if ids := s.ids(i.Family); len(ids) > 0 && !slices.ContainsFunc(ids, func(id string) bool { return !rules.blocks(id) }) {
			checks = append(checks, Check{ID: "policy", Verdict: Failure, Cause: "extension-blocked", Title: policyTitle(i),
				Evidence: say("Natsuinの拡張機能のインストールが禁じられています（%s）", "the extension of Natsuin may not be installed (%s)", filePath(path.Dir(files[0]))),
				Remedy: say("管理者に、%sをExtensionSettingsで許可するよう頼んでください（docs/administrators.ja.md）。",
					"Ask the administrator to allow %s in ExtensionSettings (docs/administrators.md).", ids[0])})
		}
	}
	return checks
}

func policyTitle(i installer.Found) Text {
	return say("%sの管理者の設定", "Administrator's policies of %s", i.Title)
}

// policyFiles are the files that are there in the places where a browser looks for policies, as far as those are known.
func (s System) policyFiles(i installer.Found) (files []string) {
	if folder := i.On(s.OS).Policies; folder != "" {
		return s.glob(folder, "*.json")
	}
	if i.Name != "firefox" || s.OS != "linux" {
		return nil
	}
	for _, file := range firefoxPolicies {
		if s.exists(file) {
			files = append(files, file)
		}
	}
	for _, folder := range s.managedStorage() {
		for _, id := range append(s.ids(i.Family), "EXTENSION_ID") {
			if file := path.Join(folder, id+".json"); s.exists(file) {
				files = append(files, file)
			}
		}
	}
	return files
}

// placeholder matches the words of our templates that an administrator has to fill in.
var placeholder = regexp.MustCompile(`"(EXTENSION_ID|UPDATE_URL|INSTALL_URL)"`)

// policyFile says what keeps a file of policies from being used. Chromium takes comments as well, of which nobody here can
// say what stands behind them.
func (s System) policyFile(i installer.Found, file string) (c Check, faulty bool) {
	c = Check{ID: "policy", Verdict: Warning, Title: policyTitle(i)}
	text, err := s.read(file, maxFile)
	var raw json.RawMessage
	if long := tooLong(0); errors.As(err, &long) {
		c.Verdict, c.Cause = Unknown, "not-looked-at"
		c.Evidence = say("%[1]sは調べていません（%[2]v）", "%[1]s was not looked at here (%[2]v)", filePath(file), plain(err))
		c.Remedy = say("ブラウザーで使われる設定は、chrome://policy（Firefoxではabout:policies）で確かめられます。", "What the browser makes of it is shown at chrome://policy (Firefox: about:policies).")
		return c, true
	}
	if err != nil {
		c.Cause = "unreadable"
		c.Evidence = say("%[1]sを読めないため（%[2]v）、その設定は調べていません。ブラウザーも使わないことがあります", "%[1]s cannot be read (%[2]v): what it says was not looked at, and a browser may not use it either", filePath(file), plain(err))
		c.Remedy = say("管理者に、このファイルを直すよう頼んでください。", "Ask the administrator to put this file right.")
		if errors.Is(err, fs.ErrPermission) {
			c.Remedy = say("管理者に、だれでも読めるようにするよう頼んでください。", "Ask the administrator to let everybody read it.")
		}
		return c, !errors.Is(err, fs.ErrNotExist)
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		c.Cause = "not-json"
		c.Evidence = say("%[1]sはJSONとして正しくないため（%[2]dバイト目）、ブラウザーが無視することがあります。ここでは調べていません", "%[1]s is not JSON (byte %[2]d): a browser may pass over it. It was not looked at here", filePath(file), offset(err))
		c.Remedy = say("管理者に、このファイルを直すよう頼んでください。", "Ask the administrator to put this file right.")
		return c, true
	}
	if word := placeholder.FindSubmatch(text); word != nil {
		c.Cause = "template"
		c.Evidence = say("%[1]sに、テンプレートの「%[2]s」が残っているため、ブラウザーはその設定を使えません", "%[1]s still holds “%[2]s”, as the template does: a browser can make no use of that", filePath(file), string(word[1]))
		c.Remedy = say("管理者に、置きかえるよう頼んでください（docs/administrators.ja.md）。", "Ask the administrator to fill it in (docs/administrators.md).")
		return c, true
	}
	return c, false
}

// extensionRules are what policies say of installing extensions. Of the older lists only Chromium knows.
type extensionRules struct {
	settings                        json.RawMessage
	blocklist, allowlist, forcelist []string // in the last each an id, or an id, a semicolon and an address
}

// extensionRules reads them from a browser's files: each rule from the last that has it, and Firefox's from the first
// file that is there, as the browsers do.
func (s System) extensionRules(i installer.Found, files []string) (rules extensionRules) {
	for _, file := range files {
		text, err := s.read(file, maxFile)
		if err != nil {
			continue
		}
		if i.Family == manifests.Firefox {
			take(&rules.settings, text, "policies", "ExtensionSettings")
			return rules
		}
		take(&rules.settings, text, "ExtensionSettings")
		take(&rules.blocklist, text, "ExtensionInstallBlocklist")
		take(&rules.allowlist, text, "ExtensionInstallAllowlist")
		take(&rules.forcelist, text, "ExtensionInstallForcelist")
	}
	return rules
}

// blocks says whether an extension may not be installed: by what is said of it, and else of all (Chrome Enterprise,
// "Configure ExtensionSettings policy"; Mozilla, policy-templates, "ExtensionSettings"). What stands on both of the older
// lists is forbidden (tried with Chromium 156).
func (r extensionRules) blocks(id string) bool {
	mode := ""
	if slices.Contains(r.blocklist, "*") {
		mode = "blocked"
	}
	mode = cmp.Or(r.mode("*"), mode)
	switch {
	case slices.ContainsFunc(r.forcelist, func(entry string) bool { return entry == id || strings.HasPrefix(entry, id+";") }):
		mode = "force_installed"
	case slices.Contains(r.blocklist, id):
		mode = "blocked"
	case slices.Contains(r.allowlist, id):
		mode = "allowed"
	}
	mode = cmp.Or(r.mode(id), mode)
	return mode == "blocked" || mode == "removed"
}

// mode is the installation mode of an id in ExtensionSettings, or "". A key may name several ids, without spaces. Where an id
// is in more than one, the last of them by their bytes decides (tried with Chromium 156).
func (r extensionRules) mode(id string) (mode string) {
	var settings map[string]json.RawMessage
	take(&settings, r.settings)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if slices.Contains(strings.Split(key, ","), id) {
			var own string
			take(&own, settings[key], "installation_mode")
			mode = cmp.Or(own, mode)
		}
	}
	return mode
}
