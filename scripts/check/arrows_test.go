package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBadImports(t *testing.T) {
	rooms := []room{
		{"host", []string{"internal/card", "internal/signature/..."}},
		{"internal/card", []string{"example.org/scard"}},
		{"internal/signature/...", nil},
	}
	in := func(path string, imports ...string) pkg {
		return pkg{ImportPath: module + "/" + path, Imports: imports}
	}
	tests := []struct {
		name string
		pkg  pkg
		want []string
	}{
		{"listed", in("host", module+"/internal/card"), nil},
		{"listed with all below", in("host", module+"/internal/signature/cms"), nil},
		{"standard library", in("host", "net", "C"), nil},
		{"upward", in("internal/card", module+"/host"), []string{"internal/card → host is not an arrow of ours"}},
		{"beside", in("internal/signature/cms", module+"/internal/signature/pdf"),
			[]string{"internal/signature/cms → internal/signature/pdf is not an arrow of ours"}},
		{"other module, listed", in("internal/card", "example.org/scard"), nil},
		{"other module, unlisted", in("host", "example.org/scard"), []string{"host → example.org/scard is not an arrow of ours"}},
		{"no room", in("internal/helpers"),
			[]string{"internal/helpers stands in no room: say in docs/decisions/ and in arrows.go what it may import"}},
		{"a room's name is not a prefix", in("internal/cardboard"),
			[]string{"internal/cardboard stands in no room: say in docs/decisions/ and in arrows.go what it may import"}},
		{"not ours", pkg{ImportPath: "example.org/scard", Imports: []string{"example.org/other"}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			standard := pkg{ImportPath: "net", Standard: true}
			require.Equal(t, tt.want, badImports([]pkg{standard, tt.pkg}, rooms))
		})
	}
}

func TestDemoRoomsAddToRooms(t *testing.T) {
	rooms := []room{{"host", []string{"verify"}}, {"host", []string{"internal/card/simcard"}}}
	allowed, housed := importsOf("host", rooms)
	require.True(t, housed)
	require.Equal(t, []string{"verify", "internal/card/simcard"}, allowed)
}

func TestCgoOutside(t *testing.T) {
	c := []string{"c.go"}
	require.Empty(t, cgoOutside([]pkg{
		{ImportPath: "net", Standard: true, CgoFiles: c},
		{ImportPath: scard, CgoFiles: c},
		{ImportPath: module + "/internal/card/pcsc", CgoFiles: c},
		{ImportPath: module + "/host"},
	}))
	require.Equal(t, []string{module + "/host uses cgo: [c.go]", "example.org/x uses cgo: [c.go]"}, cgoOutside([]pkg{
		{ImportPath: module + "/host", CgoFiles: c},
		{ImportPath: "example.org/x", CgoFiles: c},
	}))
}
