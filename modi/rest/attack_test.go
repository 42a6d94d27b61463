// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"bufio"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
)

// evidence01 are the claims of AUDIT_REST_01.
func evidence01() map[string]any {
	return moditest.With(goodIDAuth(), "jti", "audit-1", "userID", "operatore-17", "userLocation", "sportello-2")
}

// identified verifies an identity and its tracking evidence, both by certificate.
func identified(t testing.TB, more ...*x509.Certificate) rest.Verifier {
	t.Helper()
	id := idAuthVerifier(t)
	id.Organization, id.Certificates = "", trusted(t, more...)
	return rest.Verifier{IDAuth: &id, Audit: &rest.AuditVerifier{
		Pattern: modi.PatternAuditREST01, Audience: moditest.Audience, Certificates: trusted(t, more...), Clock: moditest.Clock, Times: modi.PartyTimes(),
	}}
}

// underCertificate signs claims with a key and its certificate in x5c.
func underCertificate(t testing.TB, cert *x509.Certificate, claims map[string]any, key crypto.Signer) string {
	t.Helper()
	x5c := base64.StdEncoding.EncodeToString(cert.Raw)
	return moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","typ":"JWT","x5c":[%q]}`, x5c), moditest.JSON(t, claims), key)
}

func TestRejectsEvidenceThatDoesNotBelongToTheCaller(t *testing.T) {
	own, other := moditest.RSA(t, 0), moditest.RSA(t, 1)
	same := moditest.Certificate(t, other, moditest.Organization)
	foreign := moditest.Certificate(t, other, "99999990006")
	nameless, unnamed := moditest.Certificate(t, own, ""), moditest.Certificate(t, other, "")
	mine := signer(t).Chain[0]
	for name, c := range map[string]struct {
		identity, evidence *x509.Certificate
		rules              []modi.RuleID
	}{
		"of the caller":                   {mine, mine, nil},
		"another key of the organisation": {mine, same, nil},
		"of another organisation":         {mine, foreign, []modi.RuleID{modi.AuditOwnerMismatch}},
		"of nobody":                       {mine, unnamed, []modi.RuleID{modi.AuditOwnerMismatch}},
		"caller of nobody":                {nameless, foreign, []modi.RuleID{modi.AuditOwnerMismatch}},
		"both of nobody, one key":         {nameless, nameless, nil},
		"both of nobody, two keys":        {nameless, unnamed, []modi.RuleID{modi.AuditOwnerMismatch}},
	} {
		t.Run(name, func(t *testing.T) {
			keyOf := func(cert *x509.Certificate) crypto.Signer {
				if own.PublicKey.Equal(cert.PublicKey) {
					return own
				}
				return other
			}
			h := headers("Authorization", "Bearer "+underCertificate(t, c.identity, goodIDAuth(), keyOf(c.identity)),
				rest.HeaderTrackingEvidence, underCertificate(t, c.evidence, evidence01(), keyOf(c.evidence)))
			_, err := identified(t, same, foreign, nameless, unnamed).Verify(t.Context(), rest.Message{Header: h})
			moditest.WantRules(t, err, c.rules...)
		})
	}
}

func TestRejectsEvidenceAsIdentity(t *testing.T) {
	evidence := certify(t, evidence01(), moditest.RSA(t, 0))
	v := identified(t)
	v.IDAuth.Pattern = modi.PatternIDAuthREST02
	_, err := v.Verify(t.Context(), rest.Message{Header: headers("Authorization", "Bearer "+evidence, rest.HeaderTrackingEvidence, evidence)})
	moditest.WantRules(t, err, modi.IDAuthClaimNotAllowed)
}

// One token is not two proofs, whatever claims it carries.
func TestRejectsOneTokenInTwoHeaders(t *testing.T) {
	both := moditest.With(evidence01(), "signed_headers", list("digest", digest256(body), "content-type", typeJSON))
	compact := certify(t, both, moditest.RSA(t, 0))
	integrity := integrity01(t)
	v := rest.Verifier{Integrity: &integrity, Audit: identified(t).Audit}
	m := rest.Message{Body: modi.Bytes(body), Header: headers("Digest", digest256(body), "Content-Type", typeJSON,
		rest.HeaderSignature, compact, rest.HeaderTrackingEvidence, compact)}
	_, err := v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.AuditTokenRepeated)
	m.Header.Set(rest.HeaderTrackingEvidence, certify(t, evidence01(), moditest.RSA(t, 0)))
	_, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err)
}

// Without a voucher nothing says whose key a kid must be.
func TestKeysOfAnyClientAreNotTaken(t *testing.T) {
	digest := headers("Digest", digest256(body), "Content-Type", typeJSON)
	m := message(t, goodIntegrity(), body, digest)
	owned := integrityVerifier(t)
	open := owned
	open.Owner = ""
	certified := integrity01(t)
	evidence := identified(t).Audit
	byKID := *evidence
	byKID.Certificates, byKID.Keys = nil, clientKeys(t)
	for name, c := range map[string]struct {
		v         rest.Verifier
		undecided bool
	}{
		"owner stated":             {rest.Verifier{Integrity: &owned}, false},
		"nobody stated":            {rest.Verifier{Integrity: &open}, true},
		"beside an identity":       {rest.Verifier{IDAuth: identified(t).IDAuth, Integrity: &open}, true},
		"the caller looks":         {rest.Verifier{Integrity: &open, AnyOwner: true}, false},
		"a certificate says whose": {rest.Verifier{Integrity: &certified}, false},
		"evidence of any client":   {rest.Verifier{Integrity: &owned, Audit: &byKID}, true},
	} {
		_, err := c.v.Verify(t.Context(), m)
		if errors.Is(err, modi.ErrUndecided) != c.undecided {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Leniencies let in what they name and nothing that looks like it.
func TestLenienciesDoNotAdmitMore(t *testing.T) {
	now, good := moditest.Now().Unix(), digest256(body)
	signing := func(digest string) map[string]any {
		return moditest.With(goodIntegrity(), "signed_headers", list("digest", digest, "content-type", typeJSON))
	}
	twice, four := good+","+good, good+","+digest384(body)+","+digest512(body)+","+good
	for name, c := range map[string]struct {
		leniency    modi.Leniency
		claims      map[string]any
		typ, digest string
		rules       []modi.RuleID
	}{
		"long s in SHA":          {modi.LenientDigestCase, signing(strings.Replace(good, "S", "\u017f", 1)), "JWT", strings.Replace(good, "S", "\u017f", 1), []modi.RuleID{modi.IntegrityDigestMalformed}},
		"one of each algorithm":  {modi.LenientDigestList, signing(good + "," + digest512(body)), "JWT", good + "," + digest512(body), nil},
		"one algorithm twice":    {modi.LenientDigestList, signing(twice), "JWT", twice, []modi.RuleID{modi.IntegrityDigestMalformed}},
		"four digests":           {modi.LenientDigestList, signing(four), "JWT", four, []modi.RuleID{modi.IntegrityDigestMalformed}},
		"time with an exponent":  {modi.LenientNumericStrings, moditest.With(goodIntegrity(), "exp", fmt.Sprintf("%d.99e0", now+60)), "JWT", good, []modi.RuleID{modi.IntegrityExpMalformed}},
		"time with a fraction":   {modi.LenientNumericStrings, moditest.With(goodIntegrity(), "exp", fmt.Sprintf("%d.5", now+60)), "JWT", good, []modi.RuleID{modi.IntegrityExpMalformed}},
		"list with a number":     {modi.LenientAudienceJSON, moditest.With(goodIntegrity(), "aud", fmt.Sprintf("[1,%q]", moditest.Audience)), "JWT", good, []modi.RuleID{modi.IntegrityAudienceMismatch}},
		"typ jose":               {modi.LenientTypeAny, goodIntegrity(), "jose", good, nil},
		"typ application/JWT":    {modi.LenientTypeAny, goodIntegrity(), "application/JWT", good, nil},
		"access token":           {modi.LenientTypeAny, goodIntegrity(), "at+jwt", good, []modi.RuleID{modi.IntegrityTypeMismatch}},
		"access token, in full":  {modi.LenientTypeAny, goodIntegrity(), "application/at+jwt", good, []modi.RuleID{modi.IntegrityTypeMismatch}},
		"proof of possession":    {modi.LenientTypeAny, goodIntegrity(), "Application/DPoP+JWT", good, []modi.RuleID{modi.IntegrityTypeMismatch}},
		"logout of another kind": {modi.LenientTypeAny, goodIntegrity(), "logout+jwt", good, []modi.RuleID{modi.IntegrityTypeMismatch}},
		"security event":         {modi.LenientTypeAny, goodIntegrity(), "secevent+jwt", good, []modi.RuleID{modi.IntegrityTypeMismatch}},
	} {
		t.Run(name, func(t *testing.T) {
			v := integrityVerifier(t)
			v.Lenient = modi.Lenient{c.leniency}
			h := headers("Digest", c.digest, "Content-Type", typeJSON)
			h.Set(rest.HeaderSignature, moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":%q}`, clientKey(t).KID, c.typ), moditest.JSON(t, c.claims), moditest.RSA(t, 0)))
			_, err := v.Verify(t.Context(), rest.Message{Header: h, Body: modi.Bytes(body)})
			moditest.WantRules(t, err, c.rules...)
		})
	}
}

// The list is bounded however its members are spread over objects.
func TestRejectsThousandsOfSignedHeaders(t *testing.T) {
	members := map[string]string{"digest": digest256(body), "content-type": typeJSON}
	for i := range 255 {
		members[fmt.Sprintf("x-%d", i)] = ""
	}
	v := integrityVerifier(t)
	v.Lenient = modi.Lenient{modi.LenientTwoMembers}
	claims := moditest.With(goodIntegrity(), "signed_headers", []any{members})
	_, err := v.Verify(t.Context(), message(t, claims, body, headers("Digest", digest256(body), "Content-Type", typeJSON)))
	moditest.WantRules(t, err, modi.IntegritySignedHeadersMalformed)
}

// Only who may call gets the search for the body that was hashed.
func TestNoDigestHintForAKeyOfAnotherClient(t *testing.T) {
	v := integrityVerifier(t)
	m := message(t, goodIntegrity(), body+"\n", headers("Digest", digest256(body), "Content-Type", typeJSON))
	for owner, hinted := range map[string]bool{moditest.ClientID: true, moditest.ConsumerID: false} {
		v.Owner = owner
		_, err := v.Verify(t.Context(), m)
		found := false
		for _, violation := range violations(err) {
			found = found || violation.Rule == modi.IntegrityDigestMismatch && violation.Hint != modi.Text{}
		}
		if found != hinted {
			t.Errorf("key of %s: hint %v, want %v: %v", owner, found, hinted, err)
		}
	}
	bomb := message(t, goodIntegrity(), strings.Repeat("[", 3000)+strings.Repeat("]", 3000), headers("Digest", digest256(body), "Content-Type", typeJSON))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := integrityVerifier(t).Verify(t.Context(), bomb)
	runtime.ReadMemStats(&after)
	moditest.WantRules(t, err, modi.IntegrityDigestMismatch)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("%d bytes allocated", used)
	}
}

// net/http takes Host out of the headers of a request.
func TestSignedHost(t *testing.T) {
	claims := moditest.With(goodIntegrity(), "signed_headers", list("digest", digest256(body), "content-type", typeJSON, "host", "api.comune.example"))
	raw := fmt.Sprintf("POST /x HTTP/1.1\r\nHost: api.comune.example\r\nContent-Type: %s\r\nDigest: %s\r\nAgid-JWT-Signature: %s\r\nContent-Length: %d\r\n\r\n%s",
		typeJSON, digest256(body), forge(t, claims, moditest.RSA(t, 0)), len(body), body)
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for host, rules := range map[string][]modi.RuleID{
		r.Host: nil, "altrove.example": {modi.IntegritySignedHeaderMismatch}, "": {modi.IntegritySignedHeaderMissing},
	} {
		_, err := integrityVerifier(t).Verify(t.Context(), rest.Message{Header: r.Header, Body: modi.Bytes(body), Host: host})
		moditest.WantRules(t, err, rules...)
		if host == "" && violations(err)[0].Hint == (modi.Text{}) {
			t.Error("the refusal does not say that Host was not there")
		}
	}
	m := rest.Message{Header: headers("Content-Type", typeJSON), Body: modi.Bytes(body), Host: "api.comune.example"}
	_, err = rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: moditest.ClientID, Audience: moditest.Audience, SignedHeaders: []string{"Host"}}, stamp(), clientKey(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = integrityVerifier(t).Verify(t.Context(), m)
	moditest.WantRules(t, err)
}

// Refusals are read and logged: a codice fiscale in a claim for identifiers is not repeated.
func TestRefusalsDoNotRepeatACodiceFiscale(t *testing.T) {
	for name, cf := range map[string]string{"plain": "RSSMRA80A01H501U", "lower case": "rssmra80a01h501u", "digits replaced": "RSSMRAULA01HRLMU"} {
		v := integrityVerifier(t)
		v.Issuer = moditest.ClientID
		claims := moditest.With(goodIntegrity(), "iss", "TINIT-"+cf, "aud", "https://api.ente.example/persone/"+cf+"/stato")
		_, err := v.Verify(t.Context(), message(t, claims, body, headers("Digest", digest256(body), "Content-Type", typeJSON)))
		moditest.WantRules(t, err, modi.IntegrityIssuerMismatch, modi.IntegrityAudienceMismatch)
		if strings.Contains(err.Error(), cf) || !strings.Contains(err.Error(), "****************/stato") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
