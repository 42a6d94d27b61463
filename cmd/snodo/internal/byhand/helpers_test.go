// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/token"
)

const (
	clientID  = "0f2b6a1e-1111-4a00-8000-0000000000a1"
	purposeID = "0f2b6a1e-2222-4a00-8000-0000000000b1"
	aud       = "https://api.comune.example/modi/c_x000/stato-istanza/v1"
	body      = `{"pratica": "2026/00017", "è": 1}`
)

func now() time.Time   { return time.Unix(1772442000, 0).UTC() } // 2026-03-02 09:00:00
func clock() time.Time { return now() }

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newRSA(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newEC(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func thumbprint(t testing.TB, public crypto.PublicKey) string {
	t.Helper()
	kid, err := token.Thumbprint(public)
	if err != nil {
		t.Fatal(err)
	}
	return kid
}

// client signs as a client of PDND, with the key whose public half is in keysOf.
func client(t testing.TB) token.SigningKey {
	t.Helper()
	key := newRSA(t)
	return token.SigningKey{KID: thumbprint(t, key.Public()), Algorithm: token.RS256, Signer: key}
}

func keysOf(t testing.TB, owner string, publics ...crypto.PublicKey) *byhand.Keys {
	t.Helper()
	keys := &byhand.Keys{Owner: owner}
	for _, public := range publics {
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		if err = keys.Add(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// certified is a key with a certificate of a CA of its own, and a store that trusts it.
func certified(t testing.TB) (token.SigningKey, modi.CertificateResolver) {
	t.Helper()
	root, signer := newEC(t), newRSA(t)
	issue := func(serial int64, name string, ca bool, public crypto.PublicKey, parent *x509.Certificate) *x509.Certificate {
		c := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name, Organization: []string{"Ente di prova"}},
			NotBefore: now().Add(-time.Hour), NotAfter: now().Add(24 * time.Hour), IsCA: ca, BasicConstraintsValid: true,
			KeyUsage: x509.KeyUsageDigitalSignature,
		}
		if !ca {
			c.Subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: []int{2, 5, 4, 97}, Value: "CF:IT-00918273640"}}
		} else {
			c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		}
		if parent == nil {
			parent = c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, public, root)
		if err != nil {
			t.Fatal(err)
		}
		made, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	ca := issue(1, "CA di prova", true, root.Public(), nil)
	leaf := issue(2, "app-fruitore", false, signer.Public(), ca)
	file := filepath.Join(t.TempDir(), "ca.pem")
	err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	store, err := trust.NewSources(nil, clock).Open(trust.Config{CA: []string{file}, Revoca: trust.Off}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return token.SigningKey{Algorithm: token.RS256, Signer: signer, Chain: []*x509.Certificate{leaf}}, store
}

const requestHead = "POST /modi/c_x000/stato-istanza/v1/istanze?x=1 HTTP/1.1\r\nHost: api.comune.example\r\nContent-Type: application/json\r\n"

func parse(t testing.TB, text string) *message.Message {
	t.Helper()
	m, err := message.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// signing is what a good signature needs.
func signing(key token.SigningKey, patterns ...modi.Pattern) byhand.Signing {
	return byhand.Signing{
		Patterns: patterns, Key: key, ClientID: clientID, Audience: aud, PurposeID: purposeID,
		UserID: "mat-00417", UserLocation: "SCUOLA-02", LoA: "LoA3",
		Now: now(), Rand: rand.Reader, Lifetime: 5 * time.Minute, BackDate: 5 * time.Second,
	}
}

func verification(keys modi.KeyResolver, patterns ...modi.Pattern) byhand.Verification {
	return byhand.Verification{Patterns: patterns, Audience: aud, ClientID: clientID, Keys: keys, Clock: clock}
}

// forge signs any header and claims with the client's key.
func forge(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	input := part(t, header) + "." + part(t, claims)
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(nil, newRSA(t), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func part(t testing.TB, v map[string]any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func with(m map[string]any, changes ...any) map[string]any {
	out := maps.Clone(m)
	for i := 0; i+1 < len(changes); i += 2 {
		name, _ := changes[i].(string)
		if changes[i+1] == nil {
			delete(out, name)
		} else {
			out[name] = changes[i+1]
		}
	}
	return out
}

func joseHeader(t testing.TB) map[string]any {
	return map[string]any{"alg": "RS256", "typ": "JWT", "kid": thumbprint(t, newRSA(t).Public())}
}

func integrityClaims(digest string) map[string]any {
	return map[string]any{
		"iss": clientID, "sub": clientID, "aud": aud, "iat": now().Unix(), "exp": now().Unix() + 300, "jti": "i-1",
		"signed_headers": []map[string]string{{"digest": digest}, {"content-type": "application/json"}},
	}
}

func auditClaims() map[string]any {
	return map[string]any{
		"iss": clientID, "aud": aud, "iat": now().Unix(), "exp": now().Unix() + 300, "jti": "a-1", "purposeId": purposeID,
		"dnonce": 1234567890123, "userID": "u", "userLocation": "l",
	}
}

// platform signs vouchers as PDND does; its kid is no thumbprint.
const platformKID = "0f2b6a1e-8888-4a00-8000-0000000000f2"

func voucherClaims() map[string]any {
	return map[string]any{
		"iss": "uat.interop.pagopa.it", "aud": aud, "sub": clientID, "client_id": clientID, "purposeId": purposeID, "jti": "v-1",
		"iat": now().Unix(), "nbf": now().Unix(), "exp": now().Unix() + 600,
		"producerId": "p", "consumerId": "c", "eserviceId": "e", "descriptorId": "d",
	}
}

func voucher(t testing.TB, changes ...any) string {
	t.Helper()
	header := map[string]any{"alg": "RS256", "typ": "at+jwt", "use": "sig", "kid": platformKID}
	return forge(t, header, with(voucherClaims(), changes...))
}

// jwks is a set with the one key of the tests under a kid.
func jwks(t testing.TB, kid string) []byte {
	t.Helper()
	data, err := token.MarshalJWK(newRSA(t).Public(), kid, token.RS256)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(`{"keys":[` + string(data) + `]}`)
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(h[:])
}

func contains(t modi.Text, it string) bool { return strings.Contains(t.IT, it) && t.EN != "" }
