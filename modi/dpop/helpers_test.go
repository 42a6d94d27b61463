// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

const (
	address  = "https://api.comune.example/modi/c_x000/stato-istanza/v1/istanze"
	endpoint = "https://auth.uat.interop.pagopa.it/token.oauth2"
	voucher  = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJ4In0.c2lnbmF0dXJl" // its content does not matter here
)

var newEC = sync.OnceValues(func() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })

// ec is the key of the holder: the same for all tests.
func ec(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := newEC()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func jkt(t testing.TB) string { return moditest.Thumbprint(t, ec(t).Public()) }

func signingKey(key crypto.Signer, alg token.Algorithm) token.SigningKey {
	return token.SigningKey{Algorithm: alg, Signer: key}
}

// jwk writes a public key with the standard library alone.
func jwk(t testing.TB, pub crypto.PublicKey) map[string]any {
	t.Helper()
	switch key := pub.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		half := len(point) / 2
		return map[string]any{
			"kty": "EC", "crv": key.Curve.Params().Name,
			"x": moditest.B64(point[1 : 1+half]), "y": moditest.B64(point[1+half:]),
		}
	default:
		t.Fatalf("key of type %T", pub)
		return nil
	}
}

// claims of a good proof for an e-service.
func claims() map[string]any {
	return map[string]any{
		"htm": "POST", "htu": address, "iat": moditest.Now().Unix(), "jti": "p-1", "ath": dpop.TokenHash(voucher),
	}
}

// header of a good proof.
func header(t testing.TB) map[string]any {
	return map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(t, ec(t).Public())}
}

func forge(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	return moditest.Forge(t, moditest.JSON(t, header), moditest.JSON(t, claims), ec(t))
}

func request(proofs ...string) dpop.Request {
	h := http.Header{}
	for _, p := range proofs {
		h.Add(dpop.HeaderProof, p)
	}
	return dpop.Request{Method: http.MethodPost, URL: address, Header: h}
}

func presented() dpop.Presented { return dpop.Presented{Scheme: dpop.SchemeDPoP, Compact: voucher} }

func verifier() dpop.Verifier {
	return dpop.Verifier{Clock: moditest.Clock, Times: modi.ProofTimes()}
}

// edit decodes one part of a compact JWS, changes its text and encodes it again.
func edit(t testing.TB, compact string, part int, change func(string) string) string {
	t.Helper()
	parts := strings.Split(compact, ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[part])
	if err != nil {
		t.Fatal(err)
	}
	parts[part] = moditest.B64([]byte(change(string(text))))
	return strings.Join(parts, ".")
}

func decode(t testing.TB, compact string, part int) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[part])
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	err = json.Unmarshal(text, &out)
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", text, err))
	}
	return out
}
