// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// signer is the certificate and key of the sender, one for all tests.
func signer(t testing.TB) token.SigningKey {
	t.Helper()
	signerOnce.Do(func() {
		key := moditest.RSA(t, 0)
		signerKey = token.SigningKey{Algorithm: token.RS256, Signer: key, Chain: []*x509.Certificate{moditest.Certificate(t, key, moditest.Organization)}}
	})
	return signerKey
}

var (
	signerOnce sync.Once
	signerKey  token.SigningKey
)

func trusted(t testing.TB, more ...*x509.Certificate) moditest.Certificates {
	t.Helper()
	return moditest.Certificates{Trusted: append(more, signer(t).Chain[0])}
}

func idAuthVerifier(t testing.TB) rest.IDAuthVerifier {
	t.Helper()
	return rest.IDAuthVerifier{
		Audience: moditest.Audience, Organization: moditest.Organization,
		Certificates: trusted(t), Clock: moditest.Clock, Times: modi.PartyTimes(),
	}
}

func goodIDAuth() map[string]any {
	now := moditest.Now().Unix()
	return map[string]any{
		"iss": "c_x001", "sub": "app", "aud": moditest.Audience, "iat": now - 5, "nbf": now - 5, "exp": now + 295, "jti": "1d",
	}
}

// certify signs claims with the sender's certificate in x5c.
func certify(t testing.TB, claims map[string]any, key crypto.Signer) string {
	t.Helper()
	x5c := base64.StdEncoding.EncodeToString(signer(t).Chain[0].Raw)
	return moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","typ":"JWT","x5c":[%q]}`, x5c), moditest.JSON(t, claims), key)
}

func TestIDAuthRoundTrip(t *testing.T) {
	ec := moditest.EC(t, elliptic.P384())
	ecKey := token.SigningKey{Algorithm: token.ES384, Signer: ec, Chain: []*x509.Certificate{moditest.Certificate(t, ec, moditest.Organization)}}
	for name, c := range map[string]struct {
		in  rest.IDAuthInput
		key token.SigningKey
	}{
		"01, x5c":     {rest.IDAuthInput{Audience: moditest.Audience, Issuer: "c_x001", Subject: "app"}, signer(t)},
		"01, x5t":     {rest.IDAuthInput{Audience: moditest.Audience, References: []token.Reference{token.X5TS256}}, signer(t)},
		"02, P-384":   {rest.IDAuthInput{Pattern: modi.PatternIDAuthREST02, Audience: moditest.Audience, ClientID: "c_x001/app"}, ecKey},
		"02, x5c+x5t": {rest.IDAuthInput{Pattern: modi.PatternIDAuthREST02, Audience: moditest.Audience, References: []token.Reference{token.X5CChain, token.X5TS256}}, ecKey},
	} {
		t.Run(name, func(t *testing.T) {
			m := rest.Message{}
			made, err := rest.SignIDAuth(&m, c.in, stamp(), c.key)
			if err != nil {
				t.Fatal(err)
			}
			v := idAuthVerifier(t)
			v.Pattern, v.Certificates = c.in.Pattern, trusted(t, ecKey.Chain[0])
			proof, err := v.Verify(t.Context(), m.Header)
			if err != nil {
				t.Fatal(err)
			}
			if proof.Certificate != c.key.Chain[0] || proof.Organization != moditest.Organization || proof.Owner != "" {
				t.Errorf("signer of %+v", proof)
			}
			proof.Organization = ""
			if diff := cmp.Diff(made, proof); diff != "" {
				t.Errorf("made and verified differ:\n%s", diff)
			}
		})
	}
}

func TestSignIDAuthFails(t *testing.T) {
	good := rest.IDAuthInput{Audience: moditest.Audience}
	for name, c := range map[string]struct {
		in    rest.IDAuthInput
		stamp rest.Stamp
		key   token.SigningKey
	}{
		"no audience":      {rest.IDAuthInput{}, stamp(), signer(t)},
		"other pattern":    {rest.IDAuthInput{Audience: "x", Pattern: modi.PatternVoucher}, stamp(), signer(t)},
		"no randomness":    {good, rest.Stamp{Lifetime: time.Minute}, signer(t)},
		"no certificate":   {good, stamp(), clientKey(t)},
		"x5u without host": {rest.IDAuthInput{Audience: "x", References: []token.Reference{token.X5U}}, stamp(), signer(t)},
	} {
		t.Run(name, func(t *testing.T) {
			m := rest.Message{}
			_, err := rest.SignIDAuth(&m, c.in, c.stamp, c.key)
			if err == nil || len(m.Header) > 0 {
				t.Errorf("error %v, header %v", err, m.Header)
			}
		})
	}
}

func TestTokensMayShareAJTI(t *testing.T) {
	s := stamp()
	s.JTI = "shared"
	m := rest.Message{Header: headers("Content-Type", typeJSON), Body: modi.Bytes(body)}
	identity, err := rest.SignIDAuth(&m, rest.IDAuthInput{Audience: "a"}, s, signer(t))
	if err != nil {
		t.Fatal(err)
	}
	integrity, err := rest.SignIntegrity(&m, rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Audience: "b"}, s, signer(t))
	if err != nil || identity.JTI != "shared" || integrity.JTI != "shared" {
		t.Errorf("jti %q and %q, %v", identity.JTI, integrity.JTI, err)
	}
}

func TestIDAuthRefusals(t *testing.T) {
	now := moditest.Now().Unix()
	for name, c := range map[string]struct {
		claims  map[string]any
		pattern modi.Pattern
		rules   []modi.RuleID
	}{
		"good":                           {goodIDAuth(), "", nil},
		"01 without jti":                 {moditest.With(goodIDAuth(), "jti", nil), "", nil},
		"01 without iss and sub":         {moditest.With(goodIDAuth(), "iss", nil, "sub", nil), "", nil},
		"01 without nbf":                 {moditest.With(goodIDAuth(), "nbf", nil), "", nil},
		"list with our audience":         {moditest.With(goodIDAuth(), "aud", []string{"x", moditest.Audience}), "", nil},
		"nbf two seconds ahead":          {moditest.With(goodIDAuth(), "nbf", now+2), "", nil},
		"exp with a fraction":            {moditest.With(goodIDAuth(), "exp", float64(now)+60.5), "", nil},
		"exp with a fraction, past":      {moditest.With(goodIDAuth(), "exp", float64(now)-0.5), "", []modi.RuleID{modi.IDAuthExpired}},
		"jti empty in 01":                {moditest.With(goodIDAuth(), "jti", ""), "", []modi.RuleID{modi.IDAuthJTIMalformed}},
		"02 without jti":                 {moditest.With(goodIDAuth(), "jti", nil), modi.PatternIDAuthREST02, []modi.RuleID{modi.IDAuthJTIMissing}},
		"02 with a number as jti":        {moditest.With(goodIDAuth(), "jti", 7), modi.PatternIDAuthREST02, []modi.RuleID{modi.IDAuthJTIMalformed}},
		"jti of 256":                     {moditest.With(goodIDAuth(), "jti", strings.Repeat("j", 256)), "", []modi.RuleID{modi.IDAuthJTIMalformed}},
		"no times":                       {moditest.With(goodIDAuth(), "iat", nil, "exp", nil), "", []modi.RuleID{modi.IDAuthIATMissing, modi.IDAuthExpMissing}},
		"expired":                        {moditest.With(goodIDAuth(), "exp", now-1), "", []modi.RuleID{modi.IDAuthExpired}},
		"old":                            {moditest.With(goodIDAuth(), "iat", now-301), "", []modi.RuleID{modi.IDAuthTooOld}},
		"ahead":                          {moditest.With(goodIDAuth(), "iat", now+6), "", []modi.RuleID{modi.IDAuthIssuedInFuture}},
		"nbf 8 s ahead":                  {moditest.With(goodIDAuth(), "nbf", now+8), "", []modi.RuleID{modi.IDAuthNotYetValid}},
		"iat a string":                   {moditest.With(goodIDAuth(), "iat", fmt.Sprint(now)), "", []modi.RuleID{modi.IDAuthIATMalformed}},
		"exp far ahead":                  {moditest.With(goodIDAuth(), "exp", now+1e9), "", []modi.RuleID{modi.IDAuthLifetimeTooLong}},
		"no audience":                    {moditest.With(goodIDAuth(), "aud", nil), "", []modi.RuleID{modi.IDAuthAudienceMissing}},
		"audience with a slash":          {moditest.With(goodIDAuth(), "aud", moditest.Audience+"/"), "", []modi.RuleID{modi.IDAuthAudienceMismatch}},
		"audiences joined by a comma":    {moditest.With(goodIDAuth(), "aud", "x,"+moditest.Audience), "", []modi.RuleID{modi.IDAuthAudienceMismatch}},
		"audience null":                  {moditest.With(goodIDAuth(), "aud", []any{nil}), "", []modi.RuleID{modi.IDAuthAudienceMalformed}},
		"a signature of another header":  {moditest.With(goodIDAuth(), "signed_headers", []any{}), "", []modi.RuleID{modi.IDAuthClaimNotAllowed}},
		"a reply's confirmation":         {moditest.With(goodIDAuth(), "request_digest", digest256(body)), "", []modi.RuleID{modi.IDAuthClaimNotAllowed}},
		"evidence: userID":               {moditest.With(goodIDAuth(), "userID", "u"), "", []modi.RuleID{modi.IDAuthClaimNotAllowed}},
		"evidence: userLocation":         {moditest.With(goodIDAuth(), "userLocation", "l"), "", []modi.RuleID{modi.IDAuthClaimNotAllowed}},
		"evidence: LoA":                  {moditest.With(goodIDAuth(), "LoA", "3"), modi.PatternIDAuthREST02, []modi.RuleID{modi.IDAuthClaimNotAllowed}},
		"evidence: dnonce":               {moditest.With(goodIDAuth(), "dnonce", 1234567890123), modi.PatternIDAuthREST02, []modi.RuleID{modi.IDAuthClaimNotAllowed}},
		"everything at once, told whole": {map[string]any{"aud": 1}, modi.PatternIDAuthREST02, []modi.RuleID{modi.IDAuthAudienceMalformed, modi.IDAuthIATMissing, modi.IDAuthExpMissing, modi.IDAuthJTIMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			v := idAuthVerifier(t)
			v.Pattern = c.pattern
			_, err := v.Verify(t.Context(), headers("Authorization", "Bearer "+certify(t, c.claims, moditest.RSA(t, 0))))
			moditest.WantRules(t, err, c.rules...)
		})
	}
}

func TestIDAuthHeaderAndKey(t *testing.T) {
	good := certify(t, goodIDAuth(), moditest.RSA(t, 0))
	for name, c := range map[string]struct {
		values []string
		rule   modi.RuleID
	}{
		"none":             {nil, modi.IDAuthTokenMissing},
		"two":              {[]string{"Bearer " + good, "Bearer " + good}, modi.IDAuthTokenRepeated},
		"Basic and Bearer": {[]string{"Basic YTpi", "Bearer " + good}, modi.IDAuthTokenRepeated},
		"no scheme":        {[]string{good}, modi.IDAuthSchemeNotAllowed},
		"only spaces":      {[]string{"Bearer    "}, modi.IDAuthTokenMissing},
		"two spaces":       {[]string{"Bearer  " + good}, modi.IDAuthMalformed},
		"another key":      {[]string{"Bearer " + certify(t, goodIDAuth(), moditest.RSA(t, 1))}, modi.IDAuthSignatureInvalid},
		"by kid":           {[]string{"Bearer " + forge(t, goodIDAuth(), moditest.RSA(t, 0))}, modi.IDAuthCertificateMissing},
		"signature cut":    {[]string{"Bearer " + good[:len(good)-2]}, modi.IDAuthSignatureInvalid},
		"voucher":          {[]string{"Bearer " + strings.Replace(good, "eyJ", "eyX", 1)}, modi.IDAuthMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			h := headers()
			h["Authorization"] = c.values
			_, err := idAuthVerifier(t).Verify(t.Context(), h)
			moditest.WantRules(t, err, c.rule)
		})
	}
}

func TestIDAuthCertificates(t *testing.T) {
	h := headers("Authorization", "bearer "+certify(t, goodIDAuth(), moditest.RSA(t, 0)))
	v := idAuthVerifier(t)
	v.Certificates = moditest.Certificates{}
	_, err := v.Verify(t.Context(), h)
	moditest.WantRules(t, err, modi.IDAuthCertificateUntrusted)

	v.Certificates, v.Organization = trusted(t), "00000000000"
	_, err = v.Verify(t.Context(), h)
	moditest.WantRules(t, err, modi.IDAuthOwnerMismatch)

	nobody := moditest.Certificate(t, moditest.RSA(t, 0), "")
	m := rest.Message{}
	_, err = rest.SignIDAuth(&m, rest.IDAuthInput{Audience: moditest.Audience}, stamp(), token.SigningKey{Algorithm: token.RS512, Signer: moditest.RSA(t, 0), Chain: []*x509.Certificate{nobody}})
	if err != nil {
		t.Fatal(err)
	}
	v.Certificates = trusted(t, nobody)
	_, err = v.Verify(t.Context(), m.Header)
	moditest.WantRules(t, err, modi.IDAuthOwnerMismatch)

	for name, spoil := range map[string]func(*rest.IDAuthVerifier){
		"store down":    func(v *rest.IDAuthVerifier) { v.Certificates = moditest.Certificates{Down: errors.New("no answer")} },
		"no store":      func(v *rest.IDAuthVerifier) { v.Certificates = nil },
		"no audience":   func(v *rest.IDAuthVerifier) { v.Audience = "" },
		"no clock":      func(v *rest.IDAuthVerifier) { v.Clock = nil },
		"other pattern": func(v *rest.IDAuthVerifier) { v.Pattern = modi.PatternAuditREST01 },
	} {
		t.Run(name, func(t *testing.T) {
			v := idAuthVerifier(t)
			spoil(&v)
			_, err := v.Verify(t.Context(), h)
			var refusal *modi.Refusal
			if !errors.Is(err, modi.ErrUndecided) || errors.As(err, &refusal) {
				t.Errorf("error %v, want undecided", err)
			}
		})
	}
}
