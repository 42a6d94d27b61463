// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"crypto"
	"io"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// Signing says which proofs to add to a message and what they say.
type Signing struct {
	Patterns []modi.Pattern // from ParsePatterns with Signable

	Key                       token.SigningKey
	References                []token.Reference // how to name the certificate, where one names the key
	Issuer, Subject, ClientID string            // Issuer empty: ClientID
	Audience                  string
	PurposeID                 string
	UserID, UserLocation, LoA string
	URL                       string // of the request, for DPoP; empty: https, Host and target
	HeaderName                string // of the integrity token; empty: Agid-JWT-Signature
	SignedHeaders             []string
	Digest                    crypto.Hash
	DigestHex                 bool
	Empty                     rest.EmptyPayload
	RequestDigest             string
	Now                       time.Time
	Rand                      io.Reader
	Lifetime, BackDate        time.Duration
}

// Signed is what Sign added.
type Signed struct {
	Pattern        modi.Pattern
	Header         string          // that holds the proof; empty when none was due
	EvidenceDigest *voucher.Digest // what the client assertion must carry, AUDIT_REST_02 only
}

// Sign adds the proofs to a message, whose other fields and body stay as they are. A
// message without a body gets no proof of integrity unless the mode asks for it.
func Sign(m *message.Message, s Signing) ([]Signed, error) {
	err := s.check()
	if err != nil {
		return nil, err
	}
	w := rest.Message{Header: m.Header(), Body: modi.Bytes(m.Body)}
	var out []Signed
	for _, p := range s.Patterns {
		made, err := s.sign(p, m, &w)
		if err != nil {
			return nil, bilingual.Errorf("%s: %w", "%s: %w", p, err)
		}
		out = append(out, made)
		// The headers of the messages written by hand keep their order: what was signed is
		// put where it stood, or at the end.
		for _, name := range made.touched() {
			value := w.Header.Get(name)
			if value == "" {
				m.Del(name)
				continue
			}
			if err := m.Set(name, value); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// touched are the headers that a pattern writes.
func (s Signed) touched() []string {
	if s.Header == "" {
		return nil
	}
	switch s.Pattern {
	case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02:
		return []string{rest.HeaderDigest, s.Header}
	case modi.PatternDPoP:
		return []string{"Authorization", s.Header}
	default:
		return []string{s.Header}
	}
}

// check finds what is missing before anything is signed, by the names of the options.
func (s *Signing) check() error {
	if s.Issuer == "" {
		s.Issuer = s.ClientID
	}
	err := exclusive(s.Patterns)
	if err != nil {
		return err
	}
	audit := slices.Contains(s.Patterns, modi.PatternAuditREST01) || slices.Contains(s.Patterns, modi.PatternAuditREST02)
	kid := slices.Contains(s.Patterns, modi.PatternIntegrityREST02)
	only := len(s.Patterns) == 1 && s.Patterns[0] == modi.PatternDPoP
	for _, need := range []struct {
		when         bool
		value, names string
	}{
		{!only, s.Audience, "--audience"},
		{audit && !s.certified() || kid, s.Issuer, "--client-id"},
		{slices.Contains(s.Patterns, modi.PatternAuditREST02), s.PurposeID, "--purpose-id"},
		{audit, s.UserID, "--user-id"},
		{audit, s.UserLocation, "--user-location"},
	} {
		if need.when && need.value == "" {
			return bilingual.Errorf("per %s serve %s", "%s needs %s", names(s.Patterns), need.names)
		}
	}
	if slices.ContainsFunc(s.Patterns, byCertificate) && len(s.Key.Chain) == 0 && s.Key.X5U == "" {
		return bilingual.Errorf("per %s serve il certificato della chiave: --cert FILE", "%s needs the certificate of the key: --cert FILE", names(s.Patterns))
	}
	return nil
}

// exclusive refuses patterns that would write the same header.
func exclusive(patterns []modi.Pattern) error {
	for _, group := range [][]modi.Pattern{
		{modi.PatternVoucher, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02},
		{modi.PatternDPoP, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02},
		{modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternPDNDResponse},
		{modi.PatternAuditREST01, modi.PatternAuditREST02},
	} {
		var both []modi.Pattern
		for _, p := range patterns {
			if slices.Contains(group, p) {
				both = append(both, p)
			}
		}
		if len(both) > 1 && (both[0] != modi.PatternVoucher || both[1] != modi.PatternDPoP) {
			return bilingual.Errorf("%s usano la stessa intestazione HTTP: sceglierne uno", "%s use the same HTTP header: choose one", names(both))
		}
	}
	if len(patterns) > 1 && slices.Contains(patterns, modi.PatternClientAssertion) {
		return bilingual.Errorf("la client assertion va verificata da sola", "a client assertion is verified alone")
	}
	return nil
}

func (s *Signing) sign(p modi.Pattern, m *message.Message, w *rest.Message) (Signed, error) {
	stamp := rest.Stamp{Now: s.Now, Rand: s.Rand, BackDate: s.BackDate, Lifetime: s.Lifetime}
	made := Signed{Pattern: p}
	switch p {
	case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
		made.Header = "Authorization"
		_, err := rest.SignIDAuth(w, rest.IDAuthInput{
			Pattern: p, Issuer: s.Issuer, Subject: s.Subject, ClientID: s.ClientID, Audience: s.Audience, References: s.References,
		}, stamp, s.Key)
		return made, err
	case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02:
		return s.integrity(made, m, w, stamp)
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
		made.Header = rest.HeaderTrackingEvidence
		in := rest.AuditInput{
			Pattern: p, Issuer: s.Issuer, Audience: s.Audience, PurposeID: s.PurposeID,
			UserID: s.UserID, UserLocation: s.UserLocation, LoA: s.LoA,
		}
		if s.certified() {
			in.References = s.References
			if len(in.References) == 0 {
				in.References = []token.Reference{token.X5C}
			}
		}
		evidence, err := rest.SignAudit(in, stamp, s.Key)
		if err != nil {
			return made, err
		}
		w.Header.Set(made.Header, evidence.Compact)
		if p == modi.PatternAuditREST02 {
			made.EvidenceDigest = &evidence.Digest
		}
		return made, nil
	default:
		return s.possession(made, m, w)
	}
}

// certified tells whether the tracking evidence too names its key by certificate: where
// the message has no proof whose key PDND knows, and no kid was given instead.
func (s *Signing) certified() bool {
	named := len(s.References) > 0 || s.Key.KID == ""
	return named && len(s.Key.Chain) > 0 && !slices.Contains(s.Patterns, modi.PatternIntegrityREST02) && !slices.Contains(s.Patterns, modi.PatternAuditREST02)
}

func (s *Signing) integrity(made Signed, m *message.Message, w *rest.Message, stamp rest.Stamp) (Signed, error) {
	direction := rest.Request
	if !m.IsRequest() {
		direction = rest.Reply
	}
	due := s.Empty.Requires(direction)
	if len(m.Body) == 0 && !due && len(s.SignedHeaders) == 0 {
		return made, nil
	}
	for _, name := range append([]string{"Content-Type", "Content-Encoding"}, s.SignedHeaders...) {
		for _, value := range w.Header.Values(name) {
			if !utf8.ValidString(value) { // JSON could not hold it: what is signed would be another value
				return made, bilingual.Errorf("il valore di %s non è UTF-8: non si può firmare", "the value of %s is not UTF-8: it cannot be signed", name)
			}
		}
	}
	in := rest.IntegrityInput{
		Pattern: made.Pattern, Issuer: s.Issuer, Subject: s.Subject, Audience: s.Audience,
		HeaderName: s.HeaderName, SignedHeaders: s.SignedHeaders, Digest: s.Digest, DigestHex: s.DigestHex,
		DigestEmpty: due, RequestDigest: s.RequestDigest,
	}
	if byCertificate(made.Pattern) {
		in.References, in.ClientID = s.References, s.ClientID
	}
	made.Header = s.HeaderName
	if made.Header == "" {
		made.Header = rest.HeaderSignature
	}
	_, err := rest.SignIntegrity(w, in, stamp, s.Key)
	return made, err
}

// possession adds a DPoP proof. A request with a voucher gets a proof for it and the
// scheme DPoP; one without is a request to the token endpoint.
func (s *Signing) possession(made Signed, m *message.Message, w *rest.Message) (Signed, error) {
	made.Header = dpop.HeaderProof
	in := dpop.Input{Method: m.Method, URL: s.URL}
	if in.URL == "" {
		in.URL = m.URL("https")
	}
	if in.URL == "" || in.Method == "" {
		return made, bilingual.Errorf("serve una richiesta con Host, o --url", "a request with Host is needed, or --url")
	}
	if len(w.Header.Values("Authorization")) > 0 {
		presented, err := dpop.Present(w.Header)
		if err != nil {
			return made, err
		}
		in.Voucher = presented.Compact
		err = s.sameKey(presented.Compact)
		if err != nil {
			return made, err
		}
		w.Header.Set("Authorization", string(dpop.SchemeDPoP)+" "+presented.Compact)
	}
	proof, err := dpop.Prove(in, s.Now, s.Rand, s.Key)
	if err != nil {
		return made, err
	}
	w.Header[http.CanonicalHeaderKey(made.Header)] = []string{proof}
	return made, nil
}

// sameKey refuses to prove the possession of a key that the voucher is not bound to.
func (s *Signing) sameKey(compact string) error {
	p, _ := decode(compact)
	jkt := str(members(p.body["cnf"]), "jkt")
	own, err := token.Thumbprint(s.Key.Signer.Public())
	switch {
	case err != nil:
		return err
	case jkt == "":
		return bilingual.Errorf("il voucher in Authorization non è legato a una chiave (manca cnf.jkt): va chiesto a PDND con una prova DPoP",
			"the voucher in Authorization is not bound to a key (no cnf.jkt): ask PDND for it with a DPoP proof")
	case jkt != own:
		return bilingual.Errorf("il voucher è legato a un'altra chiave: cnf.jkt %.64q, questa è %s",
			"the voucher is bound to another key: cnf.jkt %.64q, this one is %s", jkt, own)
	}
	return nil
}
