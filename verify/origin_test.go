package verify_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/verify"
)

func TestValidOrigin(t *testing.T) {
	for origin, fine := range map[string]bool{
		"https://shinsei.example":             true,
		"https://shinsei.example:8443":        true,
		"https://shinsei.example:80":          true,
		"https://xn--fiq228c.example:8443":    true,
		"https://203.0.113.7":                 true,
		"https://[2001:db8::1]:8443":          true,
		"http://localhost":                    true,
		"http://localhost:1":                  true,
		"http://127.0.0.1:8080":               true,
		"":                                    false,
		"null":                                false,
		"https://":                            false,
		"file://":                             false,
		"ftp://localhost":                     false,
		"shinsei.example":                     false,
		"http://shinsei.example":              false,
		"http://localhost.example":            false,
		"http://[::1]":                        false,
		"https://shinsei.example/":            false,
		"https://shinsei.example?":            false,
		"https://shinsei.example#":            false,
		"https://shinsei.example\n":           false,
		"http://localhost:8443?x":             false,
		"https://user@shinsei.example":        false,
		"https://Shinsei.example":             false,
		"HTTPS://shinsei.example":             false,
		"https://申請.example":                  false,
		"https://%73hinsei.example":           false,
		"https://.example":                    false,
		"https://shinsei..example":            false,
		"https://shinsei.example:":            false,
		"https://shinsei.example:0":           false,
		"https://shinsei.example:443":         false,
		"https://shinsei.example:08443":       false,
		"https://shinsei.example:65536":       false,
		"http://localhost:80":                 false,
		"https://[2001:DB8::1]":               false,
		"https://[2001:db8:0::1]":             false,
		"https://[fe80::1%25eth0]":            false,
		"https://" + strings.Repeat("a", 248): false,
	} {
		require.Equal(t, fine, verify.ValidOrigin(origin) == nil, "%q", origin)
	}
}

// FuzzValidOrigin asks that what is taken is the one way to write its scheme, host and port.
func FuzzValidOrigin(f *testing.F) {
	for _, origin := range []string{origin, "http://localhost:8080", "https://[2001:db8::1]:8443", "https://a.example:443", "https://u@a/b?c#d"} {
		f.Add(origin)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		if verify.ValidOrigin(origin) != nil {
			return
		}
		require.Equal(t, strings.ToLower(origin), origin)
		u, err := url.Parse(origin)
		require.NoError(t, err)
		require.Equal(t, &url.URL{Scheme: u.Scheme, Host: u.Host}, u)
		require.Equal(t, origin, u.String())
	})
}
