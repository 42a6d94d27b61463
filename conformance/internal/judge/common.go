// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package judge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// kind is what one kind of token may look like.
type kind struct {
	types      []string
	algorithms []string
	header     []string // members of the JOSE header that have a place in it
	maxAge     time.Duration
	maxLife    time.Duration
}

func partyAlgorithms() []string {
	return []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}
}

// party is a token that a party signs with a key that PDND publishes.
func party() kind {
	return kind{
		types: []string{"JWT"}, algorithms: partyAlgorithms(), header: []string{"alg", "typ", "kid"}, maxAge: 300 * time.Second, maxLife: time.Hour,
	}
}

// certified is one whose key a certificate names.
func certified() kind {
	k := party()
	k.header = []string{"alg", "typ", "kid", "x5c", "x5t#S256", "x5u"}
	return k
}

// open parses a token and holds its header against its kind.
func (b *book) open(compact string, k kind) *token {
	t, err := parse(compact)
	found := ""
	if err != nil {
		found = err.Error()
	}
	if !b.hold(modi.FaultMalformed, err == nil, "a JWS in its compact form", found) {
		return nil
	}
	var strange []string
	for name := range t.head {
		if !slices.Contains(k.header, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	b.hold(modi.FaultHeaderNotAllowed, len(strange) == 0, "only "+strings.Join(k.header, ", "), strings.Join(strange, ", "))
	alg := t.algorithm()
	if !b.hold(modi.FaultAlgorithmNotAllowed, slices.Contains(k.algorithms, alg), strings.Join(k.algorithms, ", "), fmt.Sprintf("%.32q", alg)) {
		return nil
	}
	typ, _ := text(t.head, "typ")
	known := slices.ContainsFunc(k.types, func(want string) bool { return strings.EqualFold(want, typ) })
	b.hold(modi.FaultTypeMismatch, known, strings.Join(k.types, ", "), fmt.Sprintf("%.32q", typ))
	return t
}

// kidForm is the form of an identifier given by PDND: an RFC 7638 thumbprint.
var kidForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// byKID finds the key by kid and checks the signature.
func (b *book) byKID(t *token, thumbprint bool) {
	kid, _ := text(t.head, "kid")
	if !b.hold(modi.FaultKIDMissing, kid != "", "kid in the header", "none") {
		return
	}
	if thumbprint && !b.hold(modi.FaultKIDMalformed, kidForm.MatchString(kid), "43 characters of base64url", fmt.Sprintf("%d characters", len(kid))) {
		return
	}
	keys := b.policy.Keys
	if b.area == modi.AreaVoucher {
		keys = b.policy.Platform
	}
	if keys == nil {
		return
	}
	key, ok := keys[kid]
	if b.area != modi.AreaAssertion && b.area != modi.AreaDPoP {
		b.hold(modi.FaultKeyUnknown, ok, "a kid that is published", "a kid that is not")
	}
	b.signature(t, key, ok)
}

// signature checks the key and then the signature. An unknown key signs nothing.
func (b *book) signature(t *token, key crypto.PublicKey, known bool) {
	if !known {
		b.hold(modi.FaultSignatureInvalid, false, "a signature by a key that is known", "a key that is not known")
		return
	}
	if !b.hold(modi.FaultKeyUnsuitable, suitable(key, t.algorithm()), "RSA of 2048 bits or more, or the curve of the algorithm", "another key") {
		return
	}
	b.hold(modi.FaultSignatureInvalid, t.signedBy(key), "a signature that verifies", "one that does not")
}

func suitable(key crypto.PublicKey, algorithm string) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return key.Params().Name == map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[algorithm]
	default:
		return false
	}
}

// byCertificate takes the key from x5c and checks the signature. Whether the certificate
// is trusted is for who receives the message.
func (b *book) byCertificate(t *token) {
	chain, _ := t.head["x5c"].([]any)
	_, other := t.head["x5t#S256"]
	if !b.hold(modi.FaultCertificateMissing, len(chain) > 0 || other || t.head["x5u"] != nil, "x5c, x5t#S256 or x5u", "none") || len(chain) == 0 {
		return
	}
	first, _ := chain[0].(string)
	der, err := base64.StdEncoding.Strict().DecodeString(first)
	var cert *x509.Certificate
	if err == nil {
		cert, err = x509.ParseCertificate(der)
	}
	if !b.hold(modi.FaultCertificateMalformed, err == nil, "a certificate in base64 of DER", "something else") {
		return
	}
	valid := b.m.At.After(cert.NotBefore) && b.m.At.Before(cert.NotAfter)
	b.hold(modi.FaultCertificateExpired, valid, "a certificate in its validity", "until "+cert.NotAfter.UTC().Format(time.RFC3339))
	b.signature(t, cert.PublicKey, true)
}

// times holds iat, exp and nbf against the clock.
func (b *book) times(t *token, k kind) {
	now := float64(b.m.At.UnixMilli()) / 1000
	iat, okIssued := t.seconds("iat")
	exp, okExpiry := t.seconds("exp")
	b.hold(modi.FaultIssuedAtMissing, okIssued, "iat, a number", "none")
	b.hold(modi.FaultExpiryMissing, okExpiry, "exp, a number", "none")
	if okIssued {
		b.hold(modi.FaultIssuedInFuture, iat <= now+5, "iat at most 5 s ahead", fmt.Sprintf("%.0f s ahead", iat-now))
		if k.maxAge > 0 {
			b.hold(modi.FaultTooOld, now-iat <= k.maxAge.Seconds(), fmt.Sprintf("iat at most %s old", k.maxAge), fmt.Sprintf("%.0f s old", now-iat))
		}
	}
	if okExpiry {
		b.hold(modi.FaultExpired, exp > now, "exp in the future", fmt.Sprintf("%.0f s ago", now-exp))
	}
	if nbf, there := t.seconds("nbf"); there {
		b.hold(modi.FaultNotYetValid, nbf <= now+5, "nbf at most 5 s ahead", fmt.Sprintf("%.0f s ahead", nbf-now))
	}
	if okIssued && okExpiry {
		b.hold(modi.FaultExpiryBeforeIssue, exp > iat, "exp after iat", fmt.Sprintf("exp-iat of %.0f s", exp-iat))
	}
	if okIssued && okExpiry && k.maxLife > 0 {
		b.hold(modi.FaultLifetimeTooLong, exp-iat <= k.maxLife.Seconds(), fmt.Sprintf("at most %s", k.maxLife), fmt.Sprintf("%.0f s", exp-iat))
	}
}

// present wants a claim that is a text with something in it.
func (b *book) present(t *token, name string, f modi.Fault) (string, bool) {
	value, _ := text(t.claims, name)
	return value, b.hold(f, value != "", name+", a text", "none")
}

// jti wants the identifier of the token, of a length that receivers keep.
func (b *book) jti(t *token) {
	raw, there := t.claims["jti"]
	if b.hold(modi.FaultJTIMissing, there, "jti", "none") {
		value, _ := raw.(string)
		b.hold(modi.FaultJTIMalformed, value != "" && len(value) <= 255, "a text of 1 to 255 bytes", fmt.Sprintf("%d bytes", len(value)))
	}
}

// audience wants aud, with the one that is expected in it.
func (b *book) audience(t *token, want string, commas bool) {
	_, there := t.claims["aud"]
	if !b.hold(modi.FaultAudienceMissing, there, "aud", "none") {
		return
	}
	list, ok := t.audience(commas)
	if b.hold(modi.FaultAudienceMalformed, ok, "a text, or a list of texts, with something in it", "something else") && want != "" {
		b.hold(modi.FaultAudienceMismatch, slices.Contains(list, want), want, strings.Join(list, " "))
	}
}

// ParseKeys reads public keys by kid: a set (RFC 7517 §5), one key alone, or the answer of
// PDND for one key, which holds it as jwk. A key alone that has no kid gets its thumbprint.
func ParseKeys(data []byte) (map[string]crypto.PublicKey, error) {
	members, err := object(data)
	if err != nil {
		return nil, err
	}
	if answer, ok := members["jwk"].(map[string]any); ok {
		members = answer
	}
	list, ok := members["keys"].([]any)
	switch kty, _ := text(members, "kty"); {
	case !ok && kty == "":
		return nil, errors.New("there are no keys")
	case !ok:
		return parseKey(members)
	}
	out := map[string]crypto.PublicKey{}
	for i, item := range list {
		members, _ := item.(map[string]any)
		kid, _ := text(members, "kid")
		key, ok := publicKey(members)
		if !ok || kid == "" {
			return nil, fmt.Errorf("key %d is not a public RSA or EC key with a kid", i+1)
		}
		if _, twice := out[kid]; twice {
			return nil, fmt.Errorf("kid %.64q is there twice", kid)
		}
		out[kid] = key
	}
	return out, nil
}

func parseKey(members map[string]any) (map[string]crypto.PublicKey, error) {
	key, ok := publicKey(members)
	if !ok {
		return nil, errors.New("it is not a public RSA or EC key")
	}
	kid, _ := text(members, "kid")
	if kid == "" {
		bare := map[string]any{}
		for _, name := range []string{"kty", "n", "e", "crv", "x", "y"} { // those that count (RFC 7638 §3.2)
			if value, there := members[name]; there {
				bare[name] = value
			}
		}
		kid = thumbprint(bare)
	}
	return map[string]crypto.PublicKey{kid: key}, nil
}

// publicJWK reads the key of a DPoP proof, with the exact members of its kind.
func publicJWK(members map[string]any) (crypto.PublicKey, bool) {
	count := map[any]int{"RSA": 3, "EC": 4}
	if len(members) != count[members["kty"]] {
		return nil, false
	}
	return publicKey(members)
}

func publicKey(members map[string]any) (crypto.PublicKey, bool) {
	var bytes [2][]byte
	kty, _ := text(members, "kty")
	pair := map[string][]string{"RSA": {"n", "e"}, "EC": {"x", "y"}}[kty]
	if pair == nil {
		return nil, false
	}
	for i, name := range pair {
		value, _ := text(members, name)
		raw, err := base64.RawURLEncoding.Strict().DecodeString(value)
		if err != nil || len(raw) == 0 {
			return nil, false
		}
		bytes[i] = raw
	}
	if kty == "RSA" {
		e := new(big.Int).SetBytes(bytes[1])
		return &rsa.PublicKey{N: new(big.Int).SetBytes(bytes[0]), E: int(e.Int64())}, e.IsInt64()
	}
	crv, _ := text(members, "crv")
	curve, ok := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[crv]
	if !ok {
		return nil, false
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, bytes[0], bytes[1]))
	return key, err == nil
}
