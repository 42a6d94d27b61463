// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// maxList bounds a revocation list in bytes. The lists of qualified CAs take some
// megabytes.
const maxList = 16 << 20

// fileKept is how long a list read from a file serves before the file is read again.
const fileKept = time.Minute

var errOffline = errors.New("the network is not used")

// crl is a verified revocation list, reduced to what is asked of it. One of another CA
// has no scope and revokes nothing.
type crl struct {
	other   bool // it is of another CA
	scope   scope
	next    time.Time
	revoked map[string]time.Time // by serial
}

// of says what the list knows of a certificate of its CA.
func (l *crl) of(c *x509.Certificate, now time.Time) finding {
	switch {
	case l.other:
		return finding{why: "it is of another CA"}
	case !now.Before(l.next):
		return finding{why: "stale since " + instant(l.next)}
	case !l.scope.covers(c):
		return finding{why: "it is of another part of the CA's certificates"}
	}
	if at, ok := l.revoked[serial(c.SerialNumber)]; ok {
		return finding{status: revoked, at: at}
	}
	return finding{status: good, ask: l.next}
}

func serial(n *big.Int) string { return n.Text(62) }

// list returns the list that a file or an address holds, verified by issuer.
func (s *Sources) list(ctx context.Context, source string, issuer *x509.Certificate, now time.Time) (*crl, time.Time, error) {
	return s.lists.get(ctx, source+"\x00"+identity(issuer), now, func(ctx context.Context) answer[*crl] {
		kept := maxKept
		data, err := s.listBytes(ctx, source)
		if err != nil {
			return answer[*crl]{err: err}
		}
		l, err := readList(data, issuer, now)
		if err != nil {
			return answer[*crl]{err: fmt.Errorf("%w: %w", modi.ErrUndecided, err)}
		}
		if !isURL(source) || l.other {
			kept = fileKept
		}
		return answer[*crl]{value: l, ask: earliest(now.Add(kept), l.next), until: l.next}
	})
}

func (s *Sources) listBytes(ctx context.Context, source string) ([]byte, error) {
	if !isURL(source) {
		data, err := readFile(source, maxList)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", modi.ErrUndecided, err)
		}
		return data, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: its address cannot be read", modi.ErrUndecided)
	}
	return s.fetch(ctx, req, maxList)
}

// readList parses and verifies a list (RFC 5280 §5, §6.3). Delta lists, indirect lists and
// lists of some reasons only are not understood, and said to be so: taking one of them
// for the whole would clear what is revoked.
func readList(data []byte, issuer *x509.Certificate, now time.Time) (*crl, error) {
	if block, _ := pem.Decode(data); block != nil && block.Type == "X509 CRL" {
		data = block.Bytes
	}
	parsed, err := x509.ParseRevocationList(data)
	if err != nil {
		return nil, errors.New("it does not parse as a revocation list")
	}
	if !bytes.Equal(parsed.RawIssuer, issuer.RawSubject) {
		return &crl{other: true, next: now.Add(fileKept)}, nil
	}
	if weakSignature(parsed.SignatureAlgorithm) {
		return nil, fmt.Errorf("it is signed with %s", parsed.SignatureAlgorithm)
	}
	if parsed.CheckSignatureFrom(issuer) != nil {
		return nil, errors.New("it is signed by another key than the CA's")
	}
	if parsed.ThisUpdate.After(now.Add(skew)) {
		return nil, fmt.Errorf("it is of %s, in the future", instant(parsed.ThisUpdate))
	}
	if parsed.NextUpdate.IsZero() || !now.Before(parsed.NextUpdate) {
		return nil, fmt.Errorf("it is stale, its next was due at %s", instant(parsed.NextUpdate))
	}
	l := &crl{next: parsed.NextUpdate, revoked: make(map[string]time.Time, len(parsed.RevokedCertificateEntries))}
	if l.scope, err = readScope(parsed.Extensions); err != nil {
		return nil, err
	}
	for _, e := range parsed.RevokedCertificateEntries {
		if slices.ContainsFunc(e.Extensions, func(x pkix.Extension) bool { return x.Critical }) {
			return nil, errors.New("it has entries with a critical extension, as indirect lists do")
		}
		l.revoked[serial(e.SerialNumber)] = e.RevocationTime
	}
	return l, nil
}

// scope is which certificates of a CA a list speaks of (RFC 5280 §5.2.5).
type scope struct {
	points        []string // addresses of the distribution point; none means any
	users, others bool     // only of users, only of CAs
}

func (s scope) covers(c *x509.Certificate) bool {
	if c.IsCA && s.users || !c.IsCA && s.others {
		return false
	}
	return len(s.points) == 0 || slices.ContainsFunc(s.points, func(p string) bool {
		return slices.Contains(c.CRLDistributionPoints, p)
	})
}

// issuingPoint is the extension IssuingDistributionPoint.
type issuingPoint struct {
	Point      pointName      `asn1:"optional,tag:0"`
	Users      bool           `asn1:"optional,tag:1"`
	CAs        bool           `asn1:"optional,tag:2"`
	Reasons    asn1.BitString `asn1:"optional,tag:3"`
	Indirect   bool           `asn1:"optional,tag:4"`
	Attributes bool           `asn1:"optional,tag:5"`
}

type pointName struct {
	Full     []asn1.RawValue  `asn1:"optional,tag:0"`
	Relative pkix.RDNSequence `asn1:"optional,tag:1"`
}

// readScope reads the extensions that narrow a list, and refuses the critical ones that
// it does not know.
func readScope(extensions []pkix.Extension) (scope, error) {
	var s scope
	for _, x := range extensions {
		switch {
		case x.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 27}):
			return scope{}, errors.New("it is a delta list, which is not supported")
		case x.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 28}):
			var p issuingPoint
			rest, err := asn1.Unmarshal(x.Value, &p)
			if err != nil || len(rest) > 0 {
				return scope{}, errors.New("its issuing distribution point cannot be read")
			}
			if p.Indirect || p.Attributes || p.Reasons.BitLength > 0 || len(p.Point.Relative) > 0 {
				return scope{}, errors.New("it is an indirect list, or one of some reasons only, which is not supported")
			}
			s.users, s.others = p.Users, p.CAs
			for _, name := range p.Point.Full {
				if name.Class == asn1.ClassContextSpecific && name.Tag == 6 {
					s.points = append(s.points, string(name.Bytes))
				}
			}
			if len(p.Point.Full) > 0 && len(s.points) == 0 {
				return scope{}, errors.New("its distribution point is not a URL")
			}
		case x.Critical:
			return scope{}, fmt.Errorf("its critical extension %s is unknown", x.Id)
		}
	}
	return s, nil
}

// weakSignature tells the algorithms with which somebody else could have signed.
func weakSignature(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.UnknownSignatureAlgorithm, x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1,
		x509.DSAWithSHA256, x509.ECDSAWithSHA1:
		return true
	default:
		return false
	}
}
