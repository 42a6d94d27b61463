// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// Verification says which proofs a message must have and what they must say.
type Verification struct {
	Patterns []modi.Pattern // from ParsePatterns with Patterns

	Audience string
	ClientID string // whose the keys are: the consumer on a request
	Keys     modi.KeyResolver
	// Certificates judges the certificates that tokens name; nil: what needs it is not
	// decided. References are the admitted ways of naming them.
	Certificates modi.CertificateResolver
	References   []token.Reference
	Clock        modi.Clock
	Reply        bool
	Lenient      modi.Lenient

	// What a producer knows of its e-service. Empty ones are not held against the
	// voucher, and are told among Unchecked.
	Issuer, ProducerID, EserviceID, DescriptorID, PurposeID string

	Organization  string // codice fiscale that the certificate must name; empty: not checked
	URL           string // of the request, for DPoP; empty: https, Host and target
	HeaderName    string // of the integrity token; empty: Agid-JWT-Signature
	MustSign      []string
	Empty         rest.EmptyPayload
	RequestDigest string
}

// Verdict is what was decided of a message.
type Verdict struct {
	Accepted   bool
	Violations []modi.Violation
	Proofs     []Proof
	Unchecked  []modi.Text // what nothing decided on: no option says what is right, or no rule
}

// Proof is one proof that stood.
type Proof struct {
	Pattern                   modi.Pattern
	Issuer, Subject, Audience string
	JTI, KID, Algorithm       string
	IssuedAt, Expires         time.Time
}

// Verify decides on a message. An error means that nothing is decided: an option is
// missing, or what was needed did not answer. Replays are not looked for: one message
// alone repeats nothing.
func Verify(ctx context.Context, m *message.Message, v Verification) (Verdict, error) {
	err := exclusive(v.Patterns)
	if err != nil {
		return Verdict{}, err
	}
	if v.Keys == nil {
		v.Keys = &Keys{}
	}
	if v.has(modi.PatternClientAssertion) {
		return v.assertion(ctx, m)
	}
	c := collector{v: v, m: m}
	verifier, err := c.verifier()
	if err != nil {
		return Verdict{}, err
	}
	result, err := verifier.Verify(ctx, rest.Message{Header: m.Header(), Body: modi.Bytes(m.Body)})
	err = c.take(err)
	if err != nil {
		return Verdict{}, needed(err)
	}
	c.proofs(result)
	c.owners(result)
	if v.has(modi.PatternDPoP) && !v.has(modi.PatternVoucher) {
		err = c.possessionAlone()
		if err != nil {
			return Verdict{}, err
		}
	}
	c.explain()
	c.misspelt()
	c.verdict.Accepted = len(c.verdict.Violations) == 0
	return c.verdict, nil
}

func (v Verification) has(patterns ...modi.Pattern) bool {
	return slices.ContainsFunc(patterns, func(p modi.Pattern) bool { return slices.Contains(v.Patterns, p) })
}

// collector builds the verifiers and gathers what they say.
type collector struct {
	v       Verification
	m       *message.Message
	verdict Verdict
}

// take keeps the violations of a refusal; any other error is returned.
func (c *collector) take(err error) error {
	var refusal *modi.Refusal
	if errors.As(err, &refusal) {
		c.verdict.Violations = append(c.verdict.Violations, refusal.Violations...)
		return nil
	}
	return err
}

func (c *collector) unchecked(it, en string) {
	c.verdict.Unchecked = append(c.verdict.Unchecked, text(it, en))
}

// verifier puts together what the patterns ask for.
func (c *collector) verifier() (rest.Verifier, error) {
	v := c.v
	out := rest.Verifier{AnyOwner: true} // the keys are those that the person gave
	if v.has(modi.PatternIDAuthREST01, modi.PatternIDAuthREST02, modi.PatternAuditREST01, modi.PatternAuditREST02,
		modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternVoucher) && v.Audience == "" {
		return out, bilingual.Errorf("per verificare serve l'audience attesa: --audience", "the expected audience is needed: --audience")
	}
	for _, p := range v.Patterns {
		switch p {
		case modi.PatternVoucher:
			out.Voucher = c.voucher()
		case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
			out.IDAuth = &rest.IDAuthVerifier{
				Pattern: p, Audience: v.Audience, Organization: v.Organization, References: v.References,
				Certificates: v.certificates(p), Clock: v.Clock, Times: modi.PartyTimes(), Lenient: v.Lenient,
			}
		case modi.PatternAuditREST01, modi.PatternAuditREST02:
			out.Audit = c.audit(p)
		case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternPDNDResponse:
			out.Integrity = c.integrity(p)
		case modi.PatternDPoP:
			if !v.has(modi.PatternVoucher) {
				continue
			}
			url, err := c.url()
			if err != nil {
				return out, err
			}
			out.Possession = dpop.Possession{Verifier: c.proofVerifier(), Method: c.m.Method, URL: url}
		default:
		}
	}
	return out, nil
}

// stated reads a header's token without believing it, to say what is not checked.
func (c *collector) stated(header string) parts {
	value, _ := c.m.Get(header)
	p, _ := decode(Bare([]byte(value)))
	return p
}

// stated is what a token says itself, for what no option says. Without the claim no value
// would do: the token is refused by its own rule.
func stated(body map[string]json.RawMessage, claim string) string {
	if value := str(body, claim); value != "" {
		return value
	}
	return "-"
}

// voucher takes from the voucher itself what no option says: the checks on it are then
// without effect, and told as such.
func (c *collector) voucher() *voucher.Verifier {
	v := c.v
	said := c.stated("Authorization").body
	var open []string
	or := func(option, claim string) string {
		if option != "" {
			return option
		}
		open = append(open, claim)
		return stated(said, claim)
	}
	out := &voucher.Verifier{
		Issuer: or(v.Issuer, "iss"), Audience: v.Audience, ProducerID: or(v.ProducerID, "producerId"),
		EserviceID: or(v.EserviceID, "eserviceId"), DescriptorIDs: []string{or(v.DescriptorID, "descriptorId")},
		AllowBound: v.has(modi.PatternDPoP), Keys: ofPlatform(v.Keys), Clock: v.Clock, Times: modi.VoucherTimes(),
	}
	if len(open) > 0 {
		list := strings.Join(open, ", ")
		c.unchecked("del voucher non sono confrontati "+list+": nessuna opzione dice quali sono quelli giusti",
			list+" of the voucher are not compared: no option says which are right")
	}
	return out
}

func (c *collector) audit(p modi.Pattern) *rest.AuditVerifier {
	v := c.v
	out := &rest.AuditVerifier{
		Pattern: p, Audience: v.Audience, Owner: v.ClientID, PurposeID: v.PurposeID,
		Keys: v.Keys, Clock: v.Clock, Times: modi.PartyTimes(), Lenient: v.Lenient,
	}
	said := c.stated(rest.HeaderTrackingEvidence)
	if has(said.head, "x5c", "x5t#S256", "x5u") && (v.Certificates != nil || !has(said.head, "kid")) {
		out.Certificates, out.References, out.Owner = v.certificates(p), v.References, ""
		out.Organization = v.Organization
	}
	if v.has(modi.PatternVoucher) {
		return out
	}
	if out.PurposeID == "" && has(said.body, "purposeId") {
		out.PurposeID = str(said.body, "purposeId")
		c.unchecked("purposeId non è confrontato con nulla: indicarlo con --purpose-id o verificare anche il voucher",
			"purposeId is compared with nothing: give it with --purpose-id or verify the voucher too")
	}
	if p == modi.PatternAuditREST02 {
		c.looseBinding(out)
	}
	return out
}

// looseBinding compares a tracking evidence with the digest of a voucher that is not
// verified; without a voucher there is nothing to compare it with.
func (c *collector) looseBinding(out *rest.AuditVerifier) {
	said := c.stated("Authorization")
	if said.body == nil || out.PurposeID == "" {
		out.Unbound = true
		c.unchecked("il legame con il voucher non è verificato: nel messaggio non c'è un voucher",
			"the link with the voucher is not verified: there is no voucher in the message")
		return
	}
	if o := members(said.body["digest"]); o != nil {
		out.Digest = &voucher.Digest{Alg: str(o, "alg"), Value: str(o, "value")}
	}
	c.unchecked("il voucher non è verificato: aggiungere "+string(modi.PatternVoucher)+" ai pattern",
		"the voucher is not verified: add "+string(modi.PatternVoucher)+" to the patterns")
}

func (c *collector) integrity(p modi.Pattern) *rest.IntegrityVerifier {
	v := c.v
	direction := rest.Request
	if v.Reply {
		direction = rest.Reply
	}
	out := &rest.IntegrityVerifier{
		Pattern: p, Audience: v.Audience, HeaderName: v.HeaderName, RequireOnEmpty: v.Empty.Requires(direction),
		MustSign: v.MustSign, RequestDigest: v.RequestDigest, Keys: v.Keys, Clock: v.Clock, Times: modi.PartyTimes(), Lenient: v.Lenient,
	}
	switch p {
	case modi.PatternIntegrityREST01:
		out.Certificates, out.References, out.Organization = v.certificates(p), v.References, v.Organization
	case modi.PatternPDNDResponse:
		out.Issuer = v.Issuer
		if out.Issuer == "" {
			name := v.HeaderName
			if name == "" {
				name = rest.HeaderSignature
			}
			out.Issuer = stated(c.stated(name).body, "iss")
			c.unchecked("iss non è confrontato con nulla: indicarlo con --issuer", "iss is compared with nothing: give it with --issuer")
		}
	default:
		if !v.Reply {
			out.Owner = v.ClientID
		}
	}
	return out
}

func (c *collector) url() (string, error) {
	url := c.v.URL
	if url == "" {
		url = c.m.URL("https")
	}
	if url == "" {
		return "", bilingual.Errorf("per DPoP serve l'indirizzo della richiesta: Host nel messaggio, o --url",
			"DPoP needs the address of the request: Host in the message, or --url")
	}
	return url, nil
}

func (c *collector) proofVerifier() dpop.Verifier {
	return dpop.Verifier{Clock: c.v.Clock, Times: modi.ProofTimes()}
}

// possessionAlone checks a DPoP proof beside a voucher that is not verified, or the one
// of a token request.
func (c *collector) possessionAlone() error {
	url, err := c.url()
	if err != nil {
		return err
	}
	request := dpop.Request{Method: c.m.Method, URL: url, Header: c.m.Header()}
	var proof dpop.Proof
	if len(request.Header.Values("Authorization")) == 0 {
		proof, err = c.proofVerifier().VerifyTokenRequest(request)
	} else {
		c.unchecked("il voucher non è verificato: aggiungere "+string(modi.PatternVoucher)+" ai pattern",
			"the voucher is not verified: add "+string(modi.PatternVoucher)+" to the patterns")
		var presented dpop.Presented
		presented, err = dpop.Present(request.Header)
		if err == nil {
			jkt := str(members(c.stated("Authorization").body["cnf"]), "jkt")
			proof, err = c.proofVerifier().Verify(request, presented, jkt)
		}
	}
	if err != nil {
		return c.take(err)
	}
	c.verdict.Proofs = append(c.verdict.Proofs, Proof{
		Pattern: modi.PatternDPoP, JTI: proof.JTI, KID: proof.JKT, Algorithm: string(proof.Algorithm),
		IssuedAt: proof.IssuedAt, Expires: proof.ExpiresAt,
	})
	return nil
}

func (c *collector) proofs(r rest.Result) {
	add := func(p Proof) { c.verdict.Proofs = append(c.verdict.Proofs, p) }
	if vo := r.Voucher; vo != nil {
		add(Proof{
			Pattern: modi.PatternVoucher, Issuer: vo.Issuer, Subject: vo.ClientID, Audience: strings.Join(vo.Audience, " "),
			JTI: vo.JTI, KID: vo.KID, Algorithm: string(token.RS256), IssuedAt: vo.IssuedAt, Expires: vo.ExpiresAt,
		})
	}
	for _, p := range []*rest.Proof{r.IDAuth, r.Possession, r.Audit, r.Integrity} {
		if p == nil || p.Compact == "" {
			continue
		}
		add(Proof{
			Pattern: p.Pattern, Issuer: p.Issuer, Subject: p.Subject, Audience: p.Audience, JTI: p.JTI, KID: p.KID,
			Algorithm: string(p.Algorithm), IssuedAt: p.IssuedAt, Expires: p.ExpiresAt,
		})
	}
}
