// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

// keychainKey is the n-th of keychainPEMs, ready to sign.
func keychainKey(t *testing.T, n int) token.SigningKey {
	t.Helper()
	block, _ := pem.Decode(keychainPEMs()[n])
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		t.Fatal("not a key pair")
	}
	kid, err := token.Thumbprint(signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	return token.SigningKey{KID: kid, Algorithm: token.RS256, Signer: signer}
}

// signedBy answers as a producer with this key does; zipped, through a gateway that
// compresses before it signs.
func signedBy(t *testing.T, key token.SigningKey, zipped bool) http.HandlerFunc {
	body, header := []byte(`{"esito":"ok"}`), http.Header{"Content-Type": {"application/json"}}
	if zipped {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		body = b.Bytes()
		header.Set("Content-Encoding", "gzip")
	}
	return func(rw http.ResponseWriter, _ *http.Request) {
		m := rest.Message{Header: header.Clone(), Body: modi.Bytes(body)}
		_, err := rest.SignIntegrity(&m, rest.IntegrityInput{
			Issuer: "erogatore", Subject: "erogatore", Audience: ambiente.BorgoFiorito().ConsumerClientID,
		}, rest.Stamp{Now: time.Now(), Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: time.Minute}, key)
		if err != nil {
			t.Error(err)
		}
		for name, values := range m.Header {
			rw.Header()[name] = values
		}
		_, _ = rw.Write(body)
	}
}

// signedReplies makes the replies of prova signed, by a producer the recipe may name.
func signedReplies(producer string) change {
	return func(c *config.Config) {
		recipe := c.Consumes["prova"]
		recipe.Patterns.Response = []modi.Pattern{modi.PatternIntegrityREST02}
		env := recipe.Environments["locale"]
		env.ProducerID = producer
		recipe.Environments["locale"] = env
	}
}

// TestReplyIsSignedByTheProducerOfTheEservice: any organisation on PDND may have a
// keychain. Where the recipe does not name the producer, the voucher does.
func TestReplyIsSignedByTheProducerOfTheEservice(t *testing.T) {
	const ministero, other = 0, 1
	for name, tc := range map[string]struct {
		named string
		key   int
		ok    bool
	}{
		"named, and it signs":         {ambiente.MinisteroTenantID, ministero, true},
		"named, and another signs":    {ambiente.MinisteroTenantID, other, false},
		"of the voucher, it signs":    {"", ministero, true},
		"of the voucher, not another": {"", other, false},
		"the recipe's word stands":    {ambiente.ValSerena().TenantID, ministero, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, signedReplies(tc.named))
			w.answer(signedBy(t, keychainKey(t, tc.key), false))
			_, err := w.do(t.Context(), call(true))
			if tc.ok {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var fault *registry.Fault
			if !errors.As(err, &fault) || !errors.Is(err, registry.ErrBadReply) || len(fault.Violations) == 0 ||
				fault.Violations[0].Rule != modi.IntegrityKeyUnknown {
				t.Fatalf("Do = %v, want ErrBadReply for %s", err, modi.IntegrityKeyUnknown)
			}
		})
	}
}

// nameless is a PDND whose vouchers do not name the producer.
type nameless struct{ pdnd.Doer }

func (n nameless) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	resp, err := n.Doer.Do(ctx, req, x)
	var reply map[string]any
	if err != nil || json.Unmarshal(resp.Body, &reply) != nil {
		return resp, err
	}
	compact, _ := reply["access_token"].(string)
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return resp, nil
	}
	var claims map[string]any
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil {
		return nil, err
	}
	delete(claims, "producerId")
	if payload, err = json.Marshal(claims); err != nil {
		return nil, err
	}
	parts[1] = base64.RawURLEncoding.EncodeToString(payload)
	reply["access_token"] = strings.Join(parts, ".")
	resp.Body, err = json.Marshal(reply)
	return resp, err
}

// TestReplyOfAnUnknownProducerIsRefused: who must sign is never left open.
func TestReplyOfAnUnknownProducerIsRefused(t *testing.T) {
	w := newWorld(t, signedReplies(""))
	w.wrap = func(d pdnd.Doer) pdnd.Doer { return nameless{d} }
	w.open()
	w.answer(signedBy(t, keychainKey(t, 0), false))
	_, err := w.do(t.Context(), call(true))
	var fault *registry.Fault
	if !errors.As(err, &fault) || !errors.Is(err, registry.ErrBadReply) || !strings.Contains(fault.Text.IT, "producerId") {
		t.Fatalf("Do = %v, want ErrBadReply", err)
	}
}

// TestCompressedReplyIsVerifiedAsReceivedAndReadDecoded: signed headers speak of the
// wire, the adapter of the content.
func TestCompressedReplyIsVerifiedAsReceivedAndReadDecoded(t *testing.T) {
	w := newWorld(t, signedReplies(""))
	w.answer(signedBy(t, keychainKey(t, 0), true))
	reply, err := w.do(t.Context(), call(true))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(reply.Body) || reply.Header.Get("Content-Encoding") != "" {
		t.Errorf("header %v of %q", reply.Header, reply.Body)
	}
}

// emptySigned answers with no body and a signed digest of it, as services that ask a signature on every answer do.
func emptySigned(t *testing.T, key token.SigningKey) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		m := rest.Message{Header: http.Header{}, Body: modi.Bytes(nil)}
		_, err := rest.SignIntegrity(&m, rest.IntegrityInput{
			Issuer: "erogatore", Subject: "erogatore", Audience: ambiente.BorgoFiorito().ConsumerClientID, DigestEmpty: true,
		}, rest.Stamp{Now: time.Now(), Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: time.Minute}, key)
		if err != nil {
			t.Error(err)
		}
		for name, values := range m.Header {
			rw.Header()[name] = values
		}
	}
}

// TestRepliesAreForgivenWhatTheRecipeSays: the digest of an empty answer, and nothing that the recipe does not name.
func TestRepliesAreForgivenWhatTheRecipeSays(t *testing.T) {
	for lenient, taken := range map[string]bool{"": false, "content-type-unsigned": false, "digest-on-empty-body": true} {
		w := newWorld(t, signedReplies(ambiente.MinisteroTenantID), func(c *config.Config) {
			if lenient != "" {
				c.Consumes["prova"].Lenient = []string{lenient}
			}
		})
		w.answer(emptySigned(t, keychainKey(t, 0)))
		if _, err := w.do(t.Context(), call(true)); (err == nil) != taken {
			t.Errorf("lenient %q: Do = %v, taken is to be %v", lenient, err, taken)
		}
	}
}
