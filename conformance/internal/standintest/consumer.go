// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package standintest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// question is what the consumer asks.
const question = `{"pratica":"2026/0042","richiesta":"verifica"}`

// consumer calls the e-service each time it is called itself: 200 when it accepted the
// reply, 502 when not.
type consumer struct {
	terms  Terms
	key    token.SigningKey
	holder token.SigningKey // of the DPoP proofs
	client *http.Client

	mu   sync.Mutex
	used map[string]bool
}

func newConsumer(t Terms, key token.SigningKey) (*consumer, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	patience := time.Second
	if t.Patient {
		patience = 0
	}
	return &consumer{
		terms: t, key: key, holder: token.SigningKey{Algorithm: "ES256", Signer: private}, used: map[string]bool{},
		client: &http.Client{
			Timeout:       patience,
			Transport:     &http.Transport{DisableCompression: true}, // the Digest is of the bytes on the wire
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// ServeHTTP makes one call.
func (c *consumer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if c.terms.Patient {
		ctx = context.WithoutCancel(ctx)
	}
	if err := c.call(ctx); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

func (c *consumer) stamp() rest.Stamp {
	return rest.Stamp{Now: time.Now(), Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: 300 * time.Second}
}

// call is the list of steps of a consumer: evidence, voucher bound to it, signature,
// call, verification of the reply.
func (c *consumer) call(ctx context.Context) error {
	m := rest.Message{Header: http.Header{"Content-Type": {"application/json"}}, Body: modi.Bytes(question)}
	var digest *voucher.Digest
	if c.terms.has(modi.PatternAuditREST02) {
		evidence, err := rest.SignAudit(rest.AuditInput{
			Issuer: c.terms.Client, Audience: c.terms.Audience, PurposeID: c.terms.Purpose, UserID: "operatore-17", UserLocation: "postazione-04", LoA: "SPID_L2",
		}, c.stamp(), c.key)
		if err != nil {
			return err
		}
		m.Header.Set(rest.HeaderTrackingEvidence, evidence.Compact)
		digest = &evidence.Digest
	}
	compact, err := c.voucher(ctx, digest)
	if err != nil {
		return err
	}
	m.Header.Set("Authorization", "Bearer "+compact)
	if c.terms.has(modi.PatternDPoP) {
		m.Header.Set("Authorization", "DPoP "+compact)
		if err := c.prove(m.Header, c.terms.Eservice, compact); err != nil {
			return err
		}
	}
	if c.terms.has(modi.PatternIntegrityREST02) {
		_, err := rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: c.terms.Client, Audience: c.terms.Audience}, c.stamp(), c.key)
		if err != nil {
			return err
		}
	}
	return c.send(ctx, m)
}

// prove adds the proof of possession for a POST to an address; compact is the voucher that
// goes with it, empty at the token endpoint.
func (c *consumer) prove(h http.Header, address, compact string) error {
	proof, err := dpop.Prove(dpop.Input{Method: http.MethodPost, URL: address, Voucher: compact}, time.Now(), rand.Reader, c.holder)
	h.Set(dpop.HeaderProof, proof)
	return err
}

// voucher asks the suite, as PDND.
func (c *consumer) voucher(ctx context.Context, digest *voucher.Digest) (string, error) {
	assertion, err := voucher.Assertion{
		ClientID: c.terms.Client, PurposeID: c.terms.Purpose, Audience: c.terms.AssertionAud, Digest: digest, Lifetime: time.Minute, BackDate: 5 * time.Second,
	}.Sign(time.Now(), rand.Reader, c.key)
	if err != nil {
		return "", err
	}
	form := url.Values{
		"client_id": {c.terms.Client}, "client_assertion": {assertion}, "grant_type": {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.terms.Suite+"/token.oauth2", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.terms.has(modi.PatternDPoP) {
		if err := c.prove(req.Header, c.terms.Suite+"/token.oauth2", ""); err != nil {
			return "", err
		}
	}
	status, _, body, err := c.do(req)
	if err != nil {
		return "", err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if status != http.StatusOK || json.Unmarshal(body, &answer) != nil || answer.AccessToken == "" {
		return "", fmt.Errorf("no voucher: %d", status)
	}
	return answer.AccessToken, nil
}

func (c *consumer) do(req *http.Request) (status int, header http.Header, body []byte, err error) {
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, body, err
}

func (c *consumer) send(ctx context.Context, m rest.Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.terms.Eservice, bytes.NewReader([]byte(question)))
	if err != nil {
		return err
	}
	req.Header = m.Header
	status, header, body, err := c.do(req)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("status %d", status)
	case !slices.Contains(c.terms.ReplyPatterns, modi.PatternIntegrityREST02):
		return nil
	}
	return c.verify(ctx, rest.Message{Header: header, Body: modi.Bytes(body)}, m.Header.Get("Digest"))
}

// verify holds the signature of the reply against the rules, and uses its jti up.
func (c *consumer) verify(ctx context.Context, m rest.Message, asked string) error {
	v := rest.IntegrityVerifier{
		Pattern: modi.PatternIntegrityREST02, Audience: c.terms.Client, Owner: c.terms.Keychain, RequestDigest: asked,
		Keys:  registry{c.client, func(kid string) string { return c.terms.Suite + "/producerKeys/" + kid }, "producerKeychainId"},
		Clock: time.Now, Times: modi.PartyTimes(),
	}
	proof, err := v.Verify(ctx, m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used[proof.JTI] {
		return errors.New("the reply was used before")
	}
	c.used[proof.JTI] = true
	return nil
}
