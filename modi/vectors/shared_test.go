// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package vectors_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/vectors"
)

// The reference vectors are data that stays outside the repository: SNODO_SHARED names
// the folder, by default the folder shared beside the repository.
func sharedDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SNODO_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	dir = filepath.Join(dir, "vectors", "modi", "pdnd")
	_, err := os.Stat(dir)
	if err != nil {
		t.Skipf("needs-shared: %v", err)
	}
	return dir
}

func readShared(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

// sharedKeys reads the three registries of the reference: PDND's own set, a client's
// key and a producer keychain's key.
func sharedKeys(t *testing.T, dir string) moditest.Keys {
	t.Helper()
	keys := moditest.Keys{ByKID: map[string]modi.Key{}}
	set, err := token.ParseJWKSet([]byte(readShared(t, dir, "jwks-pdnd-wellknown.json")))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range set {
		keys.ByKID[k.KID] = k
	}
	for _, name := range []string{"v3-keys-*.json", "v3-producerKeys-*.json"} {
		files, err := filepath.Glob(filepath.Join(dir, name))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s: %v, %v", name, files, err)
		}
		var entry struct {
			ClientID           string `json:"clientId"`
			ProducerKeychainID string `json:"producerKeychainId"`
			JWK                json.RawMessage
		}
		err = json.Unmarshal([]byte(readShared(t, dir, filepath.Base(files[0]))), &entry)
		if err != nil {
			t.Fatal(err)
		}
		k, err := token.ParseJWK(entry.JWK)
		if err != nil {
			t.Fatal(err)
		}
		thumbprint, err := token.Thumbprint(k.Public)
		if err != nil || thumbprint != k.KID {
			t.Errorf("%s: thumbprint %s, kid %s, %v", name, thumbprint, k.KID, err)
		}
		k.Owner = entry.ClientID + entry.ProducerKeychainID
		keys.ByKID[k.KID] = k
	}
	return keys
}

func TestSharedReferenceVectors(t *testing.T) {
	dir := sharedDir(t)
	const (
		id       = "5f0c1d2e-3b4a-4c5d-8e6f-000000000"
		audience = "https://api.erogatore.example/rest/anagrafe/v1"
		digest   = "54d9bd7a2970bfaf316de38520c3b6309acbd5e5af1d7fee9093009589d231c1"
		request  = "SHA-256=JIgPH6fBxt7N46df2uHkCPIEV4Z6RQcPNf3M2Y5UQ+k="
		reply    = "SHA-256=QxHQ4Z3i8CP8d2+Gyfbyw4ff4jMFS3Rsbhag+eTTb9E="
	)
	c := checker{keys: sharedKeys(t, dir), now: time.Unix(1767225605, 0)}
	client := vectors.Expect{Audience: audience, Owner: id + "a01", ClientID: id + "a01", PurposeID: id + "b01", VoucherDigest: digest}
	atPlatform, asProducer, toClient := client, client, client
	atPlatform.Audience = "auth.uat.interop.pagopa.it/client-assertion"
	asProducer.Issuer, asProducer.ProducerID = "uat.interop.pagopa.it", id+"c01"
	asProducer.EserviceID, asProducer.DescriptorID = id+"d01", id+"e01"
	toClient.Audience, toClient.Owner = id+"a01", id+"c99"
	message := func(digest string) http.Header {
		return http.Header{rest.HeaderDigest: {digest}, "Content-Type": {"application/json"}}
	}
	for file, v := range map[string]vectors.Vector{
		"p1-tracking-evidence.jws":           {Pattern: modi.PatternAuditREST02, Header: http.Header{}, Expect: client},
		"p2-client-assertion.jws":            {Pattern: modi.PatternClientAssertion, Expect: atPlatform},
		"p3-voucher-bearer-digest.jws":       {Pattern: modi.PatternVoucher, Expect: asProducer},
		"p5-agid-jwt-signature-request.jws":  {Pattern: modi.PatternIntegrityREST02, Header: message(request), Body: `{"codiceFiscale":"XXXYYY00A00A000X"}`, Expect: client},
		"p6-agid-jwt-signature-response.jws": {Pattern: modi.PatternIntegrityREST02, Header: message(reply), Body: `{"esito":"OK","id":42}`, Expect: toClient},
	} {
		t.Run(file, func(t *testing.T) {
			moditest.WantRules(t, c.check(t.Context(), v, readShared(t, dir, file), v.Body))
		})
	}
	t.Run("p4-voucher-dpop.jws", func(t *testing.T) {
		err := c.check(t.Context(), vectors.Vector{Pattern: modi.PatternVoucher, Expect: asProducer}, readShared(t, dir, "p4-voucher-dpop.jws"), "")
		moditest.WantRules(t, err, modi.VoucherDPoPRequired)
	})
	for _, file := range []string{"p7-dpop-proof-token-endpoint.jws", "p8-dpop-proof-resource.jws"} {
		t.Run(file, func(t *testing.T) {
			u, err := token.Parse(readShared(t, dir, file), token.DPoPProof())
			if err != nil {
				t.Fatal(err)
			}
			_, err = u.Verify(u.EmbeddedKey())
			moditest.WantRules(t, err)
		})
	}
}
