// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// subject is a genuine message and the token in it that steps change by default.
type subject struct {
	token   string
	compose func(*draft) error
}

// Subjects are the names of the genuine messages.
func Subjects() []string {
	var names []string
	for name := range subjects() {
		names = append(names, name)
	}
	return names
}

func subjects() map[string]subject {
	return map[string]subject{
		"id-auth-01":            {Identity, request(identity)},
		"id-auth-02":            {Identity, request(identity, withJTI)},
		"id-auth-01-response":   {Identity, response(identityReply)},
		"id-auth-02-response":   {Identity, response(identityReply, withJTI)},
		"integrity-01":          {Signature, request(integrityByCertificate)},
		"integrity-01-response": {Signature, response(integrityReplyByCertificate)},
		"integrity-02":          {Signature, request(voucher, integrity)},
		"integrity-02-response": {Signature, response(integrityReply)},
		"both-headers":          {Signature, request(identity, withJTI, integrityByCertificate)},
		"both-headers-response": {Signature, response(identityReply, withJTI, integrityReplyByCertificate)},
		"pdnd-reply":            {Signature, response(platformReply)},
		"voucher":               {Voucher, request(voucher)},
		"voucher-integrity-01":  {Signature, request(voucher, integrityByCertificate)},
		"audit-01":              {Evidence, request(evidence, voucher)},
		"audit-02":              {Evidence, request(evidence, withDnonce, voucher, bindVoucher)},
		"audit-02-integrity-02": {Evidence, request(evidence, withDnonce, voucher, bindVoucher, integrity)},
		"dpop":                  {Proof, request(voucher, possess, proofAtResource)},
		"dpop-token":            {Proof, tokenRequest(proofAtTokenEndpoint)},
		"assertion":             {Assertion, tokenRequest()},
	}
}

// part adds something to a draft.
type part func(*draft) error

func compose(first part, parts []part) func(*draft) error {
	return func(d *draft) error {
		err := first(d)
		for _, p := range parts {
			if err == nil {
				err = p(d)
			}
		}
		return err
	}
}

// The bodies of the genuine messages.
const (
	requestBody  = `{"pratica":"2026/0042","richiesta":"verifica"}`
	responseBody = `{"pratica":"2026/0042","esito":"confermata"}`
)

func request(parts ...part) func(*draft) error {
	return compose(func(d *draft) error {
		d.method, d.url, d.body = http.MethodPost, d.world.Names["url"], []byte(requestBody)
		d.header.Set("Content-Type", "application/json")
		d.world.Content.fill(d)
		return nil
	}, parts)
}

func response(parts ...part) func(*draft) error {
	return compose(func(d *draft) error {
		d.method, d.url, d.status, d.body = http.MethodPost, d.world.Names["url"], http.StatusOK, []byte(responseBody)
		d.header.Set("Content-Type", "application/json")
		sum := sha256.Sum256([]byte(requestBody))
		d.asked = "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
		d.world.Content.fill(d)
		return nil
	}, parts)
}

func tokenRequest(parts ...part) func(*draft) error {
	return compose(func(d *draft) error {
		d.method, d.url = http.MethodPost, d.world.Names["token-url"]
		d.header.Set("Content-Type", "application/x-www-form-urlencoded")
		d.form = url.Values{
			"client_id":             {d.world.Names["client"]},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"grant_type":            {"client_credentials"},
		}
		return assertion(d)
	}, parts)
}

// start adds a token that a key signs, with its references and life.
func (d *draft) start(t *token, references []string, life time.Duration) error {
	err := t.refer(references...)
	if err != nil {
		return err
	}
	t.claims.setText("iat", fmt.Sprint(d.seconds(0)))
	t.claims.setText("exp", fmt.Sprint(d.seconds(life)))
	d.tokens = append(d.tokens, t)
	return nil
}

// text sets claims that are texts, given as name and value pairs; values are expanded.
func (d *draft) text(t *token, pairs ...string) error {
	for i := 0; i+1 < len(pairs); i += 2 {
		value, err := d.world.Expand(pairs[i+1])
		if err == nil {
			err = t.claims.set(pairs[i], value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// jti gives a token an identifier that no other has.
func (d *draft) jti(t *token) error {
	id, err := d.world.uuid()
	if err != nil {
		return err
	}
	return t.claims.set("jti", id)
}

// withJTI gives the token in Authorization a jti: it makes ID_AUTH_REST_01 02.
func withJTI(d *draft) error {
	t, err := d.token(Identity)
	if err != nil {
		return err
	}
	return d.jti(t)
}

// sealDigest plans the Digest header of the body.
func (d *draft) sealDigest() { d.digest = &digestPlan{name: "SHA-256", hash: crypto.SHA256} }

// evidenceDigest is what AUDIT_REST_02 puts into the voucher.
func evidenceDigest(compact string) map[string]string {
	sum := sha256.Sum256([]byte(compact))
	return map[string]string{"alg": "SHA256", "value": hex.EncodeToString(sum[:])}
}
