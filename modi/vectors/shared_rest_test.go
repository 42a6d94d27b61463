// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package vectors_test

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/vectors"
)

// sharedCertificates reads the certificates of the reference that sign tokens.
func sharedCertificates(t *testing.T, dir string) moditest.Certificates {
	t.Helper()
	var out moditest.Certificates
	for _, name := range []string{"fruitore-rsa", "fruitore-ec", "erogatore-rsa"} {
		data, err := os.ReadFile(filepath.Join(dir, "keys", name+".crt.pem"))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(data)
		if block == nil {
			t.Fatalf("%s is not PEM", name)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		out.Trusted = append(out.Trusted, cert)
	}
	return out
}

// The reference tokens whose keys are named by certificates.
func TestSharedReferenceVectorsWithCertificates(t *testing.T) {
	dir := filepath.Dir(sharedDir(t))
	const (
		audience = "https://api.erogatore.example/rest/anagrafe/v1"
		request  = "SHA-256=JIgPH6fBxt7N46df2uHkCPIEV4Z6RQcPNf3M2Y5UQ+k="
		reply    = "SHA-256=QxHQ4Z3i8CP8d2+Gyfbyw4ff4jMFS3Rsbhag+eTTb9E="
	)
	c := checker{certificates: sharedCertificates(t, dir), now: time.Unix(1767225605, 0)}
	message := func(digest string) http.Header {
		return http.Header{rest.HeaderDigest: {digest}, "Content-Type": {"application/json"}}
	}
	asProducer := vectors.Expect{Audience: audience, Organization: "00000000001"}
	asConsumer := vectors.Expect{Audience: "ente-fruitore/app-fruitore", RequestDigest: request}
	for file, v := range map[string]vectors.Vector{
		"v1-id-auth-rest-01-rs256-x5c":   {Pattern: modi.PatternIDAuthREST01, Header: http.Header{}, Expect: asProducer},
		"v1b-id-auth-rest-01-es256-x5t":  {Pattern: modi.PatternIDAuthREST01, Header: http.Header{}, Expect: vectors.Expect{Audience: audience}},
		"v2-id-auth-rest-02":             {Pattern: modi.PatternIDAuthREST02, Header: http.Header{}, Expect: asProducer},
		"v3-request-agid-jwt-signature":  {Pattern: modi.PatternIntegrityREST01, Header: message(request), Body: "v3-request.body", Expect: asProducer},
		"v3-response-agid-jwt-signature": {Pattern: modi.PatternIntegrityREST01, Header: message(reply), Body: "v3-response.body", Expect: asConsumer},
	} {
		t.Run(file, func(t *testing.T) {
			body := ""
			if v.Body != "" {
				data, err := os.ReadFile(filepath.Join(dir, "rest", v.Body))
				if err != nil {
					t.Fatal(err)
				}
				body = string(data)
			}
			compact := readShared(t, filepath.Join(dir, "rest"), file+".jws")
			moditest.WantRules(t, c.check(t.Context(), v, compact, body))
			for name, mutated := range mutations(t, compact) {
				if err := c.check(t.Context(), v, mutated, body); len(moditest.Rules(t, err)) == 0 {
					t.Errorf("%s: accepted", name)
				}
			}
			v.Expect.Audience += "/"
			if err := c.check(t.Context(), v, compact, body); len(moditest.Rules(t, err)) != 1 {
				t.Errorf("another audience: %v", err)
			}
		})
	}
}
