// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
)

// compare holds the tokens of a message against the message and against one another.
func (in Inspection) compare(m *message.Message, r *Report) {
	digest(m, r)
	voucher := find(r, modi.PatternVoucher)
	for i := range r.Tokens {
		t := &r.Tokens[i]
		switch t.Pattern {
		case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternPDNDResponse:
			t.signedHeaders(m)
		case modi.PatternAuditREST01, modi.PatternAuditREST02:
			t.binding(voucher)
		case modi.PatternDPoP:
			t.possession(m, voucher, in.Now)
		default:
		}
		if in.Audience == "" {
			t.address(m)
		}
	}
}

func find(r *Report, p modi.Pattern) *Token {
	i := slices.IndexFunc(r.Tokens, func(t Token) bool { return t.Pattern == p })
	if i < 0 {
		return nil
	}
	return &r.Tokens[i]
}

// digest compares the Digest header with the body.
func digest(m *message.Message, r *Report) {
	values := m.Header().Values(rest.HeaderDigest)
	if len(values) > 1 {
		r.Near = append(r.Near, Near{modi.IntegrityDigestRepeated, text("Digest è presente più volte", "Digest is there more than once")})
		return
	}
	if len(values) == 0 {
		if h := hint.OtherDigest(slices.Collect(maps.Keys(m.Header()))); h != (modi.Text{}) {
			r.Near = append(r.Near, Near{modi.IntegrityDigestMissing, h})
		}
		return
	}
	sum, alg, wellFormed := readDigest(values[0])
	rule := modi.IntegrityDigestMalformed
	if wellFormed {
		rule = modi.IntegrityDigestMismatch
		if right, err := modi.Bytes(m.Body).Digest(alg); err == nil && bytes.Equal(right, sum) {
			return
		}
	}
	encoding, _ := m.Get("Content-Encoding")
	h := hint.Digest(values[0], m.Body, encoding)
	switch {
	case h != (modi.Text{}):
	case wellFormed:
		h = text("non è il digest dei byte di questo corpo, in nessuna delle forme note", "this is not the digest of the bytes of this body, in any of the known forms")
	default:
		h = text("non è SHA-256=, SHA-384= o SHA-512= seguito dal base64 con riempimento", "this is not SHA-256=, SHA-384= or SHA-512= followed by padded base64")
	}
	r.Near = append(r.Near, Near{rule, text("Digest: "+h.IT, "Digest: "+h.EN)})
}

// readDigest reads a Digest header in the form of the guideline; false when it is in another,
// which verify calls malformed.
func readDigest(header string) (sum []byte, alg crypto.Hash, ok bool) {
	name, value, _ := strings.Cut(header, "=")
	alg, ok = map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}[name]
	if !ok {
		return nil, 0, false
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(value)
	return sum, alg, err == nil && len(sum) == alg.Size()
}

// hexSum is how a voucher writes the digest of a tracking evidence.
func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// signedHeaders compares the list with the headers of the message.
func (t *Token) signedHeaders(m *message.Message) {
	var list []map[string]string
	if json.Unmarshal(t.parts.body["signed_headers"], &list) != nil {
		return
	}
	signed := map[string][]string{}
	var order []string
	for _, item := range list {
		for name, value := range item {
			lower := strings.ToLower(name)
			if _, seen := signed[lower]; !seen {
				order = append(order, lower)
			}
			signed[lower] = append(signed[lower], value)
		}
	}
	h := m.Header()
	for _, name := range order {
		got := h.Values(name)
		switch {
		case len(got) == 0:
			t.near(modi.IntegritySignedHeaderMissing, text(
				name+" è firmato ma non è nel messaggio", name+" is signed but is not in the message"))
		case slices.Equal(signed[name], got):
		case name == "content-type" && len(got) == 1:
			if h := hint.ContentType(signed[name][0], got[0]); h != (modi.Text{}) {
				t.near(modi.IntegritySignedHeaderMismatch, text("content-type: "+h.IT, "content-type: "+h.EN))
			}
		default:
			t.near(modi.IntegritySignedHeaderMismatch, text(
				"il valore firmato di "+name+" non è quello del messaggio", "the signed value of "+name+" is not that of the message"))
		}
	}
	for _, due := range []struct {
		name string
		rule modi.RuleID
	}{
		{"content-type", modi.IntegrityContentTypeNotSigned},
		{"content-encoding", modi.IntegrityContentEncodingNotSigned},
		{"digest", modi.IntegrityDigestNotSigned},
	} {
		if _, ok := signed[due.name]; !ok && len(h.Values(due.name)) > 0 {
			t.near(due.rule, text(due.name+" è nel messaggio ma non è firmato", due.name+" is in the message but is not signed"))
		}
	}
}

// binding compares a tracking evidence with the voucher that must carry its digest.
func (t *Token) binding(voucher *Token) {
	if voucher == nil {
		return
	}
	value := str(members(voucher.parts.body["digest"]), "value")
	if value == "" || strings.EqualFold(value, hexSum(t.compact)) {
		return
	}
	h := hint.EvidenceDigest(value, t.compact)
	if h == (modi.Text{}) {
		h = text("è di un'altra tracciatura", "it is that of another tracking evidence")
	}
	t.near(modi.AuditDigestMismatch, text("digest del voucher: "+h.IT, "digest of the voucher: "+h.EN))
}

// possession verifies a DPoP proof, which carries its own key, and tells what does not
// fit the request or the voucher. Its age is told by the times.
func (t *Token) possession(m *message.Message, voucher *Token, now time.Time) {
	url := m.URL("https")
	if url == "" {
		return
	}
	if iat, ok := instant(t.parts.body["iat"]); ok {
		now = iat
	}
	v := dpop.Verifier{Clock: func() time.Time { return now }, Times: modi.ProofTimes()}
	request := dpop.Request{Method: m.Method, URL: url, Header: m.Header()}
	var err error
	if voucher == nil {
		_, err = v.VerifyTokenRequest(request)
	} else {
		presented, _ := dpop.Present(request.Header) // what is missing is told by Verify
		_, err = v.Verify(request, presented, str(members(voucher.parts.body["cnf"]), "jkt"))
	}
	var refusal *modi.Refusal
	if errors.As(err, &refusal) {
		for _, violation := range refusal.Violations {
			a := Advice(violation)
			t.near(violation.Rule, text(a.IT, a.EN))
		}
	}
}

// address compares aud with the URL of the request, as far as aud goes: an audience is
// often the address of the service, and differs from it by what people mistake.
func (t *Token) address(m *message.Message) {
	url := m.URL("https")
	if url == "" || t.Pattern == modi.PatternDPoP || t.Pattern == modi.PatternClientAssertion {
		return
	}
	for _, aud := range audience(t.parts.body) {
		part := sameDepth(url, aud)
		if part == "" || part == aud {
			return
		}
		h := hint.Audience([]string{aud}, part)
		if h != (modi.Text{}) {
			t.near("", text(
				"aud e indirizzo della richiesta: "+h.IT+" (di per sé non è un errore: fa fede l'audience pubblicata su PDND)",
				"aud and the address of the request: "+h.EN+" (no fault in itself: the audience published on PDND counts)"))
		}
	}
}

// sameDepth cuts the path of url to as many segments as that of aud has; empty when aud
// is no URL.
func sameDepth(url, aud string) string {
	_, place, ok := strings.Cut(aud, "://")
	if !ok {
		return ""
	}
	depth := strings.Count(strings.TrimRight(place, "/"), "/")
	scheme, rest, _ := strings.Cut(url, "://")
	rest, _, _ = strings.Cut(rest, "?")
	segments := strings.Split(rest, "/")
	if len(segments) <= depth {
		return url
	}
	return scheme + "://" + strings.Join(segments[:depth+1], "/")
}
