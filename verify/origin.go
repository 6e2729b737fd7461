package verify

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const maxOrigin = 255

// ValidOrigin says whether a string can be the origin of a page that reaches a card: https with a host,
// or http on localhost or 127.0.0.1 for developers, of at most 255 characters; serialised as the HTML
// standard wants it (lower case, no path, no default port), so that one page has one string.
func ValidOrigin(origin string) error {
	if len(origin) > maxOrigin {
		return fmt.Errorf("an origin has at most %d characters, not %d", maxOrigin, len(origin))
	}
	u, err := url.Parse(origin)
	if err != nil {
		return errors.New("an origin is a URL")
	}
	host := u.Hostname()
	local := u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1")
	if u.Scheme != "https" && !local {
		return errors.New("an origin begins with https, or with http on this machine")
	}
	if !validHost(host) {
		return errors.New("an origin has its host in the form that browsers write")
	}
	port, err := serialisedPort(u)
	if err != nil {
		return err
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if origin != u.Scheme+"://"+host+port {
		return errors.New("an origin is scheme, host and port in lower case, and nothing else")
	}
	return nil
}

// validHost accepts what a browser can write as a host: an IPv6 address, or names of letters (lower
// case), digits, hyphens and underscores; internationalised names arrive as xn--.
func validHost(host string) bool {
	if strings.Contains(host, ":") {
		address, err := netip.ParseAddr(host)
		return err == nil && address.Zone() == "" && address.String() == host
	}
	for _, r := range host {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_') {
			return false
		}
	}
	return host != "" && host[0] != '.' && !strings.Contains(host, "..")
}

// serialisedPort returns the port with its colon, without leading zeros, or "" where there is none.
func serialisedPort(u *url.URL) (string, error) {
	if u.Port() == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || n == 0 {
		return "", errors.New("an origin has a port from 1 to 65535, or none")
	}
	if u.Scheme == "https" && n == 443 || u.Scheme == "http" && n == 80 {
		return "", errors.New("an origin leaves the default port out")
	}
	return ":" + strconv.FormatUint(n, 10), nil
}
