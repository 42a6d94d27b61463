// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

// Codici fiscali of invented organisations.
const (
	organisationA = "80001230011"
	organisationB = "80001230029"
)

// trusting takes every certificate for good and its common name for the organisation's codice fiscale.
type trusting struct{}

func (trusting) ResolveCertificate(_ context.Context, ref modi.CertificateReference) (modi.TrustedCertificate, error) {
	if len(ref.X5C) == 0 {
		return modi.TrustedCertificate{}, modi.ErrUndecided
	}
	leaf, err := x509.ParseCertificate(ref.X5C[0])
	if err != nil {
		return modi.TrustedCertificate{}, err
	}
	return modi.TrustedCertificate{Leaf: leaf, Organization: leaf.Subject.CommonName}, nil
}

// certified is a key with a certificate of an organisation.
func certified(organisation string) token.SigningKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: organisation},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	s := signing(key, "", token.ES256)
	s.Chain = []*x509.Certificate{leaf}
	return s
}

var certifiedOnce = sync.OnceValue(func() map[string]token.SigningKey {
	return map[string]token.SigningKey{organisationA: certified(organisationA), organisationB: certified(organisationB)}
})

// asking sets the patterns of the one e-service, and the organisations that certificates may name.
func asking(patterns ...modi.Pattern) func(*config.Config) {
	return func(c *config.Config) {
		c.Exposes["pratiche"].Patterns.Request = patterns
		trust(c)
	}
}

func trust(c *config.Config) {
	for _, e := range c.Enti {
		e.Exposes["pratiche"].Fiducia = &config.Fiducia{Organizzazioni: map[string]string{organisationA: consumerID}}
	}
}

// byCertificate is a call that a certificate vouches for; each proof is signed by its own key, the zero key leaves it out.
type byCertificate struct {
	identity, integrity, audit token.SigningKey
	pattern                    modi.Pattern
	method, path, body         string
	change                     func(h http.Header)
}

func (w *inWorld) certifiedCall(t *testing.T, c byCertificate) *Inbound {
	t.Helper()
	stamp := rest.Stamp{Now: w.clock.Now(), Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: 5 * time.Minute}
	m := rest.Message{Header: http.Header{}, Body: modi.Bytes(c.body)}
	if c.body != "" {
		m.Header.Set("Content-Type", "application/json")
	}
	if c.identity.Signer != nil {
		in := rest.IDAuthInput{Pattern: c.pattern, Issuer: organisationA, Subject: "protocollo", Audience: audienceA}
		if _, err := rest.SignIDAuth(&m, in, stamp, c.identity); err != nil {
			t.Fatal(err)
		}
	}
	if c.integrity.Signer != nil {
		in := rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Issuer: organisationA, Audience: audienceA, DigestEmpty: c.body == ""}
		if _, err := rest.SignIntegrity(&m, in, stamp, c.integrity); err != nil {
			t.Fatal(err)
		}
	}
	if c.audit.Signer != nil {
		made, err := rest.SignAudit(rest.AuditInput{
			Pattern: modi.PatternAuditREST01, Issuer: organisationA, Audience: audienceA, UserID: "operatore-17", UserLocation: "postazione-04",
			References: []token.Reference{token.X5C},
		}, stamp, c.audit)
		if err != nil {
			t.Fatal(err)
		}
		m.Header.Set(rest.HeaderTrackingEvidence, made.Compact)
	}
	if c.change != nil {
		c.change(m.Header)
	}
	return &Inbound{Method: c.method, Path: "/modi/c_a/pratiche/v1" + c.path, Header: m.Header, Body: []byte(c.body)}
}

func searching(identity, integrity, audit token.SigningKey) byCertificate {
	return byCertificate{
		identity: identity, integrity: integrity, audit: audit, pattern: modi.PatternIDAuthREST01,
		method: http.MethodPost, path: "/ricerche", body: `{"id":"12"}`,
	}
}

func TestCallersKnownByCertificate(t *testing.T) {
	a, b, none := certifiedOnce()[organisationA], certifiedOnce()[organisationB], token.SigningKey{}
	all := []modi.Pattern{modi.PatternIDAuthREST01, modi.PatternIntegrityREST01, modi.PatternAuditREST01}
	once := []modi.Pattern{modi.PatternIDAuthREST02, modi.PatternIntegrityREST01}
	alone := []modi.Pattern{modi.PatternIntegrityREST01}
	read := func(integrity token.SigningKey) byCertificate {
		return byCertificate{integrity: integrity, method: http.MethodGet, path: "/pratiche/12"}
	}
	second := searching(a, a, none)
	second.pattern = modi.PatternIDAuthREST02
	drop := func(name string) byCertificate {
		c := searching(a, a, a)
		c.change = func(h http.Header) { h.Del(name) }
		return c
	}
	for name, tc := range map[string]struct {
		patterns []modi.Pattern
		call     byCertificate
		rule     modi.RuleID // "" = it is served
		status   int
	}{
		"identity, integrity and audit":     {all, searching(a, a, a), "", 200},
		"identity alone":                    {all[:1], searching(a, none, none), "", 200},
		"identity that is good once":        {once, second, "", 200},
		"integrity alone":                   {alone, searching(none, a, none), "", 200},
		"integrity alone, without a body":   {alone, read(a), "", 200},
		"integrity alone, no body, no sign": {alone, read(none), modi.IntegrityTokenMissing, 400},
		"identity of one that may not call": {all[:1], searching(b, none, none), modi.IDAuthOwnerMismatch, 403},
		"integrity of one that may not":     {alone, searching(none, b, none), modi.IntegrityOwnerMismatch, 403},
		"integrity signed by another":       {all, searching(a, b, a), modi.IntegritySignerMismatch, 400},
		"audit of another":                  {all, searching(a, a, b), modi.AuditOwnerMismatch, 403},
		"no identity":                       {all, drop("Authorization"), modi.IDAuthTokenMissing, 400},
		"no integrity":                      {all, drop(rest.HeaderSignature), modi.IntegrityTokenMissing, 400},
		"no audit":                          {all, drop(rest.HeaderTrackingEvidence), modi.AuditTokenMissing, 400},
		"a voucher instead":                 {all, byCertificate{}, modi.IDAuthHeaderNotAllowed, 400},
	} {
		t.Run(name, func(t *testing.T) {
			w := newInWorld(t, asking(tc.patterns...))
			in := w.newCall().build(t)
			if tc.call.method != "" {
				in = w.certifiedCall(t, tc.call)
			}
			reply, err := w.Serve(context.Background(), in)
			if tc.rule == "" {
				if err != nil || reply.Status != tc.status || reply.Access.Consumer != consumerID {
					t.Fatalf("%d for %s: %v", reply.Status, reply.Access.Consumer, err)
				}
				return
			}
			wantRule(t, err, tc.rule, tc.status)
			if w.backEnd.calls() != 0 {
				t.Error("the back end was called")
			}
		})
	}
}

// TestIdentityThatIsGoodOnce: ID_AUTH_REST_02 uses its jti up, 01 does not.
func TestIdentityThatIsGoodOnce(t *testing.T) {
	a := certifiedOnce()[organisationA]
	for pattern, want := range map[modi.Pattern]modi.RuleID{modi.PatternIDAuthREST01: "", modi.PatternIDAuthREST02: modi.IDAuthReplayed} {
		w := newInWorld(t, asking(pattern))
		call := searching(a, token.SigningKey{}, token.SigningKey{})
		call.pattern = pattern
		in := w.certifiedCall(t, call)
		if _, err := w.Serve(context.Background(), in); err != nil {
			t.Fatal(err)
		}
		_, err := w.Serve(context.Background(), in)
		if got := firstRule(err); got != want {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
}

// TestVoucherWithACertificate is the hybrid of a voucher and INTEGRITY_REST_01: the certificate is of the organisation that
// PDND says is calling.
func TestVoucherWithACertificate(t *testing.T) {
	for organisation, want := range map[string]modi.RuleID{organisationA: "", organisationB: modi.IntegrityOwnerMismatch} {
		w := newInWorld(t, asking(modi.PatternVoucher, modi.PatternIntegrityREST01), func(c *config.Config) {
			c.Enti["c_a"].Exposes["pratiche"].Fiducia.Organizzazioni[organisationB] = "another-consumer"
		})
		call := w.newCall()
		call.noIntegrity, call.noAudit = true, true
		in := call.build(t)
		m := rest.Message{Header: in.Header, Body: modi.Bytes(in.Body)}
		_, err := rest.SignIntegrity(&m, rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Audience: audienceA}, call.stamp, certifiedOnce()[organisation])
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Serve(context.Background(), in)
		if got := firstRule(err); got != want {
			t.Errorf("%s: %q, want %q", organisation, got, want)
		}
	}
}

func TestEvidenceOfACallerKnownByCertificate(t *testing.T) {
	w := newInWorld(t, asking(modi.PatternIDAuthREST01))
	in := w.certifiedCall(t, searching(certifiedOnce()[organisationA], token.SigningKey{}, token.SigningKey{}))
	if _, err := w.Serve(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	intent := w.log.records[0]
	if intent.Client != organisationA || intent.Eservice != eserviceA || intent.Purpose != "" {
		t.Errorf("identifiers %+v", intent.Entry)
	}
	proofs := intent.Side.Proofs
	if len(proofs) != 1 || proofs[0].Token != evidence.TokenIdentity || proofs[0].Compact != "" || len(proofs[0].Payload) == 0 {
		t.Errorf("proofs %+v", proofs)
	}
}

// TestOperationsWithPatternsOfTheirOwn: one operation wants the voucher alone, the others what the e-service does.
func TestOperationsWithPatternsOfTheirOwn(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) {
		c.Exposes["pratiche"].Operations = map[string]registry.ExposureOperation{
			"leggi": {Patterns: &registry.RecipePatterns{Response: nil}},
		}
	})
	bare := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
	bare.noAudit = true
	reply, err := w.serve(t, bare)
	if err != nil || reply.Header.Get(rest.HeaderSignature) != "" {
		t.Fatalf("an operation of its own: %v, signed %v", err, reply.Header)
	}
	other := w.newCall()
	other.noAudit = true
	_, err = w.serve(t, other)
	wantRule(t, err, modi.AuditTokenMissing, http.StatusBadRequest)
	for name, operations := range map[string]map[string]registry.ExposureOperation{
		"an operation that is not in the document": {"cancella": {}},
		"patterns that do not go together":         {"leggi": {Patterns: &registry.RecipePatterns{Request: []modi.Pattern{modi.PatternIDAuthREST01, modi.PatternAuditREST02}}}},
		"bulk that is no GET":                      {"cerca": {Bulk: true}},
		"bulk without a back end that streams":     {"leggi": {Bulk: true}},
	} {
		c := inConfig()
		c.Exposes["pratiche"].Operations = operations
		deps := newInWorld(t).InDeps
		deps.Config = c
		if _, err := NewIn(deps); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestAuditPatternFollowsTheVoucher: AUDIT_REST_01 needs no digest in the voucher, and one that is there binds.
func TestAuditPatternFollowsTheVoucher(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) {
		c.Exposes["pratiche"].Patterns.Request = []modi.Pattern{modi.PatternAuditREST01}
	})
	bound := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
	bound.claims["digest"] = map[string]string{"alg": "SHA256", "value": "00"}
	_, err := w.serve(t, bound)
	if err == nil {
		t.Error("an evidence that is not the one that the voucher binds was taken")
	}
	free := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
	in := free.build(t)
	delete(free.claims, "digest")
	compact, err := token.Sign(token.Voucher(), token.HeaderExtra{Use: "sig"}, free.claims, free.voucherKey)
	if err != nil {
		t.Fatal(err)
	}
	in.Header.Set("Authorization", "Bearer "+compact)
	for range 2 { // the second time from the cache
		if _, err := w.Serve(context.Background(), in); err != nil {
			t.Fatal(err)
		}
	}
}

// possessing makes the call one with a voucher bound to a key and a proof of it.
func (w *inWorld) possessing(t *testing.T, c *calling, url string) *Inbound {
	t.Helper()
	key := keysOnce().seal
	c.claims["cnf"] = map[string]string{"jkt": key.KID}
	in := c.build(t)
	compact := in.Header.Get("Authorization")[len("Bearer "):]
	proof, err := dpop.Prove(dpop.Input{Method: c.method, URL: url, Voucher: compact}, w.clock.Now(), rand.Reader, key)
	if err != nil {
		t.Fatal(err)
	}
	in.Header.Set("Authorization", "DPoP "+compact)
	in.Header.Set(dpop.HeaderProof, proof)
	return in
}

func TestProofOfPossession(t *testing.T) {
	const public = "https://c-a.example/modi/c_a/pratiche/v1"
	with := func(mode string) *inWorld {
		return newInWorld(t, func(c *config.Config) {
			c.Exposes["pratiche"].DPoP = mode
			c.Enti["c_a"].Exposes["pratiche"].PublicURL = public
		})
	}
	serve := func(w *inWorld, in *Inbound) modi.RuleID {
		_, err := w.Serve(context.Background(), in)
		return firstRule(err)
	}
	for _, mode := range []string{registry.DPoPOptional, registry.DPoPRequired} {
		w := with(mode)
		in := w.possessing(t, w.newCall(), public+"/ricerche")
		if got := serve(w, in); got != "" {
			t.Fatalf("%s: %s", mode, got)
		}
		if proofs := w.log.records[0].Side.Proofs; proofs[1].Token != evidence.TokenDPoP || proofs[1].Compact != "" {
			t.Errorf("the proof is not kept without its signature: %+v", proofs[1])
		}
		_, err := w.Serve(context.Background(), in)
		wantRule(t, err, modi.DPoPReplayed, http.StatusUnauthorized)
		if got := serve(w, w.possessing(t, w.newCall(), public+"/altro")); got != modi.DPoPHTUMismatch {
			t.Errorf("proof for another address: %s", got)
		}
		stolen := w.possessing(t, w.newCall(), public+"/ricerche")
		stolen.Header.Del(dpop.HeaderProof)
		kept := len(w.log.kinds())
		if got := serve(w, stolen); got != modi.DPoPTokenMissing {
			t.Errorf("voucher without its proof: %s", got)
		}
		if len(w.log.kinds()) != kept {
			t.Error("whoever has a voucher without its key became evidence as its caller")
		}
		bearer := w.possessing(t, w.newCall(), public+"/ricerche")
		bearer.Header.Set("Authorization", "Bearer "+bearer.Header.Get("Authorization")[len("DPoP "):])
		if got := serve(w, bearer); got == "" {
			t.Error("a bound voucher passed as Bearer")
		}
	}
	w := with(registry.DPoPOptional)
	if got := serve(w, w.newCall().build(t)); got != "" {
		t.Errorf("optional, Bearer: %s", got)
	}
	w = with(registry.DPoPRequired)
	if got := serve(w, w.newCall().build(t)); got != modi.DPoPVoucherNotBound {
		t.Errorf("required, Bearer: %s", got)
	}
	w = with(registry.DPoPNo)
	if got := serve(w, w.possessing(t, w.newCall(), public+"/ricerche")); got != modi.VoucherSchemeNotAllowed {
		t.Errorf("not spoken: %s", got)
	}
}

func TestVoucherThatIsGoodOnce(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].ReplayVoucher = true })
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Fatal(err)
	}
	_, err := w.serve(t, w.newCall()) // another integrity token, the same voucher jti
	wantRule(t, err, "hub.replay/voucher", http.StatusConflict)
}

// TestAnswersByCertificate: INTEGRITY_REST_01 and ID_AUTH_REST_01 on the answer, under the certificate of the keychain's key.
func TestAnswersByCertificate(t *testing.T) {
	key := certifiedOnce()[organisationB]
	c := inConfig()
	c.Exposes["pratiche"].Patterns.Response = []modi.Pattern{modi.PatternIntegrityREST01, modi.PatternIDAuthREST01}
	c.Enti["c_a"].CodiceFiscale = organisationB
	w := newInWorld(t)
	deps := w.InDeps
	deps.Config, deps.Keychain = c, func(_, _ string) (token.SigningKey, error) { return key, nil }
	in, err := NewIn(deps)
	if err != nil {
		t.Fatal(err)
	}
	w.In = in
	reply, err := w.serve(t, w.newCall())
	if err != nil {
		t.Fatal(err)
	}
	result, err := rest.Verifier{
		IDAuth: &rest.IDAuthVerifier{Audience: clientID, Organization: organisationB, Certificates: trusting{}, Clock: w.clock.Now, Times: modi.PartyTimes()},
		Integrity: &rest.IntegrityVerifier{
			Pattern: modi.PatternIntegrityREST01, Audience: clientID, Certificates: trusting{}, Clock: w.clock.Now, Times: modi.PartyTimes(),
		},
	}.Verify(context.Background(), rest.Message{Header: reply.Header, Body: modi.Bytes(reply.Body)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{organisationB, organisationB}, []string{result.IDAuth.Issuer, result.Integrity.Issuer}); diff != "" {
		t.Error(diff)
	}
	deps.Keychain = func(_, _ string) (token.SigningKey, error) { return keysOnce().keychain, nil }
	if _, err := NewIn(deps); err == nil {
		t.Error("a key without certificate was taken for answers that name one")
	}
}

// firstRule is the rule that heads an error, "" for none.
func firstRule(err error) modi.RuleID {
	if err == nil {
		return ""
	}
	return problem.Explain(err).Row.Rule
}
