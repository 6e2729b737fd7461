package main

import (
	"fmt"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPage(t *testing.T) {
	d := &dist{number: "0.1.0"}
	const text = "[a](#there) [b](https://example.jp/x) [c](other.md#there) [d](../manifests/policy) [e](cli.md#help-desks) ![f](images/f.png) `[g]`(h)"
	got := d.page("pages/page.md", []byte(text), func(name string) bool { return name == "pages/other.md" })
	const web = "https://github.com/natsuin/natsuin/blob/v0.1.0/"
	require.Equal(t, "[a](#there) [b](https://example.jp/x) [c](other.md#there) [d]("+web+"manifests/policy) [e]("+web+"pages/cli.md#help-desks) ![f]("+web+"pages/images/f.png) `[g]`(h)", string(got))
}

// TestPackedPagesLeadSomewhere holds that every relative link of a packed page leads to what is packed with it, and every one to
// the repository to what is there.
func TestPackedPagesLeadSomewhere(t *testing.T) {
	d := ours(t)
	policies, err := d.policies()
	require.NoError(t, err)
	sources, err := d.extensionSources()
	require.NoError(t, err)
	var system []member
	files, err := d.linuxPolicies()
	require.NoError(t, err)
	for _, f := range files {
		system = append(system, f.member)
	}
	for kind, members := range map[string][]member{"policies": policies, "extension's sources": sources, "packages": system} {
		there := map[string]bool{}
		for _, m := range members {
			there[m.name] = true
		}
		pages := 0
		for _, m := range members {
			if path.Ext(m.name) != ".md" {
				continue
			}
			pages++
			for _, link := range linked.FindAllStringSubmatch(string(m.content), -1) {
				target, _, _ := strings.Cut(link[1], "#")
				inRepository, ours := strings.CutPrefix(target, homepage+"/blob/v0.1.0/")
				switch {
				case ours:
					_, err := os.Stat(d.file(inRepository))
					require.NoError(t, err, "%s: %s", m.name, link[1])
				case target != "" && !strings.Contains(target, ":"):
					require.True(t, there[path.Join(path.Dir(m.name), target)], "%s: %s leads to %s", kind, m.name, link[1])
				}
			}
		}
		require.GreaterOrEqual(t, pages, 2, kind)
	}
}

// TestReviewersAreTold holds that the archive of the extension's sources says at once how to build it, and that it is done so
// when it is verified.
func TestReviewersAreTold(t *testing.T) {
	d := ours(t)
	sources, err := d.extensionSources()
	require.NoError(t, err)
	node, err := os.ReadFile(d.file(".node-version"))
	require.NoError(t, err)
	for _, m := range sources {
		if m.name != "README.md" {
			continue
		}
		for _, phrase := range []string{"Debian 12", "Node " + strings.TrimSpace(string(node)) + ",", fmt.Sprintf("    %s\n", strings.Join(npmCI[:3], " ")), "    node build.mjs built\n", "extension/built/extension/firefox"} {
			require.Contains(t, string(m.content), phrase)
		}
		return
	}
	require.Fail(t, "no README.md at the root")
}
