// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
)

// Bounds of x5u.
const (
	maxX5U     = 64 << 10 // bytes of the answer
	maxX5UText = 2048     // bytes of the address
	x5uKept    = 10 * time.Minute
	x5uServes  = time.Hour // while the host does not answer

	// Addresses that are not known yet are fetched at one a second from each host, after a
	// burst: a stranger could otherwise have the hub ask it for whatever paths come to mind.
	x5uBurst = 60
	x5uEvery = time.Second
)

// rates counts what is fetched from each of the configured hosts. It is safe for concurrent
// use.
type rates struct {
	mu    sync.Mutex
	hosts map[string]*rate
}

// rate is when the fetches so far would be over at one every x5uEvery.
type rate struct{ until time.Time }

// take tells whether one more may be fetched from a host at an instant.
func (r *rates) take(host string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	one, ok := r.hosts[host]
	if !ok {
		one = &rate{}
		r.hosts[host] = one
	}
	const room = x5uBurst * x5uEvery
	if one.until.Before(now) || one.until.After(now.Add(2*room)) { // idle, or the clock was put back
		one.until = now
	}
	if one.until.Add(x5uEvery).After(now.Add(room)) {
		return false
	}
	one.until = one.until.Add(x5uEvery)
	return true
}

// x5uHost is a place that x5u may name.
type x5uHost struct {
	host   string // with the port when it is not 443
	prefix string // of the path; ends with a slash
}

// parseX5UHost reads host[:port][/path/prefix/].
func parseX5UHost(text string) (x5uHost, error) {
	u, err := url.Parse("https://" + text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Contains(text, "://") {
		return x5uHost{}, bilingual.Errorf("%q non è host[:porta][/percorso/]", "%q is not host[:port][/path/]", text)
	}
	prefix := u.EscapedPath()
	if prefix == "" {
		prefix = "/"
	}
	if !strings.HasSuffix(prefix, "/") || path.Clean(prefix) != strings.TrimSuffix(prefix, "/") && prefix != "/" {
		return x5uHost{}, bilingual.Errorf("%q: il percorso finisce con / ed è scritto per esteso",
			"%q: the path ends with / and is written plainly", text)
	}
	return x5uHost{host: authority(u), prefix: prefix}, nil
}

// authority is a host as it is compared: lower case, without the port of https and
// without the final dot.
func authority(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if p := u.Port(); p != "" && p != "443" {
		return host + ":" + p
	}
	return host
}

// x5uAddress reads an address that a token names and holds it against the configured
// places, without touching the network.
func (s *Store) x5uAddress(text string) (*url.URL, *modi.CertificateRefused) {
	if len(text) > maxX5UText {
		return nil, refuse(modi.FaultCertificateMalformed, fmt.Sprintf("x5u of at most %d bytes", maxX5UText), fmt.Sprintf("%d", len(text)))
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, refuse(modi.FaultCertificateMalformed, "x5u that is an https URL", "text that is not one")
	case u.Scheme != "https":
		return nil, refuse(modi.FaultX5UNotAllowed, "x5u by https", "another scheme")
	case u.User != nil || strings.ContainsAny(text, "?#"):
		return nil, refuse(modi.FaultX5UNotAllowed, "x5u without user, query and fragment", "one of them")
	}
	where := u.EscapedPath()
	if strings.Contains(where, "%") || strings.Contains(where, "/.") || strings.Contains(where, "//") || strings.Contains(where, "\\") {
		return nil, refuse(modi.FaultX5UNotAllowed, "x5u with a plain path", "one with escapes, dots or empty parts")
	}
	for _, h := range s.hosts {
		if h.host == authority(u) && strings.HasPrefix(where, h.prefix) {
			return u, nil
		}
	}
	return nil, refuse(modi.FaultX5UNotAllowed, "x5u at one of the hosts of the service", "another host or path")
}

// fetchX5U returns the certificates at an address, in DER.
func (s *Store) fetchX5U(ctx context.Context, text string) ([][]byte, error) {
	u, refused := s.x5uAddress(text)
	if refused != nil {
		return nil, refused
	}
	now := s.sources.clock()
	known := s.sources.fetched.knows(u.String(), now)
	chain, _, err := s.sources.fetched.get(ctx, u.String(), now, func(ctx context.Context) answer[[][]byte] {
		if !known && !s.sources.rates.take(authority(u), now) {
			return answer[[][]byte]{err: fmt.Errorf("%w: x5u: too many addresses of one host", modi.ErrUndecided)}
		}
		chain, err := s.sources.download(ctx, u)
		if errors.Is(err, modi.ErrUndecided) {
			return answer[[][]byte]{err: err}
		}
		if err != nil {
			return answer[[][]byte]{err: err, ask: now.Add(refusedFor)}
		}
		return answer[[][]byte]{value: chain, ask: now.Add(x5uKept), until: now.Add(x5uServes)}
	})
	return chain, err
}

func (s *Sources) download(ctx context.Context, u *url.URL) ([][]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, refuse(modi.FaultCertificateMalformed, "x5u that is an https URL", "text that is not one")
	}
	resp, err := s.do(ctx, req, maxX5U)
	reason := outbound.ReasonOf(err)
	switch {
	case reason == outbound.ReasonAddress:
		return nil, refuse(modi.FaultX5UNotAllowed, "x5u at a public address", "a host at an address that is not called")
	case reason == outbound.ReasonTooLarge:
		return nil, refuse(modi.FaultCertificateMalformed, fmt.Sprintf("x5u that answers at most %d bytes", maxX5U), "more")
	case err != nil:
		return nil, fmt.Errorf("%w: x5u: %w", modi.ErrUndecided, err)
	case resp.Status >= 300 && resp.Status < 400:
		return nil, refuse(modi.FaultX5UNotAllowed, "x5u that answers itself", "a redirect")
	case resp.Status >= 500 || resp.Status == http.StatusTooManyRequests:
		return nil, fmt.Errorf("%w: x5u: its server answers %d", modi.ErrUndecided, resp.Status)
	case resp.Status != http.StatusOK:
		return nil, refuse(modi.FaultCertificateUnknown, "a certificate at x5u", fmt.Sprintf("status %d", resp.Status))
	}
	found, err := ParseBundle(resp.Body)
	if err != nil || len(found) > maxChain {
		return nil, refuse(modi.FaultCertificateMalformed, "certificates in PEM at x5u (RFC 7515 §4.1.5)", "something else")
	}
	chain := make([][]byte, len(found))
	for i, c := range found {
		chain[i] = c.Raw
	}
	return chain, nil
}
