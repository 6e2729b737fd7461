package protocol

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const maxOrigin = 255

// CheckOrigin refuses what is not the origin of a page that may reach a card: https with a host, or
// http on this machine itself for developers; in the serialised form of the HTML standard (lower
// case, no path, no default port), so that the same page always has the same string.
func CheckOrigin(origin string) error {
	if len(origin) > maxOrigin {
		return fmt.Errorf("longer than %d characters", maxOrigin)
	}
	u, err := url.Parse(origin)
	if err != nil {
		return fmt.Errorf("not a URL")
	}
	local := u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
	if u.Scheme != "https" && !local {
		return fmt.Errorf("neither https nor http on this machine")
	}
	port := ""
	if u.Port() != "" {
		n, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || n == 0 || (u.Scheme == "https" && n == 443) || (u.Scheme == "http" && n == 80) {
			return fmt.Errorf("a port that an origin cannot have")
		}
		port = ":" + strconv.FormatUint(n, 10)
	}
	host := u.Hostname()
	if !validHost(host) {
		return fmt.Errorf("a host in a form that browsers do not write")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if origin != u.Scheme+"://"+host+port {
		return fmt.Errorf("not a bare origin: scheme, host and port in lower case, and nothing else")
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
