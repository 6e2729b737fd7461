// Package online asks OCSP responders and fetches CRLs over HTTP, for those who may: J-LIS answers notified
// verifiers only. It is apart from package verify, so that a program that must not reach a network cannot
// by accident. What comes back is believed only as far as verify.Statements believes it, whoever sent
// it: plain HTTP is as good as HTTPS.
package online

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/natsuin/natsuin/internal/revocation"
	"github.com/natsuin/natsuin/verify"
)

// DefaultTimeout bounds one request, from the connection to the last byte.
const DefaultTimeout = 10 * time.Second

// maxAddresses bounds how many addresses a certificate may name for each kind of service.
const maxAddresses = 4

// ErrUnavailable is wrapped where a service could not be asked, or did not answer as it should.
var ErrUnavailable = errors.New("the revocation service is not available")

// A Fetcher is a verify.Revocation that asks services. It asks OCSP responders first and takes CRLs where no
// responder decides. What it got it keeps, and does not ask again while that is of the time asked about.
// Its fields may be set before first use; it is safe for concurrent use, and its zero value asks nobody.
type Fetcher struct {
	// OCSP and CRLs are the addresses of services, http or https, that are asked about every certificate.
	OCSP, CRLs []string
	// FromCertificate also asks the services that a certificate names (RFC 5280 §4.2.1.13, §4.2.2.1). Only
	// certificates whose chain has been checked get here. J-LIS's name directories, which HTTP cannot
	// ask.
	FromCertificate bool
	// Client sends the requests. Nil stands for one with DefaultTimeout, headers of 64 KiB at most and the
	// environment's proxy. Redirects are not followed in either case.
	Client *http.Client
	// MaxAge bounds how long an answer is kept; less than 1 stands for as long as it says itself. An answer
	// that does not say is not kept.
	MaxAge time.Duration
	// Now tells the time. Nil stands for time.Now.
	Now func() time.Time

	kept cache
}

var _ verify.Revocation = (*Fetcher)(nil)

// Status asks about one certificate. It fails with the errors of verify.Statements, or ErrUnavailable.
func (f *Fetcher) Status(ctx context.Context, q verify.RevocationQuery) (verify.RevocationStatus, error) {
	requests, err := f.requests(q)
	if err != nil {
		return verify.RevocationStatus{}, err
	}
	if len(requests) == 0 {
		return verify.RevocationStatus{}, fmt.Errorf("%w: there is none to ask", ErrUnavailable)
	}
	var errs []error
	for _, r := range requests {
		status, err := f.ask(ctx, r, q)
		if err == nil {
			return status, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", r.address, err))
	}
	return verify.RevocationStatus{}, errors.Join(errs...)
}

// A request is one question to one service.
type request struct {
	address string
	body    string // of an OCSP request, empty for a CRL
}

// limit is how many bytes of an answer are read.
func (r request) limit() int64 {
	if r.body == "" {
		return revocation.MaxCRL
	}
	return revocation.MaxOCSP
}

// requests lists the questions, in order.
func (f *Fetcher) requests(q verify.RevocationQuery) ([]request, error) {
	responders, lists := slices.Clone(f.OCSP), slices.Clone(f.CRLs)
	if f.FromCertificate {
		responders = append(responders, named(q.Certificate.OCSPServer)...)
		lists = append(lists, named(q.Certificate.CRLDistributionPoints)...)
	}
	var requests []request
	if len(responders) > 0 {
		body, err := revocation.Request(q.Certificate, q.Issuer)
		if err != nil {
			return nil, fmt.Errorf("make the OCSP request: %w", err)
		}
		for _, address := range responders {
			requests = append(requests, request{address, string(body)})
		}
	}
	for _, address := range lists {
		requests = append(requests, request{address: address})
	}
	return requests, nil
}

// named returns the first addresses of a certificate that HTTP can ask.
func named(addresses []string) []string {
	usable := slices.DeleteFunc(slices.Clone(addresses), func(a string) bool { return checkAddress(a) != nil })
	return usable[:min(len(usable), maxAddresses)]
}

// checkAddress takes http and https with a host, and no user's name.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return fmt.Errorf("%w: not the address of an HTTP service", ErrUnavailable)
	}
	return nil
}

// ask takes the answer that is kept, if it decides, and otherwise asks the service.
func (f *Fetcher) ask(ctx context.Context, r request, q verify.RevocationQuery) (verify.RevocationStatus, error) {
	if statements, ok := f.kept.get(r, f.now()); ok {
		if status, err := statements.Status(ctx, q); err == nil {
			return status, nil
		}
	}
	body, err := f.fetch(ctx, r)
	if err != nil {
		return verify.RevocationStatus{}, err
	}
	statements, err := verify.Statements{}.With(body)
	if err != nil {
		return verify.RevocationStatus{}, err
	}
	status, err := statements.Status(ctx, q)
	if err != nil {
		return verify.RevocationStatus{}, err // what is not believed is not kept
	}
	until := statements.NextUpdate()
	if latest := f.now().Add(f.MaxAge); f.MaxAge > 0 && latest.Before(until) {
		until = latest
	}
	f.kept.put(r, statements, len(body), until)
	return status, nil
}

// fetch sends one request.
func (f *Fetcher) fetch(ctx context.Context, r request) ([]byte, error) {
	if err := checkAddress(r.address); err != nil {
		return nil, err
	}
	method, body := http.MethodGet, io.Reader(nil)
	if r.body != "" {
		method, body = http.MethodPost, bytes.NewReader([]byte(r.body))
	}
	req, err := http.NewRequestWithContext(ctx, method, r.address, body)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnavailable, err)
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/ocsp-request") // RFC 6960 appendix A.1
		req.Header.Set("Accept", "application/ocsp-response")
	}
	response, err := f.client().Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnavailable, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: it answers %s", ErrUnavailable, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, r.limit()+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnavailable, err)
	}
	if int64(len(text)) > r.limit() {
		return nil, fmt.Errorf("%w: it answers more than %d bytes", ErrUnavailable, r.limit())
	}
	return text, nil
}

// transport is the standard library's with a bound on headers.
var transport = sync.OnceValue(func() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxResponseHeaderBytes = 64 << 10
	return t
})

// client is the caller's, but for redirects: an address that was chosen must not choose another one.
func (f *Fetcher) client() *http.Client {
	c := http.Client{Timeout: DefaultTimeout, Transport: transport()}
	if f.Client != nil {
		c = *f.Client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

func (f *Fetcher) now() time.Time {
	if f.Now == nil {
		return time.Now()
	}
	return f.Now()
}
