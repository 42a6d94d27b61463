// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package mutants

import "slices"

// mutant is one change of the source that makes an implementation worse.
type mutant struct {
	name     string
	party    string // who is built with it: a name of parties
	file     string // from the root of the module
	old, new string // old stands in the file once
	caught   string // the case that must fail, and that passes without the change
}

func table() []mutant {
	return slices.Concat(claimMutants(), tokenMutants(), integrityMutants(), auditMutants(), voucherMutants(), dpopMutants(), producerMutants(), gatewayMutants())
}

// Files that many mutants change.
const (
	claimsFile    = "modi/internal/check/claims.go"
	parseFile     = "modi/token/parse.go"
	algorithmFile = "modi/internal/jose/algorithm.go"
	integrityFile = "modi/rest/integrity_verify.go"
	headersFile   = "modi/rest/signedheaders.go"
	auditFile     = "modi/rest/audit_verify.go"
	restFile      = "modi/rest/rest.go"
	messageFile   = "modi/rest/message.go"
	voucherFile   = "modi/voucher/verify.go"
	dpopFile      = "modi/dpop/verify.go"
	proveFile     = "modi/dpop/dpop.go"
	signFile      = "modi/rest/integrity_sign.go"
	evidenceFile  = "modi/rest/audit_sign.go"
	assertionFile = "modi/voucher/assertion.go"
)

// claimMutants break the checks that all tokens share.
func claimMutants() []mutant {
	return []mutant{
		{"any audience", "signed", claimsFile, "if len(aud) == 0 || slices.Contains(aud, want) {", "if slices.Contains(aud, want) || true {", "modi.integrity/audience-mismatch#other.integrity-02"},
		{"any audience of a voucher", "signed", claimsFile, "if len(aud) == 0 || slices.Contains(aud, want) {", "if slices.Contains(aud, want) || true {", "pdnd.voucher/audience-mismatch#trailing-slash.voucher"},
		{"audience of a text alone", "identity", claimsFile, "if len(aud) == 0 || slices.Contains(aud, want) {", "if len(aud) == 0 || len(aud) == 1 && slices.Contains(aud, want) {", "accept#audience-list.id-auth-01"},
		{"exp not read", "signed", claimsFile, "if !now.Before(exp) {", "if false {", "pdnd.voucher/expired#a-second-ago.voucher"},
		{"iat ahead", "signed", claimsFile, "case iat.After(limit):", "case false:", "modi.integrity/issued-in-future#a-minute.integrity-02"},
		{"iat of any age", "signed", claimsFile, "case t.MaxAge > 0 && now.Sub(iat) > t.MaxAge:", "case false:", "modi.audit/too-old#six-minutes.audit-02"},
		{"no clock tolerance", "identity", claimsFile, "limit := now.Add(t.FutureIssued)", "limit := now", "accept#nbf-two-seconds-ahead.id-auth-01"},
		{"nbf not read", "signed", claimsFile, "if !nbf.IsZero() && nbf.After(limit) {", "if false {", "pdnd.voucher/not-yet-valid#eight-seconds.voucher"},
		{"any life", "signed", claimsFile, "case t.MaxLifetime > 0 && life > t.MaxLifetime:", "case false:", "modi.integrity/lifetime-too-long#two-hours.integrity-02"},
		{"a time may be missing", "signed", claimsFile, `f.Add(missing, "the claim "+name, "none")`, "_ = missing", "modi.integrity/exp-missing#alone.integrity-02"},
		{"a jti of any length", "signed", claimsFile, `case jti == "" || len(jti) > limit:`, `case jti == "":`, "modi.integrity/jti-malformed#long.integrity-02"},
		{"jti may be missing", "signed", claimsFile, `f.Add(modi.FaultJTIMissing, "the claim jti", "none")`, "", "modi.integrity/jti-missing#absent.integrity-02"},
		{"times as texts", "signed", "modi/token/claims.go", "func numericDate(s string) (int64, bool) {", "func numericDate(s string) (int64, bool) {\n\ts = strings.Trim(s, `\"`)", "modi.integrity/iat-malformed#text.integrity-02"},
	}
}

// tokenMutants break the reading of the compact form and of the header.
func tokenMutants() []mutant {
	return []mutant{
		{"any signature", "signed", algorithmFile, "\tif !ok {\n\t\treturn &Fault{Kind: SignatureInvalid", "\tif !ok && false {\n\t\treturn &Fault{Kind: SignatureInvalid", "modi.integrity/signature-invalid#one-bit.integrity-02"},
		{"any algorithm that is known", "signed", parseFile, "if !ok || !slices.Contains(u.kind.algorithms, u.header.Algorithm) {", "if !ok {", "pdnd.voucher/algorithm-not-allowed#rs512-where-rs256-only.voucher"},
		{"any header", "signed", parseFile, "if !slices.Contains(u.kind.members, m.Name) {", "if false {", "modi.integrity/header-not-allowed#crit.integrity-02"},
		{"any typ", "signed", "modi/token/kind.go", "if sameType(typ, k.typ) {", "if true {", "pdnd.voucher/type-mismatch#jwt.voucher"},
		{"typ compared with case", "signed", "modi/token/kind.go", "if lower(a[i]) != lower(b[i]) {", "if a[i] != b[i] {", "accept#typ-lower-case.integrity-02"},
		{"repeated members", "signed", "modi/internal/jose/scanner.go", "case repeated:", "case repeated && false:", "pdnd.voucher/malformed#duplicate-unknown.voucher"},
		{"stray bits", "signed", "modi/internal/jose/compact.go", "base64.RawURLEncoding.Strict()", "base64.RawURLEncoding", "modi.audit/malformed#stray-bits.audit-02"},
	}
}

// integrityMutants break INTEGRITY_REST.
func integrityMutants() []mutant {
	return []mutant{
		{"Digest not compared", "signed", integrityFile, "if !bytes.Equal(got, d.sum) {", "if !bytes.Equal(got, d.sum) && false {", "modi.integrity/digest-mismatch#body-changed.integrity-02"},
		{"two Digests", "signed", integrityFile, "case len(values) > 1:", "case false:", "modi.integrity/digest-repeated#both-signed.integrity-02"},
		{"digest not signed", "signed", integrityFile, `if v.needsDigest(m) && !lists(signed, "digest") {`, "if false {", "modi.integrity/digest-not-signed#absent.integrity-02"},
		{"signed fields not compared", "signed", headersFile, "case !slices.EqualFunc(want, got, equal):", "case !slices.EqualFunc(want, got, equal) && false:", "modi.integrity/signed-header-mismatch#charset-added.integrity-02"},
		{"Content-Type not signed", "signed", headersFile, `must("content-type", modi.FaultContentTypeNotSigned, v.Lenient.Allows(modi.LenientContentType))`, "", "modi.integrity/content-type-not-signed#absent.integrity-02"},
		{"Content-Encoding not signed", "signed", headersFile, `must("content-encoding", modi.FaultContentEncodingNotSigned, v.Lenient.Allows(modi.LenientContentEncoding))`, "", "modi.integrity/content-encoding-not-signed#absent.integrity-02"},
		{"two tokens in a header", "signed", restFile, "return \"\", modi.FaultTokenRepeated, fmt.Sprintf(\"%d\", len(values))", "return values[0], \"\", fmt.Sprint()", "modi.integrity/token-repeated#signature.integrity-02"},
		{"a key of anybody", "signed", restFile, `if owner != "" && o.Key.Owner != owner {`, "if false {", "modi.integrity/owner-mismatch#other-client.integrity-02"},
		{"two signers", "both", messageFile, "[]func(Result) error{sameSigner, sameCaller, ownTokens}", "[]func(Result) error{sameCaller, ownTokens}", "modi.integrity/signer-mismatch#other-certificate.both-headers"},
		{"the signature serves as identity", "identity", "modi/rest/idauth.go", `f.Add(modi.FaultClaimNotAllowed, "no claim "+name, "one")`, "", "modi.id-auth/claim-not-allowed#signature-as-identity.id-auth-01"},
		{"only SHA-256", "signed", "modi/rest/digest.go", "\tcase \"SHA-512\":\n\t\treturn crypto.SHA512, true\n", "", "accept#sha-512.integrity-02"},
	}
}

// auditMutants break AUDIT_REST.
func auditMutants() []mutant {
	return []mutant{
		{"evidence not bound", "signed", auditFile, "case !strings.EqualFold(v.Digest.Value, evidenceDigest(compact).Value):", "case false:", "modi.audit/digest-mismatch#other-evidence.audit-02"},
		{"voucher without digest", "signed", auditFile, "\tcase v.Unbound:\n", "\tcase v.Unbound, v.Digest == nil:\n", "modi.audit/voucher-digest-missing#absent"},
		{"dnonce may be missing", "signed", auditFile, `f.AddHint(modi.FaultDnonceMissing, "the claim dnonce", "none", hint.Claim(c.Names(), "dnonce"))`, "_ = hint.Claim", "modi.audit/dnonce-missing#absent"},
		{"any purpose", "signed", auditFile, "f.Equal(p.PurposeID, v.PurposeID, modi.FaultPurposeMismatch)", "", "modi.audit/purpose-mismatch#other.audit-02"},
		{"nobody acts", "signed", auditFile, `p.UserID = f.Text(c, "userID", modi.FaultUserIDMissing)`, `p.UserID, _ = c.String("userID")`, "modi.audit/user-id-missing#absent.audit-02"},
		{"any issuer of the evidence", "signed", auditFile, "f.Equal(p.Issuer, v.Owner, modi.FaultIssuerMismatch)", "", "modi.audit/issuer-mismatch#other.audit-02"},
		{"dnonce as a number alone", "signed", auditFile, "\ts, ok := jose.Unquote(raw)\n\tif !ok {\n\t\ts = raw\n\t}", "\ts := raw\n\t_ = jose.Unquote", "accept#dnonce-text"},
	}
}

// voucherMutants break the checks of vouchers.
func voucherMutants() []mutant {
	return []mutant{
		{"any issuer", "signed", voucherFile, "f.Equal(vo.Issuer, v.Issuer, modi.FaultIssuerMismatch)", "", "pdnd.voucher/issuer-mismatch#environment"},
		{"any producer", "signed", voucherFile, `same("producerId", vo.ProducerID, []string{v.ProducerID}, modi.FaultProducerMismatch)`, "", "pdnd.voucher/producer-mismatch#other"},
		{"any e-service", "signed", voucherFile, `same("eserviceId", vo.EserviceID, []string{v.EserviceID}, modi.FaultEserviceMismatch)`, "", "pdnd.voucher/eservice-mismatch#other"},
		{"any descriptor", "signed", voucherFile, `same("descriptorId", vo.DescriptorID, v.DescriptorIDs, modi.FaultDescriptorMismatch)`, "", "pdnd.voucher/descriptor-mismatch#other"},
		{"a bound voucher without its key", "signed", voucherFile, `if vo.JKT != "" && !v.AllowBound {`, "if false {", "pdnd.voucher/dpop-required#bearer"},
		{"sub of another", "signed", "modi/voucher/voucher.go", "f.Equal(subject, vo.ClientID, modi.FaultSubjectMismatch)", "_ = subject", "pdnd.voucher/subject-mismatch#other"},
		{"audiences not split", "signed", "modi/voucher/voucher.go", `return strings.Split(aud[0], ",")`, `return strings.Split(aud[0], "\x00")`, "accept#audience-commas"},
	}
}

// dpopMutants break the proof of possession.
func dpopMutants() []mutant {
	return []mutant{
		{"ath not compared", "bound", dpopFile, `if ath == "" || ath == TokenHash(voucher) {`, "if true {", "pdnd.dpop/ath-mismatch#other-token"},
		{"any key", "bound", dpopFile, "if o.proof.JKT != jkt {", "if false {", "pdnd.dpop/key-mismatch#other-key"},
		{"any address", "bound", dpopFile, "if got != want {", "if false {", "pdnd.dpop/htu-mismatch#path"},
		{"any method", "bound", dpopFile, `if htm := o.proof.Method; htm != "" && htm != method {`, `if htm := o.proof.Method; htm == "\x00" {`, "pdnd.dpop/htm-mismatch#get"},
		{"an old proof", "bound", dpopFile, "f.CheckTimes(check.Instants{IssuedAt: iat}, now, times)", "_ = now", "pdnd.dpop/too-old#a-minute"},
		{"the address as it is written", "bound", "modi/dpop/htu.go", "return removeDots(b.String()), nil", "return b.String(), nil", "accept#htu-dots"},
	}
}
