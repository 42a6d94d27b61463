// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand_test

import (
	"crypto"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

func sign(t testing.TB, text string, s byhand.Signing) *message.Message {
	t.Helper()
	m := parse(t, text)
	_, err := byhand.Sign(m, s)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(m.Bytes())) // as it is read from the file
}

func verify(t testing.TB, m *message.Message, v byhand.Verification) byhand.Verdict {
	t.Helper()
	verdict, err := byhand.Verify(t.Context(), m, v)
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// Whatever sign writes, verify accepts; one changed byte of the body, or another
// audience, is refused.
func TestSignedMessagesVerify(t *testing.T) {
	cert, store := certified(t)
	ec := newEC(t)
	ecKey := token.SigningKey{KID: thumbprint(t, ec.Public()), Algorithm: token.ES256, Signer: ec}
	keys := keysOf(t, clientID, newRSA(t).Public(), ec.Public())
	for name, c := range map[string]struct {
		key      token.SigningKey
		patterns []modi.Pattern
		change   func(*byhand.Signing, *byhand.Verification)
	}{
		"INTEGRITY_REST_02":           {client(t), []modi.Pattern{modi.PatternIntegrityREST02}, nil},
		"INTEGRITY_REST_02, ES256":    {ecKey, []modi.Pattern{modi.PatternIntegrityREST02}, nil},
		"AUDIT_REST_02":               {client(t), []modi.Pattern{modi.PatternAuditREST02}, nil},
		"AUDIT_REST_01":               {client(t), []modi.Pattern{modi.PatternAuditREST01}, nil},
		"AUDIT_REST_01 + certificate": {cert, []modi.Pattern{modi.PatternAuditREST01, modi.PatternIDAuthREST01}, func(s *byhand.Signing, _ *byhand.Verification) { s.References = []token.Reference{token.X5C} }},
		"ID_AUTH_REST_01":             {cert, []modi.Pattern{modi.PatternIDAuthREST01}, nil},
		"ID_AUTH_REST_02":             {cert, []modi.Pattern{modi.PatternIDAuthREST02}, nil},
		"INTEGRITY_REST_01":           {cert, []modi.Pattern{modi.PatternIntegrityREST01}, nil},
		"both headers":                {cert, []modi.Pattern{modi.PatternIDAuthREST02, modi.PatternIntegrityREST01}, nil},
		"both headers, bound": {cert, []modi.Pattern{modi.PatternIDAuthREST02, modi.PatternIntegrityREST01}, func(s *byhand.Signing, v *byhand.Verification) {
			s.SignedHeaders, v.MustSign = []string{"Authorization"}, []string{"authorization"}
		}},
		"AUDIT_REST_02 + INTEGRITY_REST_02": {client(t), []modi.Pattern{modi.PatternAuditREST02, modi.PatternIntegrityREST02}, nil},
		"custom header": {client(t), []modi.Pattern{modi.PatternIntegrityREST02}, func(s *byhand.Signing, v *byhand.Verification) {
			s.HeaderName, v.HeaderName = "Custom-JWT-Signature", "Custom-JWT-Signature"
		}},
		"SHA-512 in hexadecimal": {client(t), []modi.Pattern{modi.PatternIntegrityREST02}, func(s *byhand.Signing, v *byhand.Verification) {
			s.Digest, s.DigestHex, v.Lenient = crypto.SHA512, true, modi.Lenient{modi.LenientDigestHex}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, v := signing(c.key, c.patterns...), verification(keys, c.patterns...)
			v.Certificates = store
			if c.change != nil {
				c.change(&s, &v)
			}
			m := sign(t, requestHead+"\r\n"+body, s)
			verdict := verify(t, m, v)
			if !verdict.Accepted || len(verdict.Proofs) != len(c.patterns) {
				t.Fatalf("%+v", verdict)
			}
			for _, p := range verdict.Proofs {
				if p.JTI == "" && p.Pattern != modi.PatternIDAuthREST01 || p.Algorithm == "" || p.IssuedAt.IsZero() || p.Audience != aud {
					t.Errorf("proof %+v", p)
				}
			}
			v.Audience += "/"
			if verify(t, m, v).Accepted {
				t.Error("another audience is accepted")
			}
		})
	}
}

func TestSignKeepsTheMessageAsItIs(t *testing.T) {
	const text = "POST /istanze HTTP/1.1\nhost:api.comune.example\nX-b:  2\nDigest: old\nx-A: 1\n\n" + body
	m := sign(t, text, signing(client(t), modi.PatternIntegrityREST02))
	got := string(m.Bytes())
	want := "POST /istanze HTTP/1.1\nhost:api.comune.example\nX-b:  2\nDigest: SHA-256=" + sum(body) + "\nx-A: 1\nAgid-JWT-Signature: eyJ"
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "\n\n"+body) {
		t.Errorf("%s", got)
	}
}

func TestRepliesAndEmptyMessages(t *testing.T) {
	keys := keysOf(t, "", newRSA(t).Public())
	s, v := signing(client(t), modi.PatternIntegrityREST02), verification(keys, modi.PatternIntegrityREST02)
	s.ClientID, s.Audience, s.RequestDigest = "producer", clientID, "SHA-256="+sum(body)
	v.Reply, v.Audience, v.RequestDigest = true, clientID, s.RequestDigest
	m := sign(t, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}", s)
	if verdict := verify(t, m, v); !verdict.Accepted || verdict.Proofs[0].Issuer != "producer" {
		t.Errorf("%+v", verdict)
	}
	v.RequestDigest = "SHA-256=" + sum("other")
	if verify(t, m, v).Accepted {
		t.Error("a reply to another request is accepted")
	}

	empty := "HTTP/1.1 204 No Content\r\n\r\n"
	v.RequestDigest = ""
	m = sign(t, empty, s)
	if verdict := verify(t, m, v); !verdict.Accepted || len(verdict.Proofs) != 0 || len(m.Fields) != 0 {
		t.Errorf("%+v", verdict)
	}
	s.Empty, v.Empty = rest.TokenAlways, rest.TokenAlways
	if verify(t, m, v).Accepted {
		t.Error("an empty reply without token is accepted where one is due")
	}
	m = sign(t, empty, s)
	if verdict := verify(t, m, v); !verdict.Accepted || len(verdict.Proofs) != 1 {
		t.Errorf("%+v", verdict)
	}
}

// A whole call as PDND wants it: voucher bound to the evidence and to a DPoP key.
func TestVoucherEvidenceAndPossessionTogether(t *testing.T) {
	ec := newEC(t)
	s := signing(client(t), modi.PatternAuditREST02, modi.PatternIntegrityREST02)
	m := parse(t, requestHead+"\r\n"+body)
	signed, err := byhand.Sign(m, s)
	if err != nil {
		t.Fatal(err)
	}
	bound := voucher(t, "digest", signed[0].EvidenceDigest, "cnf", map[string]string{"jkt": thumbprint(t, ec.Public())})
	if err = m.Set("Authorization", "Bearer "+bound); err != nil {
		t.Fatal(err)
	}
	keys := keysOf(t, clientID, newRSA(t).Public())
	if err = keys.Add(jwks(t, platformKID)); err != nil {
		t.Fatal(err)
	}
	all := []modi.Pattern{modi.PatternVoucher, modi.PatternDPoP, modi.PatternAuditREST02, modi.PatternIntegrityREST02}
	if verify(t, m, verification(keys, all...)).Accepted {
		t.Error("a bound voucher without proof is accepted")
	}
	_, err = byhand.Sign(m, signing(token.SigningKey{Algorithm: token.ES256, Signer: ec}, modi.PatternDPoP))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := m.Get("Authorization"); got != "DPoP "+bound {
		t.Errorf("Authorization %.20s", got)
	}
	verdict := verify(t, m, verification(keys, all...))
	if !verdict.Accepted || len(verdict.Proofs) != 4 || len(verdict.Unchecked) != 1 {
		t.Errorf("%+v", verdict)
	}
	verdict = verify(t, m, verification(keys, modi.PatternDPoP))
	if !verdict.Accepted || verdict.Proofs[0].KID != thumbprint(t, ec.Public()) || len(verdict.Unchecked) != 1 {
		t.Errorf("proof alone: %+v", verdict)
	}
	verdict = verify(t, m, verification(keys, modi.PatternAuditREST02))
	if !verdict.Accepted || len(verdict.Unchecked) != 2 {
		t.Errorf("evidence alone: %+v", verdict)
	}
	v := verification(keys, all...)
	v.Issuer, v.ProducerID, v.EserviceID, v.DescriptorID = "uat.interop.pagopa.it", "p", "e", "another"
	verdict = verify(t, m, v)
	if verdict.Accepted || len(verdict.Violations) == 0 || verdict.Violations[0].Rule != modi.VoucherDescriptorMismatch || len(verdict.Unchecked) != 0 {
		t.Errorf("another descriptor: %+v", verdict)
	}
}

func TestTokenRequestProof(t *testing.T) {
	ec := newEC(t)
	m := sign(t, "POST /token.oauth2 HTTP/1.1\r\nHost: auth.uat.interop.pagopa.it\r\n\r\n", signing(token.SigningKey{Algorithm: token.ES256, Signer: ec}, modi.PatternDPoP))
	verdict := verify(t, m, verification(nil, modi.PatternDPoP))
	if !verdict.Accepted || verdict.Proofs[0].KID != thumbprint(t, ec.Public()) {
		t.Errorf("%+v", verdict)
	}
	v := verification(nil, modi.PatternDPoP)
	v.URL = "https://auth.interop.pagopa.it/token.oauth2"
	if verify(t, m, v).Accepted {
		t.Error("the proof of another environment is accepted")
	}
}

// What sign must be told is asked for by the name of its option.
func TestSignAsksForWhatIsMissing(t *testing.T) {
	cert, _ := certified(t)
	good := func(p ...modi.Pattern) byhand.Signing { return signing(client(t), p...) }
	for name, c := range map[string]struct {
		text   string
		s      byhand.Signing
		change func(*byhand.Signing)
		want   string
	}{
		"audience":             {requestHead, good(modi.PatternIntegrityREST02), func(s *byhand.Signing) { s.Audience = "" }, "--audience"},
		"client":               {requestHead, good(modi.PatternIntegrityREST02), func(s *byhand.Signing) { s.ClientID = "" }, "--client-id"},
		"purpose":              {requestHead, good(modi.PatternAuditREST02), func(s *byhand.Signing) { s.PurposeID = "" }, "--purpose-id"},
		"user":                 {requestHead, good(modi.PatternAuditREST02), func(s *byhand.Signing) { s.UserID = "" }, "--user-id"},
		"location":             {requestHead, good(modi.PatternAuditREST01), func(s *byhand.Signing) { s.UserLocation = "" }, "--user-location"},
		"certificate":          {requestHead, good(modi.PatternIDAuthREST01), func(*byhand.Signing) {}, "--cert"},
		"one of two":           {requestHead, signing(cert, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02), func(*byhand.Signing) {}, "stessa intestazione"},
		"one of two, DPoP":     {requestHead, signing(cert, modi.PatternIDAuthREST01, modi.PatternDPoP), func(*byhand.Signing) {}, "stessa intestazione"},
		"address":              {"GET / HTTP/1.1\r\n", good(modi.PatternDPoP), func(*byhand.Signing) {}, "--url"},
		"bound voucher":        {requestHead + "Authorization: DPoP " + voucher(t) + "\r\n", good(modi.PatternDPoP), func(*byhand.Signing) {}, "cnf.jkt"},
		"voucher's key":        {requestHead + "Authorization: DPoP " + voucher(t, "cnf", map[string]string{"jkt": strings.Repeat("A", 43)}) + "\r\n", good(modi.PatternDPoP), func(*byhand.Signing) {}, "altra chiave"},
		"one voucher":          {requestHead + "Authorization: Basic YTpi\r\n", good(modi.PatternDPoP), func(*byhand.Signing) {}, "scheme"},
		"UTF-8":                {strings.Replace(requestHead, "application/json", "application/\xe8", 1), good(modi.PatternIntegrityREST02), func(*byhand.Signing) {}, "UTF-8"},
		"a header to be there": {requestHead, good(modi.PatternIntegrityREST02), func(s *byhand.Signing) { s.SignedHeaders = []string{"X-Assente"} }, "X-Assente"},
	} {
		t.Run(name, func(t *testing.T) {
			c.change(&c.s)
			_, err := byhand.Sign(parse(t, c.text+"\r\n"+body), c.s)
			if err == nil || !strings.Contains(italian(err), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestVerifyDoesNotDecideWithoutWhatItNeeds(t *testing.T) {
	m := sign(t, requestHead+"\r\n"+body, signing(client(t), modi.PatternIntegrityREST02))
	cert, _ := certified(t)
	byCert := sign(t, requestHead+"\r\n"+body, signing(cert, modi.PatternIDAuthREST01))
	for name, c := range map[string]struct {
		m *message.Message
		v byhand.Verification
	}{
		"no keys":         {m, verification(&byhand.Keys{}, modi.PatternIntegrityREST02)},
		"no audience":     {m, byhand.Verification{Patterns: []modi.Pattern{modi.PatternIntegrityREST02}, Keys: keysOf(t, ""), Clock: clock}},
		"no CA":           {byCert, verification(nil, modi.PatternIDAuthREST01)},
		"no assertion":    {m, verification(nil, modi.PatternClientAssertion)},
		"assertion, also": {m, verification(nil, modi.PatternClientAssertion, modi.PatternVoucher)},
		"no address":      {parse(t, "GET / HTTP/1.1\r\nDPoP: x\r\n\r\n"), verification(nil, modi.PatternDPoP)},
	} {
		t.Run(name, func(t *testing.T) {
			verdict, err := byhand.Verify(t.Context(), c.m, c.v)
			if err == nil {
				t.Errorf("decided: %+v", verdict)
			}
		})
	}
}

// A claim that no rule asks for is noted when its name is almost right.
func TestVerifyNotesMisspeltLoA(t *testing.T) {
	v := verification(keysOf(t, clientID, newRSA(t).Public()), modi.PatternAuditREST01)
	v.PurposeID = purposeID
	for name, want := range map[string]int{"loa": 1, "LOA": 1, "LoA": 0, "livello": 0} {
		m := byhand.Wrap(forge(t, joseHeader(t), with(auditClaims(), "dnonce", nil, name, "LoA3")), modi.PatternAuditREST01)
		verdict := verify(t, m, v)
		if !verdict.Accepted || len(verdict.Unchecked) != want || want == 1 && !contains(verdict.Unchecked[0], "il nome del claim è LoA") {
			t.Errorf("%s: %+v", name, verdict)
		}
	}
}
