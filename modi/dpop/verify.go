// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
)

// Request is the request that a proof must be made for.
type Request struct {
	Method string
	URL    string      // absolute, as the caller wrote it: behind a proxy, the public one
	Header http.Header // in canonical form, as net/http keeps it
}

// Proof is what a verified proof proves.
type Proof struct {
	JKT       string // RFC 7638 thumbprint of the key
	Algorithm token.Algorithm
	JTI       string
	Method    string
	URL       string // htu, normalised
	IssuedAt  time.Time
	// ExpiresAt is the first instant at which the proof is refused as too old: until
	// then (JKT, JTI) must be remembered. It is zero when Times has no MaxAge.
	ExpiresAt time.Time
	Compact   string // the token itself, for evidence; never for logs
}

// Verifier checks the proofs that reach an e-service, or a token endpoint. It is safe
// for concurrent use and holds no state.
type Verifier struct {
	Clock modi.Clock
	Times modi.Times // modi.ProofTimes
}

// Verify checks that a verified voucher came with the scheme DPoP and the proof that it
// needs. jkt is the voucher's cnf.jkt, empty when it is not bound to a key: then it is
// refused, since such a voucher needs no proof and is not for this verifier.
//
// The order is that of RFC 9449 §4.3: one header, shape, algorithm, key without private
// members, signature; then typ, htm, htu, iat, jti, ath and the key of the voucher
// together. The error is a *modi.Refusal under pdnd.dpop/*, or wraps modi.ErrUndecided
// when the verifier was not told what it needs.
//
// It does not know which jti were used: after a nil error the caller must use up
// (JKT, JTI) of the proof.
func (v Verifier) Verify(r Request, p Presented, jkt string) (Proof, error) {
	kind := token.DPoPResourceProof()
	switch {
	case p.Scheme == SchemeDPoP && jkt == "":
		return Proof{}, modi.Refuse(kind.Violation(modi.FaultVoucherNotBound, "a voucher with cnf.jkt", "one without"))
	case p.Scheme == SchemeDPoP:
	case jkt != "":
		return Proof{}, modi.Refuse(kind.Violation(modi.FaultSchemeNotAllowed, "the scheme DPoP for a voucher with cnf.jkt", "the scheme "+quoteOrNone(string(p.Scheme))))
	default:
		return Proof{}, modi.Refuse(kind.Violation(modi.FaultVoucherNotBound, "a voucher with cnf.jkt and the scheme DPoP", "a Bearer voucher"))
	}
	o, err := v.open(r, kind)
	if err != nil {
		return Proof{}, err
	}
	o.checkTokenHash(p.Compact)
	if o.proof.JKT != jkt {
		o.faults.Add(modi.FaultKeyMismatch, "the key of the voucher, thumbprint "+jose.Quote(jkt), "thumbprint "+o.proof.JKT)
	}
	return o.done()
}

// VerifyTokenRequest checks the proof of a request to the token endpoint of PDND as PDND
// does: jwk with exactly the members of the key and no claim beside htm, htu, iat and
// jti. The errors are those of Verify.
func (v Verifier) VerifyTokenRequest(r Request) (Proof, error) {
	o, err := v.open(r, token.DPoPProof())
	if err != nil {
		return Proof{}, err
	}
	allowed := []string{"htm", "htu", "iat", "jti"}
	for _, name := range o.claims.Names() {
		if !slices.Contains(allowed, name) {
			o.faults.Add(modi.FaultClaimNotAllowed, "only "+strings.Join(allowed, ", "), jose.Quote(name))
		}
	}
	return o.done()
}

// opened is a proof whose signature has verified and whose claims about the request have
// been compared with it.
type opened struct {
	claims *token.Claims
	faults check.Findings
	proof  Proof
}

func (o *opened) done() (Proof, error) {
	err := o.faults.Err()
	if err != nil {
		return Proof{}, err
	}
	return o.proof, nil
}

func (v Verifier) open(r Request, kind token.Kind) (*opened, error) {
	if v.Clock == nil || v.Times == (modi.Times{}) {
		return nil, fmt.Errorf("%w: DPoP verifier without clock or times", modi.ErrUndecided)
	}
	want, err := normalize(r.URL)
	if err != nil || r.Method == "" {
		return nil, fmt.Errorf("%w: DPoP verifier without the method and the absolute URL of the request", modi.ErrUndecided)
	}
	compact, err := single(r.Header, kind)
	if err != nil {
		return nil, err
	}
	u, err := token.Parse(compact, kind)
	if err != nil {
		return nil, err
	}
	claims, err := u.Verify(u.EmbeddedKey())
	if claims == nil {
		return nil, err
	}
	o := &opened{claims: claims, faults: check.For(kind)}
	if err != nil {
		o.faults.Add(modi.FaultTypeMismatch, "typ dpop+jwt", quoteOrNone(u.Header().Type))
	}
	jkt, err := token.Thumbprint(u.EmbeddedKey())
	if err != nil {
		return nil, fmt.Errorf("%w: thumbprint of the embedded key: %w", modi.ErrUndecided, err)
	}
	o.proof = Proof{JKT: jkt, Algorithm: u.Header().Algorithm, Compact: compact}
	o.checkRequest(r.Method, want)
	o.checkFreshness(v.Clock(), v.Times)
	return o, nil
}

func (o *opened) checkRequest(method string, want target) {
	c, f := o.claims, &o.faults
	o.proof.Method = f.Text(c, "htm", modi.FaultMethodMissing)
	if htm := o.proof.Method; htm != "" && htm != method {
		var h modi.Text
		if strings.EqualFold(htm, method) {
			h = modi.Text{IT: "htm differisce per maiuscole e minuscole: i metodi HTTP sono maiuscoli", EN: "htm differs in upper and lower case: HTTP methods are in upper case"}
		}
		f.AddHint(modi.FaultMethodMismatch, jose.Quote(method), jose.Quote(htm), h)
	}
	htu := f.Text(c, "htu", modi.FaultURLMissing)
	if htu == "" {
		return
	}
	got, err := normalize(htu)
	if err != nil {
		f.Add(modi.FaultURLMalformed, "an absolute http or https URL", err.Error())
		return
	}
	o.proof.URL = got.String()
	if got != want {
		found, h := got.difference(want)
		f.AddHint(modi.FaultURLMismatch, "the URL of the request at "+want.scheme+"://"+want.host, found, h)
	}
}

func (o *opened) checkFreshness(now time.Time, times modi.Times) {
	c, f := o.claims, &o.faults
	iat, state := c.Time("iat")
	switch state {
	case token.Absent:
		f.Add(modi.FaultIssuedAtMissing, "the claim iat", "none")
	case token.Invalid:
		raw, _ := c.Value("iat")
		f.Add(modi.FaultIssuedAtMalformed, "seconds since 1970 as a JSON number", token.TypeOf(raw)+" that is not such a date")
	case token.Valid:
		f.CheckTimes(check.Instants{IssuedAt: iat}, now, times)
		o.proof.IssuedAt = iat
		if times.MaxAge > 0 {
			// An age of exactly MaxAge is still admitted.
			o.proof.ExpiresAt = iat.Add(times.MaxAge + time.Second)
		}
	}
	o.proof.JTI = f.JTI(c)
}

// checkTokenHash wants ath to be that of the voucher that came with the proof.
func (o *opened) checkTokenHash(voucher string) {
	ath := o.faults.Text(o.claims, "ath", modi.FaultTokenHashMissing)
	if ath == "" || ath == TokenHash(voucher) {
		return
	}
	found, h := describeHash(ath, voucher)
	o.faults.AddHint(modi.FaultTokenHashMismatch, "base64url without padding of the SHA-256 of the voucher", found, h)
}

// describeHash tells whether a wrong ath is the right hash in another form.
func describeHash(ath, voucher string) (found string, hint modi.Text) {
	sum := sha256.Sum256([]byte(voucher))
	hexadecimal := hex.EncodeToString(sum[:])
	switch {
	case strings.EqualFold(ath, hexadecimal):
		return "that hash in hexadecimal", modi.Text{IT: "ath è in esadecimale: va in base64url", EN: "ath is in hexadecimal: use base64url"}
	case ath == base64.RawURLEncoding.EncodeToString([]byte(hexadecimal)):
		return "base64url of that hash in hexadecimal", modi.Text{
			IT: "ath è il base64url del testo esadecimale: va quello dei 32 byte", EN: "ath is the base64url of the hexadecimal text: use that of the 32 bytes",
		}
	case ath == base64.URLEncoding.EncodeToString(sum[:]):
		return "that hash in base64url with padding", modi.Text{IT: "ath ha il riempimento (=): va senza", EN: "ath has padding (=): write it without"}
	case ath == base64.StdEncoding.EncodeToString(sum[:]), ath == base64.RawStdEncoding.EncodeToString(sum[:]):
		return "that hash in base64 of the standard alphabet", modi.Text{IT: "ath è in base64 standard: va in base64url", EN: "ath is in standard base64: use base64url"}
	default:
		return "the hash of something else", modi.Text{}
	}
}
