// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
)

// readShared reads a reference vector that stays outside the repository: SNODO_SHARED
// names the folder, by default the folder shared beside the repository.
func readShared(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("SNODO_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(dir, "vectors", "modi", "pdnd", name))
	if os.IsNotExist(err) {
		t.Skipf("needs-shared: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

func TestSharedProofs(t *testing.T) {
	const (
		thumbprint = "B7fNh6n4zth5jCttptKapf-ZdoGyplWY1McSeG5qkzs"
		url        = "https://api.erogatore.example/rest/anagrafe/v1/verifiche"
	)
	bound := readShared(t, "p4-voucher-dpop.jws")
	v := dpop.Verifier{Clock: func() time.Time { return time.Unix(1767225605, 0) }, Times: modi.ProofTimes()}
	atResource := dpop.Request{Method: http.MethodPost, URL: url, Header: http.Header{
		"Authorization": {"DPoP " + bound},
		"Dpop":          {readShared(t, "p8-dpop-proof-resource.jws")},
	}}
	voucher, err := dpop.Present(atResource.Header)
	moditest.WantRules(t, err)
	proof, err := v.Verify(atResource, voucher, thumbprint)
	moditest.WantRules(t, err)
	if proof.JKT != thumbprint || proof.URL != url {
		t.Errorf("proof %+v", proof)
	}
	if got := dpop.TokenHash(bound); got != "JDU93Nu1kUvDGjI09-u0SjkbbKrUZWuTrjfGJP7RBII" {
		t.Errorf("ath %s", got)
	}

	atPlatform := dpop.Request{Method: http.MethodPost, URL: endpoint, Header: http.Header{
		"Dpop": {readShared(t, "p7-dpop-proof-token-endpoint.jws")},
	}}
	proof, err = v.VerifyTokenRequest(atPlatform)
	moditest.WantRules(t, err)
	if proof.JKT != thumbprint {
		t.Errorf("proof %+v", proof)
	}
	atResource.Header.Set(dpop.HeaderProof, atPlatform.Header.Get(dpop.HeaderProof))
	_, err = v.Verify(atResource, voucher, thumbprint)
	moditest.WantRules(t, err, modi.DPoPHTUMismatch, modi.DPoPATHMissing)
}
