// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

type prover struct {
	w   *testWorld
	key *ecdsa.PrivateKey
}

func newProver(w *testWorld) prover {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(w.t, err)
	return prover{w, key}
}

// proof makes a good proof for the token endpoint with some claims and header members
// changed.
func (p prover) proof(header, claims members) string {
	p.w.t.Helper()
	point, err := p.key.PublicKey.Bytes()
	must(p.w.t, err)
	enc := base64.RawURLEncoding
	jwk := members{"kty": "EC", "crv": "P-256", "x": enc.EncodeToString(point[1:33]), "y": enc.EncodeToString(point[33:])}
	jti, err := rules.UUID(rand.Reader)
	must(p.w.t, err)
	compact, err := rules.Sign(rand.Reader, p.key,
		changed(members{"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}, header),
		changed(members{"jti": jti, "htm": "POST", "htu": p.w.Profile().DPoPHTU, "iat": p.w.now.Unix()}, claims))
	must(p.w.t, err)
	return compact
}

func startedWorld(t *testing.T) *testWorld {
	w := newWorldForTest(t, Options{})
	must(t, w.Start(t.Context(), ""))
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func TestDPoPVoucher(t *testing.T) {
	w := startedWorld(t)
	p := newProver(w)
	token, a := w.voucher(form(w.assertion(w.claims())), p.proof(nil, nil))
	jkt, err := rules.Thumbprint(&p.key.PublicKey)
	must(t, err)
	cnf, _ := token.Claims["cnf"].(map[string]any)
	typ, _ := token.Header.String("typ")
	if a.body["token_type"] != "DPoP" || cnf["jkt"] != jkt || typ != "at+jwt" {
		t.Errorf("type %v, cnf %v, typ %s", a.body["token_type"], cnf, typ)
	}
}

func TestDPoPRefusals(t *testing.T) {
	w := startedWorld(t)
	p, now := newProver(w), w.now.Unix()
	values := form(w.assertion(w.claims()))
	cases := map[string]struct {
		header, claims members
		code           string
	}{
		"htm":         {nil, members{"htm": "GET"}, "0011"},
		"htu":         {nil, members{"htu": w.Profile().DPoPHTU + ".async"}, "0013"},
		"old":         {nil, members{"iat": now - 61}, "0020"},
		"future":      {nil, members{"iat": now + 11}, "0021"},
		"extra claim": {nil, members{"exp": now + 60}, "0018"},
		"typ":         {members{"typ": "JWT"}, nil, "0008"},
		"alg":         {members{"alg": "RS512"}, nil, "0017"},
		"jwk":         {members{"jwk": members{"kty": "oct"}}, nil, "0009"},
		"signature":   {members{"alg": "RS256"}, nil, "0019"},
		"kid":         {members{"kid": "k"}, nil, "0018"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { w.wantMasked(w.post(values, p.proof(c.header, c.claims)), c.code) })
	}
	w.wantMasked(w.post(values, "not a proof"), "0003")
	w.wantMasked(w.post(values, p.proof(nil, nil), p.proof(nil, nil)), "0022")
	w.wantMasked(w.post(values, p.proof(nil, nil)+","+p.proof(nil, nil)), "0022")
}

func TestDPoPKeyIsStrict(t *testing.T) {
	w := startedWorld(t)
	p := newProver(w)
	values := form(w.assertion(w.claims()))
	parsed, err := rules.Parse(p.proof(nil, nil))
	must(t, err)
	jwk, _ := parsed.Header["jwk"].(map[string]any)
	for _, name := range []string{"kid", "alg", "use", "d", "ext"} {
		proof := p.proof(members{"jwk": changed(jwk, members{name: "x"})}, nil)
		t.Run(name, func(t *testing.T) { w.wantMasked(w.post(values, proof), "0009") })
	}
	w.voucher(values, p.proof(members{"jwk": jwk}, nil))
}

func TestAsyncExchangeIsOff(t *testing.T) {
	w := startedWorld(t)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token.oauth2.async", http.NoBody)
	if a := w.do(req); a.status != http.StatusNotImplemented || a.code() != "015-10020" {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestDPoPProofIsUsedOnce(t *testing.T) {
	w := startedWorld(t)
	proof := newProver(w).proof(nil, nil)
	values := form(w.assertion(w.claims()))
	// A proof is burnt only after everything else has passed.
	w.wantMasked(w.post(form("x"), proof), "0006")
	w.voucher(values, proof)
	w.wantMasked(w.post(values, proof), "dpopProofJtiAlreadyUsed")
	w.now = w.now.Add(2 * time.Minute)
	w.wantMasked(w.post(form(w.assertion(w.claims())), proof), "0020")
}
