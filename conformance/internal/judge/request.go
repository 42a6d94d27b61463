// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package judge

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// bearer takes the token of Authorization.
func (b *book) bearer(schemes ...string) (string, bool) {
	value, ok := b.single("Authorization")
	if !ok {
		return "", false
	}
	scheme, compact, _ := strings.Cut(value, " ")
	known := slices.ContainsFunc(schemes, func(s string) bool { return strings.EqualFold(s, scheme) })
	return strings.TrimSpace(compact), b.hold(modi.FaultSchemeNotAllowed, known, strings.Join(schemes, " or "), fmt.Sprintf("%.16q", scheme))
}

// voucher judges how the voucher is presented: what it says is for who issued it.
func (b *book) voucher() *token {
	compact, ok := b.bearer("Bearer", "DPoP")
	if !ok {
		return nil
	}
	t, err := parse(compact)
	if !b.hold(modi.FaultMalformed, err == nil, "a voucher", "something else") {
		return nil
	}
	if b.policy.Platform != nil {
		kid, _ := text(t.head, "kid")
		key, known := b.policy.Platform[kid]
		b.hold(modi.FaultKeyUnknown, known, "a voucher of the platform", "one of another key")
		if known {
			b.hold(modi.FaultSignatureInvalid, t.signedBy(key), "a signature that verifies", "one that does not")
		}
	}
	if list, _ := t.audience(true); b.policy.Audience != "" {
		b.hold(modi.FaultAudienceMismatch, slices.Contains(list, b.policy.Audience), b.policy.Audience, strings.Join(list, " "))
	}
	exp, _ := t.seconds("exp")
	b.hold(modi.FaultExpired, exp > float64(b.m.At.Unix()), "a voucher that is valid", "one that has expired")
	return t
}

func (b *book) identity() {
	compact, ok := b.bearer("Bearer")
	if !ok {
		return
	}
	t := b.open(compact, certified())
	if t == nil {
		return
	}
	b.byCertificate(t)
	b.audience(t, b.policy.Audience, false)
	b.times(t, certified())
	var strange []string
	for _, name := range []string{"signed_headers", "request_digest", "userID", "userLocation", "LoA", "dnonce"} {
		if _, there := t.claims[name]; there {
			strange = append(strange, name)
		}
	}
	b.hold(modi.FaultClaimNotAllowed, len(strange) == 0, "no claim of another token", strings.Join(strange, ", "))
	if b.pattern == modi.PatternIDAuthREST02 {
		b.jti(t)
	}
}

func (b *book) integrity(audience string) {
	if len(b.m.Body) == 0 {
		b.hold(modi.FaultDigestOnEmptyBody, len(b.m.Header.Values("Digest")) == 0, "no Digest without a body", "one")
		return
	}
	compact, ok := b.single("Agid-JWT-Signature")
	b.digest()
	if !ok {
		return
	}
	k := party()
	if b.pattern == modi.PatternIntegrityREST01 {
		k = certified()
	}
	t := b.open(compact, k)
	if t == nil {
		return
	}
	if b.pattern == modi.PatternIntegrityREST01 {
		b.byCertificate(t)
	} else {
		b.byKID(t, true)
		b.present(t, "iss", modi.FaultIssuerMissing)
		b.jti(t)
	}
	b.audience(t, audience, false)
	b.times(t, k)
	b.signedHeaders(t)
	if asked, there := text(t.claims, "request_digest"); there && b.m.Asked != "" {
		b.hold(modi.FaultRequestDigestMismatch, asked == b.m.Asked, "the Digest of the request", "another")
	}
}

// digestForm is the Digest header (RFC 3230) with the algorithms of the guideline.
var digestForm = regexp.MustCompile(`^(SHA-256|SHA-384|SHA-512)=([A-Za-z0-9+/]+=*)$`)

func (b *book) digest() {
	values := b.m.Header.Values("Digest")
	if !b.hold(modi.FaultDigestMissing, len(values) > 0, "the field Digest", "none") ||
		!b.hold(modi.FaultDigestRepeated, len(values) == 1, "one field Digest", "several") {
		return
	}
	parts := digestForm.FindStringSubmatch(values[0])
	if !b.hold(modi.FaultDigestMalformed, parts != nil, "SHA-256= and base64", "another form") {
		return
	}
	h := map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}[parts[1]].New()
	h.Write(b.m.Body)
	b.hold(modi.FaultDigestMismatch, parts[2] == base64.StdEncoding.EncodeToString(h.Sum(nil)), "the hash of the bytes of the body", "another")
}

// signedHeaders holds the signed fields against those of the message, in order.
func (b *book) signedHeaders(t *token) {
	raw, there := t.claims["signed_headers"]
	if !b.hold(modi.FaultSignedHeadersMissing, there, "signed_headers", "none") {
		return
	}
	signed, ok := fields(raw)
	if !b.hold(modi.FaultSignedHeadersMalformed, ok, "a list of objects with one member: a name in lower case and a text", "another form") {
		return
	}
	b.hold(modi.FaultDigestNotSigned, len(signed["digest"]) > 0, "digest in signed_headers", "none")
	for name, fault := range map[string]modi.Fault{"content-type": modi.FaultContentTypeNotSigned, "content-encoding": modi.FaultContentEncodingNotSigned} {
		due := len(b.m.Header.Values(name)) > 0
		b.hold(fault, !due || len(signed[name]) > 0, name+" in signed_headers", "none")
	}
	missing, different := []string{}, []string{}
	for name, values := range signed {
		sent := b.m.Header.Values(name)
		switch {
		case len(sent) == 0:
			missing = append(missing, name)
		case !slices.Equal(sent, values):
			different = append(different, name)
		}
	}
	slices.Sort(missing)
	slices.Sort(different)
	b.hold(modi.FaultSignedHeaderMissing, len(missing) == 0, "every signed field in the message", "without "+strings.Join(missing, ", "))
	b.hold(modi.FaultSignedHeaderMismatch, len(different) == 0, "the values that were signed", "another "+strings.Join(different, ", "))
}

func fields(raw any) (map[string][]string, bool) {
	list, ok := raw.([]any)
	out := map[string][]string{}
	for _, item := range list {
		one, isObject := item.(map[string]any)
		if !isObject || len(one) != 1 {
			return nil, false
		}
		for name, value := range one {
			s, isText := value.(string)
			if !isText || name != strings.ToLower(name) {
				return nil, false
			}
			out[name] = append(out[name], s)
		}
	}
	return out, ok && len(list) > 0
}

var nonce = regexp.MustCompile(`^[0-9]{13}$`)

func (b *book) evidence(voucher *token) {
	compact, ok := b.single("Agid-JWT-TrackingEvidence")
	if !ok {
		return
	}
	t := b.open(compact, party())
	if t == nil {
		return
	}
	b.byKID(t, true)
	if issuer, there := b.present(t, "iss", modi.FaultIssuerMissing); there && b.policy.Client != "" {
		b.hold(modi.FaultIssuerMismatch, issuer == b.policy.Client, b.policy.Client, "another issuer")
	}
	b.audience(t, b.policy.Audience, false)
	b.times(t, party())
	b.jti(t)
	if purpose, there := b.present(t, "purposeId", modi.FaultPurposeMissing); there && b.policy.PurposeID != "" {
		b.hold(modi.FaultPurposeMismatch, purpose == b.policy.PurposeID, b.policy.PurposeID, "another purpose")
	}
	b.present(t, "userID", modi.FaultUserIDMissing)
	b.present(t, "userLocation", modi.FaultUserLocationMissing)
	if loa, there := t.claims["LoA"]; there {
		_, isText := loa.(string)
		b.hold(modi.FaultLoAMalformed, isText, "LoA, a text", "something else")
	}
	if b.pattern == modi.PatternAuditREST02 {
		b.bound(t, voucher)
	}
}

// bound holds the evidence against the digest in the voucher (AUDIT_REST_02).
func (b *book) bound(t, voucher *token) {
	value, there := t.claims["dnonce"]
	if b.hold(modi.FaultDnonceMissing, there, "dnonce", "none") {
		written := ""
		switch n := value.(type) {
		case json.Number:
			written = n.String()
		case string:
			written = n
		}
		b.hold(modi.FaultDnonceMalformed, nonce.MatchString(written), "13 digits", fmt.Sprintf("%d characters", len(written)))
	}
	if voucher == nil {
		return
	}
	digest, _ := voucher.claims["digest"].(map[string]any)
	if !b.hold(modi.FaultVoucherDigestMissing, digest != nil, "digest in the voucher", "none") {
		return
	}
	sum := sha256.Sum256([]byte(t.compact))
	value, _ = digest["value"].(string)
	b.hold(modi.FaultDigestMismatch, strings.EqualFold(fmt.Sprint(value), hex.EncodeToString(sum[:])) && digest["alg"] == "SHA256",
		"in the voucher, the SHA-256 of this evidence in hex", "another")
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func (b *book) assertion(form url.Values) {
	k := party()
	k.algorithms, k.header, k.maxAge = []string{"RS256"}, []string{"alg", "typ", "kid"}, 0
	k.maxLife = 24 * 3600 * 1e9
	t := b.open(form.Get("client_assertion"), k)
	if t == nil {
		return
	}
	b.byKID(t, true)
	b.present(t, "iss", modi.FaultIssuerMissing)
	subject, there := b.present(t, "sub", modi.FaultSubjectMissing)
	if sent := form.Get("client_id"); there && sent != "" {
		b.hold(modi.FaultSubjectMismatch, subject == sent, "the client_id of the form", "another")
	}
	b.audience(t, b.policy.AssertionAudience, false)
	b.times(t, k)
	b.jti(t)
	b.purpose(t)
	if raw, there := t.claims["digest"]; there {
		digest, _ := raw.(map[string]any)
		value, _ := text(digest, "value")
		ok := len(digest) == 2 && digest["alg"] == "SHA256" && len(value) == 64 && strings.Trim(value, "0123456789abcdef") == ""
		b.hold(modi.FaultDigestMalformed, ok, "alg SHA256 and value, 64 digits of lower case hex", "another form")
	}
	b.onlyClaims(t, "iss", "sub", "aud", "jti", "iat", "exp", "purposeId", "digest")
}

func (b *book) purpose(t *token) {
	purpose, _ := text(t.claims, "purposeId")
	if b.policy.APIClient {
		return
	}
	if b.hold(modi.FaultPurposeMissing, purpose != "", "purposeId", "none") {
		b.hold(modi.FaultPurposeMalformed, uuid.MatchString(purpose), "a UUID", "another form")
	}
}

func (b *book) onlyClaims(t *token, allowed ...string) {
	var strange []string
	for name := range t.claims {
		if !slices.Contains(allowed, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	b.hold(modi.FaultClaimNotAllowed, len(strange) == 0, "only "+strings.Join(allowed, ", "), strings.Join(strange, ", "))
}

// proof judges a DPoP proof (RFC 9449 §4.3); voucher is nil at the token endpoint.
func (b *book) proof(voucher *token) {
	compact, ok := b.single("DPoP")
	if !ok {
		return
	}
	k := kind{types: []string{"dpop+jwt"}, algorithms: []string{"RS256", "ES256"}, header: []string{"alg", "typ", "jwk"}}
	t := b.open(compact, k)
	if t == nil {
		return
	}
	members, _ := t.head["jwk"].(map[string]any)
	key, known := publicJWK(members)
	if b.hold(modi.FaultKeyUnsuitable, known && suitable(key, t.algorithm()), "jwk with the members of a public key and no other", "another form") {
		b.hold(modi.FaultSignatureInvalid, t.signedBy(key), "a signature by the key in jwk", "another")
	}
	if method, there := b.present(t, "htm", modi.FaultMethodMissing); there {
		b.hold(modi.FaultMethodMismatch, method == b.m.Method, b.m.Method, method)
	}
	if address, there := b.present(t, "htu", modi.FaultURLMissing); there {
		want, _, _ := strings.Cut(b.m.URL, "?")
		b.hold(modi.FaultURLMismatch, address == want, want, "another address")
	}
	iat, issued := t.seconds("iat")
	if b.hold(modi.FaultIssuedAtMissing, issued, "iat, a number", "none") {
		now := float64(b.m.At.Unix())
		b.hold(modi.FaultIssuedInFuture, iat <= now+5, "iat at most 5 s ahead", fmt.Sprintf("%.0f s ahead", iat-now))
		b.hold(modi.FaultTooOld, now-iat <= 60, "iat at most 60 s old", fmt.Sprintf("%.0f s old", now-iat))
	}
	b.jti(t)
	allowed := []string{"htm", "htu", "iat", "jti"}
	if voucher != nil {
		scheme, _, _ := strings.Cut(b.m.Header.Get("Authorization"), " ")
		b.hold(modi.FaultSchemeNotAllowed, strings.EqualFold(scheme, "DPoP"), "DPoP", fmt.Sprintf("%.16q", scheme)) // RFC 9449 §7.1
		allowed = append(allowed, "ath")
		b.binding(t, voucher, members)
	}
	b.onlyClaims(t, allowed...)
}

// binding holds a proof against the voucher that it goes with.
func (b *book) binding(t, voucher *token, jwk map[string]any) {
	if ath, there := b.present(t, "ath", modi.FaultTokenHashMissing); there {
		sum := sha256.Sum256([]byte(voucher.compact))
		b.hold(modi.FaultTokenHashMismatch, ath == base64.RawURLEncoding.EncodeToString(sum[:]), "the SHA-256 of the voucher", "another")
	}
	confirmed, _ := voucher.claims["cnf"].(map[string]any)
	bound, _ := text(confirmed, "jkt")
	b.hold(modi.FaultKeyMismatch, bound != "" && bound == thumbprint(jwk), "the key that the voucher is bound to", "another")
}

// thumbprint is that of RFC 7638, of a key with the exact members of its kind: encoding
// writes the names in alphabetical order.
func thumbprint(jwk map[string]any) string {
	written, err := json.Marshal(jwk)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(written)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// issued judges a voucher as its issuer must make it.
func (b *book) issued(compact string) {
	k := kind{types: []string{"at+jwt"}, algorithms: []string{"RS256"}, header: []string{"alg", "typ", "kid", "use"}}
	t := b.open(compact, k)
	if t == nil {
		return
	}
	b.byKID(t, false)
	b.present(t, "iss", modi.FaultIssuerMissing)
	b.audience(t, b.policy.Audience, true)
	b.times(t, k)
	_, there := t.seconds("nbf")
	b.hold(modi.FaultNotBeforeMissing, there, "nbf, a number", "none")
	b.jti(t)
	b.present(t, "sub", modi.FaultSubjectMissing)
	b.present(t, "client_id", modi.FaultClientMissing)
	if !b.policy.APIClient {
		b.present(t, "purposeId", modi.FaultPurposeMissing)
		b.present(t, "consumerId", modi.FaultConsumerMissing)
	}
	if raw, there := t.claims["digest"]; there {
		digest, _ := raw.(map[string]any)
		value, _ := text(digest, "value")
		b.hold(modi.FaultDigestMalformed, digest["alg"] == "SHA256" && len(value) == 64, "alg SHA256 and value of 64 digits", "another form")
	}
}
