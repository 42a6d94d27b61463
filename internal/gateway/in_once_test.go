// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// withoutJTI takes the jti out of the integrity token of a call and signs it again. As ECDSA does, each signature is
// another one.
func withoutJTI(t *testing.T, h http.Header, key token.SigningKey) {
	t.Helper()
	parts := strings.Split(h.Get(rest.HeaderSignature), ".")
	claims := map[string]any{}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	delete(claims, "jti")
	if payload, err = json.Marshal(claims); err != nil {
		t.Fatal(err)
	}
	signed := parts[0] + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(signed))
	der, err := key.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		t.Fatal(err)
	}
	public, ok := key.Signer.Public().(*ecdsa.PublicKey)
	if !ok {
		t.Fatal("the key is not on a curve")
	}
	size := (public.Curve.Params().BitSize + 7) / 8
	raw := append(pair.R.FillBytes(make([]byte, size)), pair.S.FillBytes(make([]byte, size))...)
	h.Set(rest.HeaderSignature, signed+"."+base64.RawURLEncoding.EncodeToString(raw))
}

// TestIntegrity01WithoutJTIIsGoodOnce: the guideline lets INTEGRITY_REST_01 leave the jti out, which is no leave to send
// the message again, nor to sign the same words again.
func TestIntegrity01WithoutJTIIsGoodOnce(t *testing.T) {
	a := certifiedOnce()[organisationA]
	w := newInWorld(t, asking(modi.PatternIntegrityREST01))
	in := w.certifiedCall(t, searching(token.SigningKey{}, a, token.SigningKey{}))
	withoutJTI(t, in.Header, a)
	if _, err := w.Serve(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.IntegrityReplayed, http.StatusConflict)
	withoutJTI(t, in.Header, a)
	_, err = w.Serve(context.Background(), in)
	wantRule(t, err, modi.IntegrityReplayed, http.StatusConflict)

	w.clock.Advance(time.Second) // iat is all that tells the two apart
	other := w.certifiedCall(t, searching(token.SigningKey{}, a, token.SigningKey{}))
	withoutJTI(t, other.Header, a)
	if _, err := w.Serve(context.Background(), other); err != nil {
		t.Errorf("another message of the same sender: %v", err)
	}
}

// TestAPanicGivesThePlaceBack: a step that panics does not take a place of limits.concurrency with it.
func TestAPanicGivesThePlaceBack(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Limits.Concurrency = 1 })
	down := w.down
	w.down = append(append([]inStep{}, down[:len(down)-1]...), func(context.Context, *serving) error { panic("a defect") })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the step did not panic")
			}
		}()
		_, _ = w.Serve(context.Background(), w.newCall().build(t))
	}()
	w.down = down
	if _, err := w.Serve(context.Background(), w.newCall().build(t)); err != nil {
		t.Fatalf("the place did not come back: %v", err)
	}
}
