// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
)

// status is what a source says of a certificate.
type status uint8

const (
	unknown status = iota
	good
	revoked
)

// finding is the answer of a source.
type finding struct {
	status status
	at     time.Time // of the revocation
	why    string    // it is not known
	ask    time.Time // from then on it is asked again; for a good one alone
}

// maxSources is how many addresses of one certificate are tried, of each kind.
const maxSources = 2

// cleared asks whether the certificates of a path are revoked, and says until when the
// answer serves. One clear path is enough, unless the leaf is known to be revoked on
// another: all its paths begin with the one CA that can revoke it, so that is final. A
// pinned certificate without a path has nobody to ask: it is revoked by taking the pin out.
func (s *Store) cleared(ctx context.Context, paths [][]*x509.Certificate, now time.Time) (time.Time, error) {
	serves := now.Add(maxKept)
	if s.policy == Off || len(paths) == 0 {
		return serves, nil
	}
	var first error
	found := false
	for _, path := range paths {
		until, leaf, err := s.clearedPath(ctx, path, now)
		switch {
		case leaf == revoked:
			return now, err
		case err == nil && !found:
			found, serves = true, earliest(serves, until)
		case err != nil && first == nil:
			first = err
		}
		if found && leaf == good {
			return serves, nil
		}
	}
	if found {
		return serves, nil
	}
	return now, first
}

// clearedPath asks about every certificate of a path but its anchor, the leaf last, so
// that what is asked about the leaf is asked of a CA that is not revoked. It returns what is
// known of the leaf beside the answer.
func (s *Store) clearedPath(ctx context.Context, path []*x509.Certificate, now time.Time) (time.Time, status, error) {
	until, leaf := now.Add(maxKept), unknown
	for i := len(path) - 2; i >= 0; i-- {
		whose := "the certificate"
		if i > 0 {
			whose = "the certificate of its CA"
		}
		f := s.ask(ctx, path[i], path[i+1], now)
		if i == 0 {
			leaf = f.status
		}
		switch {
		case f.status == revoked:
			return now, leaf, refuse(modi.FaultCertificateRevoked, "certificate that is not revoked", whose+" was revoked at "+instant(f.at))
		case f.status == good:
			until = earliest(until, f.ask, path[i].NotAfter)
		case s.policy == Required:
			return now, leaf, fmt.Errorf("%w: whether %s is revoked is not known: %s", modi.ErrUndecided, whose, f.why)
		default:
			until = earliest(until, now.Add(retryAfter))
		}
	}
	return until, leaf, nil
}

// ask goes through the sources in order until one knows: configured lists, OCSP, the
// lists that the certificate names.
func (s *Store) ask(ctx context.Context, c, issuer *x509.Certificate, now time.Time) finding {
	f := s.askLists(ctx, s.lists, c, issuer, now)
	if f.status != unknown {
		return f
	}
	reasons := []string{strings.ReplaceAll(f.why, "CRL: ", "configured CRL: ")}
	for _, u := range webAddresses(c.OCSPServer) {
		if f = s.sources.askOCSP(ctx, s, u, c, issuer, now); f.status != unknown {
			return f
		}
		reasons = append(reasons, f.why)
	}
	if f = s.askLists(ctx, webAddresses(c.CRLDistributionPoints), c, issuer, now); f.status != unknown {
		return f
	}
	return finding{why: because(append(reasons, f.why))}
}

// askLists asks revocation lists until one knows.
func (s *Store) askLists(ctx context.Context, sources []string, c, issuer *x509.Certificate, now time.Time) finding {
	var reasons []string
	for _, source := range sources {
		l, ask, err := s.sources.list(ctx, source, issuer, now)
		if err != nil {
			reasons = append(reasons, "CRL: "+strings.TrimPrefix(err.Error(), modi.ErrUndecided.Error()+": "))
			continue
		}
		f := l.of(c, now)
		if f.status != unknown {
			f.ask = earliest(ask, l.next)
			return f
		}
		reasons = append(reasons, "CRL: "+f.why)
	}
	return finding{why: strings.Join(reasons, "; ")}
}

func because(reasons []string) string {
	var said []string
	for _, r := range reasons {
		if r != "" {
			said = append(said, r)
		}
	}
	if len(said) == 0 {
		return "it names neither OCSP nor CRL by http, and no configured crl is of its CA"
	}
	return strings.Join(said, "; ")
}

// webAddresses are the first http and https URLs of a list. LDAP is not spoken.
func webAddresses(all []string) []string {
	var out []string
	for _, u := range all {
		if isURL(u) && len(out) < maxSources {
			out = append(out, u)
		}
	}
	return out
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// fetch makes one request and returns the body of a 200. Its errors wrap ErrUndecided
// and name no address.
func (s *Sources) fetch(ctx context.Context, req *http.Request, most int64) ([]byte, error) {
	resp, err := s.do(ctx, req, most)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", modi.ErrUndecided, err)
	}
	if resp.Status != http.StatusOK {
		return nil, fmt.Errorf("%w: its server answers %d", modi.ErrUndecided, resp.Status)
	}
	return resp.Body, nil
}

func (s *Sources) do(ctx context.Context, req *http.Request, most int64) (*outbound.Response, error) {
	if s.fetcher == nil {
		return nil, errOffline
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	return s.fetcher.Do(ctx, req, outbound.Exchange{MaxBody: most})
}

// identity tells certificates apart in the keys of memos.
func identity(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return string(sum[:])
}
