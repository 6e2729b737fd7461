package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// productionManifests are what `make build` leaves for the stores.
var productionManifests = []string{
	"build/extension/chromium/manifest.json",
	"build/extension/firefox/manifest.json",
}

// allowedPermissions is all that the extension asks for at installation. None of them gives access to
// a page before the citizen, or an administrator, switches its site on.
var allowedPermissions = []string{"nativeMessaging", "scripting", "storage", "activeTab", "declarativeNetRequestWithHostAccess"}

// checkManifests proves that the packaged extension reaches no site by default.
func checkManifests() (string, []string, error) {
	var broken []string
	for _, path := range productionManifests {
		raw, err := os.ReadFile(path)
		if err != nil {
			return "", nil, err
		}
		problems, err := manifestProblems(raw)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, p := range problems {
			broken = append(broken, path+": "+p)
		}
	}
	return "the packaged extensions reach no site until it is switched on", broken, nil
}

// manifestProblems looks for whatever opens the extension to sites, or sites to the extension.
func manifestProblems(raw []byte) ([]string, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		return nil, err
	}
	var m struct {
		Permissions             []string `json:"permissions"`
		OptionalPermissions     []string `json:"optional_permissions"`
		OptionalHostPermissions []string `json:"optional_host_permissions"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	var problems []string
	for _, key := range []string{"host_permissions", "content_scripts", "web_accessible_resources", "externally_connectable"} {
		if _, there := keys[key]; there {
			problems = append(problems, "has "+key)
		}
	}
	for _, p := range slices.Concat(m.Permissions, m.OptionalPermissions) {
		if !slices.Contains(allowedPermissions, p) {
			problems = append(problems, "asks for "+p)
		}
	}
	if !slices.Equal(m.OptionalHostPermissions, []string{"https://*/*"}) {
		problems = append(problems, fmt.Sprintf("optional_host_permissions is %q, not https://*/* alone", m.OptionalHostPermissions))
	}
	return problems, nil
}
