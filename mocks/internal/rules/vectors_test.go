// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// vectors returns the folder of the positive token vectors, which are reference data
// kept outside the repository. Where they are absent the check is skipped, loudly.
func vectors(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "vectors", "modi")
	if _, err := os.Stat(dir); err != nil {
		fmt.Fprintln(os.Stderr, "needs-shared: no token vectors in", dir)
		t.Skip("needs-shared: no token vectors; set SNODO_SHARED")
	}
	return dir
}

func readVector(t *testing.T, dir, name string) string {
	t.Helper()
	raw, err := fs.ReadFile(os.DirFS(dir), name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

func keyFrom(t *testing.T, raw string) (*rsa.PublicKey, string) {
	t.Helper()
	var answer struct {
		JWK  json.RawMessage   `json:"jwk"`
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal([]byte(raw), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Keys) > 0 {
		answer.JWK = answer.Keys[0]
	}
	var named JWK
	if err := json.Unmarshal(answer.JWK, &named); err != nil {
		t.Fatal(err)
	}
	pub, err := ParseJWK(answer.JWK)
	if err != nil {
		t.Fatal(err)
	}
	return pub, named.Kid
}

func TestNeedsSharedVectors(t *testing.T) {
	dir := vectors(t)
	const (
		clientKid   = "qKUKEHfSJ8AdhULMQq9Jrs8LezIUUw3ZKk3nr9YS-rk"
		keychainKid = "JE6JwE0dlo-1YlOKG_nyMFBg_rVIULBvoASpeOYtHkI"
		client      = "5f0c1d2e-3b4a-4c5d-8e6f-000000000a01"
		audience    = "https://api.erogatore.example/rest/anagrafe/v1"
	)
	clientKey, kid := keyFrom(t, readVector(t, dir, "pdnd/v3-keys-"+clientKid+".json"))
	if print, err := Thumbprint(clientKey); err != nil || print != kid || kid != clientKid {
		t.Errorf("thumbprint of the client key: %q, %v", print, err)
	}
	keychainKey, _ := keyFrom(t, readVector(t, dir, "pdnd/v3-producerKeys-"+keychainKid+".json"))
	platformKey, _ := keyFrom(t, readVector(t, dir, "pdnd/jwks-pdnd-wellknown.json"))
	clock := time.Unix(1_767_225_603, 0)
	p := Party{ClientID: client, Audience: audience, Now: clock, Window: Window{MaxAge: 300 * time.Second, Future: 5 * time.Second}}

	parse := func(name string, key *rsa.PublicKey) *Token {
		t.Helper()
		token, err := Parse(readVector(t, dir, "pdnd/"+name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if key != nil {
			if err := token.Verify(key); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		return token
	}
	evidence := parse("p1-tracking-evidence.jws", clientKey)
	wantFault(t, CheckParty(evidence.Claims, p), "")
	wantFault(t, CheckEvidence(evidence.Claims, "5f0c1d2e-3b4a-4c5d-8e6f-000000000b01"), "")
	parse("p2-client-assertion.jws", clientKey)

	resource := Resource{
		Issuer: "uat.interop.pagopa.it", Audience: audience, ProducerID: "5f0c1d2e-3b4a-4c5d-8e6f-000000000c01",
		EserviceID: "5f0c1d2e-3b4a-4c5d-8e6f-000000000d01", DescriptorIDs: []string{"5f0c1d2e-3b4a-4c5d-8e6f-000000000e01"}, Now: clock,
	}
	voucher := parse("p3-voucher-bearer-digest.jws", platformKey)
	wantFault(t, CheckVoucher(voucher.Claims, resource), "")
	wantFault(t, CheckBinding(voucher.Claims, evidence.Raw), "")
	bound := parse("p4-voucher-dpop.jws", platformKey)
	wantFault(t, CheckVoucher(bound.Claims, resource), "")

	headers := http.Header{"Digest": {"SHA-256=JIgPH6fBxt7N46df2uHkCPIEV4Z6RQcPNf3M2Y5UQ+k="}, "Content-Type": {"application/json"}}
	request := parse("p5-agid-jwt-signature-request.jws", clientKey)
	wantFault(t, CheckParty(request.Claims, p), "")
	wantFault(t, CheckSignedHeaders(request.Claims, headers), "")
	wantFault(t, CheckDigest(headers, []byte(readVector(t, dir, "rest/v3-request.body"))), "")
	headers.Set("Digest", "SHA-256=QxHQ4Z3i8CP8d2+Gyfbyw4ff4jMFS3Rsbhag+eTTb9E=")
	wantFault(t, CheckSignedHeaders(parse("p6-agid-jwt-signature-response.jws", keychainKey).Claims, headers), "")

	checkProofs(t, dir, bound.Raw, clock)
}

func checkProofs(t *testing.T, dir, voucher string, clock time.Time) {
	t.Helper()
	const jkt = "B7fNh6n4zth5jCttptKapf-ZdoGyplWY1McSeG5qkzs"
	for _, c := range []struct{ file, htu, voucher string }{
		{"p7-dpop-proof-token-endpoint.jws", "https://auth.uat.interop.pagopa.it/token.oauth2", ""},
		{"p8-dpop-proof-resource.jws", "https://api.erogatore.example/rest/anagrafe/v1/verifiche", voucher},
	} {
		proof, fault := ParseProof(readVector(t, dir, "pdnd/"+c.file), http.MethodPost, c.htu, c.voucher, clock)
		wantFault(t, fault, "")
		if err := proof.Token.Verify(proof.Key); err != nil || proof.JKT != jkt {
			t.Errorf("%s: %v, jkt %s", c.file, err, proof.JKT)
		}
	}
}
