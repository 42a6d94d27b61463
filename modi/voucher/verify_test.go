// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package voucher_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/voucher"
)

const (
	voucherHeader = `{"alg":"RS256","use":"sig","typ":"at+jwt","kid":"` + moditest.PlatformKID + `"}`
	hexDigest     = "54d9bd7a2970bfaf316de38520c3b6309acbd5e5af1d7fee9093009589d231c1"
)

// goodVoucher has the members that PDND writes.
func goodVoucher() map[string]any {
	now := moditest.Now().Unix()
	return map[string]any{
		"jti": "5d1f", "iss": moditest.Issuer, "aud": moditest.Audience,
		"client_id": moditest.ClientID, "sub": moditest.ClientID,
		"iat": now - 10, "nbf": now - 10, "exp": now + 590,
		"purposeId": moditest.PurposeID, "producerId": moditest.ProducerID, "consumerId": moditest.ConsumerID,
		"eserviceId": moditest.EserviceID, "descriptorId": moditest.DescriptorID,
		"digest": map[string]string{"alg": "SHA256", "value": hexDigest},
	}
}

func verifier(t testing.TB) voucher.Verifier {
	t.Helper()
	return voucher.Verifier{
		Issuer: moditest.Issuer, Audience: moditest.Audience, ProducerID: moditest.ProducerID,
		EserviceID: moditest.EserviceID, DescriptorIDs: []string{"0f2b6a1e-6666-4a00-8000-0000000000e0", moditest.DescriptorID},
		Keys:  moditest.Only(moditest.PlatformKID, "", moditest.RSA(t, 0).Public()),
		Clock: moditest.Clock, Times: modi.VoucherTimes(),
	}
}

func signed(t testing.TB, claims map[string]any) string {
	t.Helper()
	return moditest.Forge(t, voucherHeader, moditest.JSON(t, claims), moditest.RSA(t, 0))
}

func TestAcceptsVoucherOfThePlatform(t *testing.T) {
	got, err := verifier(t).Verify(t.Context(), signed(t, goodVoucher()))
	if err != nil {
		t.Fatal(err)
	}
	now := moditest.Now()
	want := &voucher.Voucher{
		JTI: "5d1f", KID: moditest.PlatformKID, Issuer: moditest.Issuer,
		ClientID: moditest.ClientID, PurposeID: moditest.PurposeID,
		ProducerID: moditest.ProducerID, ConsumerID: moditest.ConsumerID,
		EserviceID: moditest.EserviceID, DescriptorID: moditest.DescriptorID,
		Audience: []string{moditest.Audience},
		IssuedAt: now.Add(-10 * time.Second), NotBefore: now.Add(-10 * time.Second), ExpiresAt: now.Add(590 * time.Second),
		Digest: &voucher.Digest{Alg: "SHA256", Value: hexDigest},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A voucher may live for a day and be used until its last second.
func TestAcceptsVouchers(t *testing.T) {
	now := moditest.Now().Unix()
	for name, claims := range map[string]map[string]any{
		"several audiences joined by commas": moditest.With(goodVoucher(), "aud", "https://other.example/v1,"+moditest.Audience),
		"list of audiences":                  moditest.With(goodVoucher(), "aud", []string{"https://other.example", moditest.Audience}),
		"without digest":                     moditest.With(goodVoucher(), "digest", nil),
		"issued a day ago":                   moditest.With(goodVoucher(), "iat", now-86000, "nbf", now-86000, "exp", now+400),
		"clock of PDND 5 s ahead":            moditest.With(goodVoucher(), "iat", now+5, "nbf", now+5),
		"last second":                        moditest.With(goodVoucher(), "exp", now+1),
		"unknown claim":                      moditest.With(goodVoucher(), "novita", map[string]any{"x": 1}),
		"fractional exp":                     moditest.With(goodVoucher(), "exp", float64(now)+60.5),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifier(t).Verify(t.Context(), signed(t, claims))
			moditest.WantRules(t, err)
		})
	}
}

func TestRejectsVouchers(t *testing.T) {
	now := moditest.Now().Unix()
	for name, c := range map[string]struct {
		claims map[string]any
		rules  []modi.RuleID
	}{
		"issuer of production":           {moditest.With(goodVoucher(), "iss", "interop.pagopa.it"), []modi.RuleID{modi.VoucherIssuerMismatch}},
		"no issuer":                      {moditest.With(goodVoucher(), "iss", nil), []modi.RuleID{modi.VoucherIssuerMissing}},
		"audience of another service":    {moditest.With(goodVoucher(), "aud", "https://other.example/v1"), []modi.RuleID{modi.VoucherAudienceMismatch}},
		"audience with a final slash":    {moditest.With(goodVoucher(), "aud", moditest.Audience+"/"), []modi.RuleID{modi.VoucherAudienceMismatch}},
		"audience in upper case":         {moditest.With(goodVoucher(), "aud", strings.ToUpper(moditest.Audience)), []modi.RuleID{modi.VoucherAudienceMismatch}},
		"audience as a prefix":           {moditest.With(goodVoucher(), "aud", moditest.Audience+"0"), []modi.RuleID{modi.VoucherAudienceMismatch}},
		"audiences without ours":         {moditest.With(goodVoucher(), "aud", "https://a.example, "+moditest.Audience), []modi.RuleID{modi.VoucherAudienceMismatch}},
		"comma inside a list":            {moditest.With(goodVoucher(), "aud", []string{"https://a.example", "x," + moditest.Audience}), []modi.RuleID{modi.VoucherAudienceMismatch}},
		"list written in a string":       {moditest.With(goodVoucher(), "aud", `["`+moditest.Audience+`"]`), []modi.RuleID{modi.VoucherAudienceMismatch}},
		"no audience":                    {moditest.With(goodVoucher(), "aud", nil), []modi.RuleID{modi.VoucherAudienceMissing}},
		"audience an empty list":         {moditest.With(goodVoucher(), "aud", []string{}), []modi.RuleID{modi.VoucherAudienceMalformed}},
		"audience an object":             {moditest.With(goodVoucher(), "aud", map[string]string{"a": "b"}), []modi.RuleID{modi.VoucherAudienceMalformed}},
		"another producer":               {moditest.With(goodVoucher(), "producerId", moditest.ConsumerID), []modi.RuleID{modi.VoucherProducerMismatch}},
		"no producer":                    {moditest.With(goodVoucher(), "producerId", nil), []modi.RuleID{modi.VoucherProducerMismatch}},
		"producer not a string":          {moditest.With(goodVoucher(), "producerId", []string{moditest.ProducerID}), []modi.RuleID{modi.VoucherProducerMismatch}},
		"another e-service":              {moditest.With(goodVoucher(), "eserviceId", moditest.ConsumerID), []modi.RuleID{modi.VoucherEserviceMismatch}},
		"no e-service":                   {moditest.With(goodVoucher(), "eserviceId", nil), []modi.RuleID{modi.VoucherEserviceMismatch}},
		"another descriptor":             {moditest.With(goodVoucher(), "descriptorId", moditest.ConsumerID), []modi.RuleID{modi.VoucherDescriptorMismatch}},
		"no descriptor":                  {moditest.With(goodVoucher(), "descriptorId", nil), []modi.RuleID{modi.VoucherDescriptorMismatch}},
		"empty descriptor":               {moditest.With(goodVoucher(), "descriptorId", ""), []modi.RuleID{modi.VoucherDescriptorMismatch}},
		"sub is not the client":          {moditest.With(goodVoucher(), "sub", moditest.ConsumerID), []modi.RuleID{modi.VoucherSubjectMismatch}},
		"no sub":                         {moditest.With(goodVoucher(), "sub", nil), []modi.RuleID{modi.VoucherSubjectMissing}},
		"no client":                      {moditest.With(goodVoucher(), "client_id", nil), []modi.RuleID{modi.VoucherClientMissing}},
		"no purpose, as an API client":   {moditest.With(goodVoucher(), "purposeId", nil, "consumerId", nil, "role", "m2m"), []modi.RuleID{modi.VoucherPurposeMissing, modi.VoucherConsumerMissing}},
		"expired this second":            {moditest.With(goodVoucher(), "exp", now), []modi.RuleID{modi.VoucherExpired}},
		"no exp":                         {moditest.With(goodVoucher(), "exp", nil), []modi.RuleID{modi.VoucherExpMissing}},
		"exp a string":                   {moditest.With(goodVoucher(), "exp", "1772445600"), []modi.RuleID{modi.VoucherExpMalformed}},
		"exp beyond the year 9999":       {moditest.With(goodVoucher(), "exp", 9e18), []modi.RuleID{modi.VoucherExpMalformed}},
		"exp before iat":                 {moditest.With(goodVoucher(), "iat", now+4, "nbf", now, "exp", now+3), []modi.RuleID{modi.VoucherExpBeforeIAT}},
		"iat 6 s ahead":                  {moditest.With(goodVoucher(), "iat", now+6), []modi.RuleID{modi.VoucherIssuedInFuture}},
		"iat in milliseconds":            {moditest.With(goodVoucher(), "iat", now*1000), []modi.RuleID{modi.VoucherIATMalformed}},
		"no iat":                         {moditest.With(goodVoucher(), "iat", nil), []modi.RuleID{modi.VoucherIATMissing}},
		"nbf 6 s ahead":                  {moditest.With(goodVoucher(), "nbf", now+6), []modi.RuleID{modi.VoucherNotYetValid}},
		"no nbf":                         {moditest.With(goodVoucher(), "nbf", nil), []modi.RuleID{modi.VoucherNBFMissing}},
		"nbf not a number":               {moditest.With(goodVoucher(), "nbf", true), []modi.RuleID{modi.VoucherNBFMalformed}},
		"no jti":                         {moditest.With(goodVoucher(), "jti", nil), []modi.RuleID{modi.VoucherJTIMissing}},
		"digest not an object":           {moditest.With(goodVoucher(), "digest", hexDigest), []modi.RuleID{modi.VoucherDigestMalformed}},
		"cnf without jkt":                {moditest.With(goodVoucher(), "cnf", map[string]string{"x5t#S256": "A"}), []modi.RuleID{modi.VoucherCNFMalformed}},
		"cnf not an object":              {moditest.With(goodVoucher(), "cnf", "x"), []modi.RuleID{modi.VoucherCNFMalformed}},
		"bound to DPoP without proof":    {moditest.With(goodVoucher(), "cnf", map[string]string{"jkt": strings.Repeat("a", 43)}), []modi.RuleID{modi.VoucherDPoPRequired}},
		"everything at once, told whole": {map[string]any{"iss": "x", "aud": "y", "exp": 1, "jti": ""}, []modi.RuleID{modi.VoucherIssuerMismatch, modi.VoucherAudienceMismatch, modi.VoucherExpired, modi.VoucherJTIMalformed, modi.VoucherIATMissing, modi.VoucherNBFMissing, modi.VoucherSubjectMissing, modi.VoucherClientMissing, modi.VoucherPurposeMissing, modi.VoucherConsumerMissing, modi.VoucherProducerMismatch, modi.VoucherEserviceMismatch, modi.VoucherDescriptorMismatch}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := verifier(t).Verify(t.Context(), signed(t, c.claims))
			moditest.WantRules(t, err, c.rules...)
			if got != nil {
				t.Error("a refused voucher was handed out")
			}
		})
	}
}

// Any organisation can register an e-service with our audience and obtain a genuine
// voucher for it: the producer and the e-service tell it apart.
func TestRejectsGenuineVoucherOfAttackersEservice(t *testing.T) {
	claims := moditest.With(goodVoucher(), "producerId", moditest.ConsumerID, "eserviceId", moditest.ConsumerID, "descriptorId", moditest.ConsumerID)
	_, err := verifier(t).Verify(t.Context(), signed(t, claims))
	moditest.WantRules(t, err, modi.VoucherProducerMismatch, modi.VoucherEserviceMismatch, modi.VoucherDescriptorMismatch)
}

// Nothing is told about the claims to who did not sign.
func TestTellsNothingBeforeTheSignature(t *testing.T) {
	forged := moditest.Forge(t, voucherHeader, `{"iss":"wrong","exp":1}`, moditest.RSA(t, 1))
	_, err := verifier(t).Verify(t.Context(), forged)
	moditest.WantRules(t, err, modi.VoucherSignatureInvalid)
}

func TestVoucherTypIsToldWithTheOtherFaults(t *testing.T) {
	compact := moditest.Forge(t, strings.Replace(voucherHeader, "at+jwt", "JWT", 1), moditest.JSON(t, moditest.With(goodVoucher(), "exp", 1)), moditest.RSA(t, 0))
	_, err := verifier(t).Verify(t.Context(), compact)
	moditest.WantRules(t, err, modi.VoucherTypeMismatch, modi.VoucherExpired, modi.VoucherExpBeforeIAT)
}

func TestVoucherKeys(t *testing.T) {
	compact := signed(t, goodVoucher())
	v := verifier(t)
	v.Keys = moditest.Only("another", "", moditest.RSA(t, 0).Public())
	_, err := v.Verify(t.Context(), compact)
	moditest.WantRules(t, err, modi.VoucherKeyUnknown)

	v.Keys = moditest.Keys{ByKID: map[string]modi.Key{moditest.PlatformKID: {KID: moditest.PlatformKID, Algorithm: "RS512", Public: moditest.RSA(t, 0).Public()}}}
	_, err = v.Verify(t.Context(), compact)
	moditest.WantRules(t, err, modi.VoucherKeyUnsuitable)

	for _, keys := range []modi.KeyResolver{moditest.Keys{Down: errors.New("connection refused")}, moditest.Keys{Down: context.DeadlineExceeded}, nil} {
		v.Keys = keys
		_, err = v.Verify(t.Context(), compact)
		var refusal *modi.Refusal
		if !errors.Is(err, modi.ErrUndecided) || errors.As(err, &refusal) {
			t.Errorf("keys down: error %v, want undecided", err)
		}
	}
}

// A verifier with an empty field would pass what it should compare.
func TestHalfConfiguredVerifierDecidesNothing(t *testing.T) {
	compact := signed(t, goodVoucher())
	for name, spoil := range map[string]func(*voucher.Verifier){
		"issuer":      func(v *voucher.Verifier) { v.Issuer = "" },
		"audience":    func(v *voucher.Verifier) { v.Audience = "" },
		"producer":    func(v *voucher.Verifier) { v.ProducerID = "" },
		"e-service":   func(v *voucher.Verifier) { v.EserviceID = "" },
		"descriptors": func(v *voucher.Verifier) { v.DescriptorIDs = nil },
		"descriptor":  func(v *voucher.Verifier) { v.DescriptorIDs = []string{moditest.DescriptorID, ""} },
		"clock":       func(v *voucher.Verifier) { v.Clock = nil },
	} {
		t.Run(name, func(t *testing.T) {
			v := verifier(t)
			spoil(&v)
			_, err := v.Verify(t.Context(), compact)
			if !errors.Is(err, modi.ErrUndecided) {
				t.Errorf("Verify: %v", err)
			}
			err = v.Recheck(&voucher.Voucher{})
			if !errors.Is(err, modi.ErrUndecided) {
				t.Errorf("Recheck: %v", err)
			}
		})
	}
}

func TestRecheckRepeatsAllButTheSignature(t *testing.T) {
	v := verifier(t)
	vo, err := v.Verify(t.Context(), signed(t, goodVoucher()))
	if err != nil {
		t.Fatal(err)
	}
	moditest.WantRules(t, v.Recheck(vo))
	later, other := v, v
	later.Clock = func() time.Time { return vo.ExpiresAt }
	moditest.WantRules(t, later.Recheck(vo), modi.VoucherExpired)
	other.EserviceID, other.Audience = moditest.ConsumerID, "https://other.example"
	moditest.WantRules(t, other.Recheck(vo), modi.VoucherEserviceMismatch, modi.VoucherAudienceMismatch)
}

func TestBoundVoucherIsAcceptedWhenTheCallerChecksTheProof(t *testing.T) {
	v := verifier(t)
	v.AllowBound = true
	jkt := strings.Repeat("a", 43)
	vo, err := v.Verify(t.Context(), signed(t, moditest.With(goodVoucher(), "cnf", map[string]string{"jkt": jkt})))
	if err != nil || vo.JKT != jkt {
		t.Errorf("JKT of %+v, %v", vo, err)
	}
}

func TestBearer(t *testing.T) {
	for name, c := range map[string]struct {
		values []string
		want   string
		rule   modi.RuleID
	}{
		"one voucher":        {[]string{"Bearer a.b.c"}, "a.b.c", ""},
		"scheme in any case": {[]string{"bearer a.b.c"}, "a.b.c", ""},
		"none":               {nil, "", modi.VoucherTokenMissing},
		"scheme alone":       {[]string{"Bearer"}, "", modi.VoucherTokenMissing},
		"empty token":        {[]string{"Bearer "}, "", modi.VoucherTokenMissing},
		"Basic":              {[]string{"Basic YTpi"}, "", modi.VoucherSchemeNotAllowed},
		"DPoP":               {[]string{"DPoP a.b.c"}, "", modi.VoucherSchemeNotAllowed},
		"no scheme":          {[]string{"a.b.c"}, "", modi.VoucherSchemeNotAllowed},
		"empty value":        {[]string{""}, "", modi.VoucherSchemeNotAllowed},
		"Basic and Bearer":   {[]string{"Basic YTpi", "Bearer a.b.c"}, "", modi.VoucherTokenRepeated},
		"same header twice":  {[]string{"Bearer a.b.c", "Bearer a.b.c"}, "", modi.VoucherTokenRepeated},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := voucher.Bearer(http.Header{"Authorization": c.values})
			if c.rule == "" {
				moditest.WantRules(t, err)
			} else {
				moditest.WantRules(t, err, c.rule)
			}
			if got != c.want {
				t.Errorf("voucher %q, want %q", got, c.want)
			}
		})
	}
}

func TestVerifierIsSafeForConcurrentUse(t *testing.T) {
	v := verifier(t)
	good, bad := signed(t, goodVoucher()), signed(t, moditest.With(goodVoucher(), "exp", 1))
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			_, err := v.Verify(t.Context(), []string{good, bad}[i%2])
			if (err == nil) != (i%2 == 0) {
				t.Errorf("verification %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

// TestRejectsVoucherSignedByAParty: whoever pools the keys of PDND with those of its
// clients does not let a client write vouchers.
func TestRejectsVoucherSignedByAParty(t *testing.T) {
	v := verifier(t)
	v.Keys = moditest.Only(moditest.PlatformKID, moditest.ClientID, moditest.RSA(t, 0).Public())
	_, err := v.Verify(t.Context(), signed(t, goodVoucher()))
	var refusal *modi.Refusal
	if !errors.As(err, &refusal) || refusal.Violations[0].Rule != modi.VoucherKeyUnknown {
		t.Errorf("%v, want %s", err, modi.VoucherKeyUnknown)
	}
}
