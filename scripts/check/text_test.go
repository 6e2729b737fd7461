package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLocalPlaces(t *testing.T) {
	slash := "/" // the lines below must not be found in this file itself
	tests := []struct {
		line  string
		found bool
	}{
		{"cd " + slash + "work/main", true},
		{`"` + slash + `root/.config"`, true},
		{"file://" + slash + "root", true},
		{`"resolved": "https://registry.` + `npmjs.org/x.tgz"`, true},
		{"GOPROXY=https://proxy." + "golang.org", true},
		{"testdata" + slash + "work", false},
		{slash + "workers", false},
		{"--root DIR", false},
		{"~" + slash + ".config", false},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			found := localPlaces(text{"a.txt", "first\n" + tt.line + "\n"})
			if !tt.found {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Contains(t, found[0], "a.txt:2: ")
		})
	}
}

func TestTargets(t *testing.T) {
	page := "[a](b.md#part), ![b](../c.png \"title\") and <img src=\"d.svg\"> [e](https://example.org/) [f](#here) [g](h/)\n" +
		"```\n[not](a-link.md)\n```\n"
	require.Equal(t, []string{"guide/b.md", "c.png", "guide/d.svg", "guide/h"}, targets(text{"guide/page.md", page}))
	require.Equal(t, []string{"docs/" + "protocol.md"}, targets(text{"a/b.go", "// as docs/" + "protocol.md says; see docs/."}))
}
