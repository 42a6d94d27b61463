// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package mutants

// producerMutants break what a consumer sends, and how it judges what it gets.
func producerMutants() []mutant {
	return []mutant{
		{"Digest of another body", "consumer", signFile, "sum, err := m.body().Digest(in.Digest)", `sum, err := modi.Bytes("altro").Digest(in.Digest)`, "modi.integrity/digest-mismatch#sent"},
		{"Digest with a name in lower case", "consumer", "modi/rest/digest.go", `return alg.String() + "="`, `return strings.ToLower(alg.String()) + "="`, "modi.integrity/digest-malformed#sent"},
		{"Content-Type left out", "consumer", signFile, `names := []string{"digest", "content-type", "content-encoding"}`, `names := []string{"digest", "content-encoding"}`, "modi.integrity/content-type-not-signed#sent"},
		{"digest left out", "consumer", signFile, `names := []string{"digest", "content-type", "content-encoding"}`, `names := []string{"content-type", "content-encoding"}`, "modi.integrity/digest-not-signed#sent"},
		{"a long life", "consumer", restFile, "return iat, iat.Add(s.Lifetime)", "return iat, iat.Add(24 * s.Lifetime)", "modi.integrity/lifetime-too-long#sent"},
		{"made ahead of its time", "consumer", restFile, "iat = s.Now.Add(-s.BackDate)", "iat = s.Now.Add(20 * s.BackDate)", "modi.audit/issued-in-future#sent"},
		{"one jti for all", "consumer", restFile, "jti, err = uuid.New(s.Rand)", `jti, err = "fisso", nil; _ = uuid.New`, "modi.integrity/replayed#sent"},
		{"names in upper case", "consumer", headersFile, "return json.Marshal(map[string]string{s.name: s.value})", "return json.Marshal(map[string]string{strings.ToUpper(s.name): s.value})", "modi.integrity/signed-headers-malformed#sent"},
		{"audience of the signature with a slash", "consumer", signFile, "Issuer: in.Issuer, Subject: in.Subject, ClientID: in.ClientID, Audience: in.Audience,\n\t\tIssuedAt", "Issuer: in.Issuer, Subject: in.Subject, ClientID: in.ClientID, Audience: in.Audience + \"/\",\n\t\tIssuedAt", "modi.integrity/audience-mismatch#sent"},
		{"no dnonce", "consumer", evidenceFile, "if bound {\n\t\tclaims.Dnonce", "if false {\n\t\tclaims.Dnonce", "modi.audit/dnonce-missing#sent"},
		{"the voucher bound to another text", "consumer", evidenceFile, "append(usual[:0], compact...)", "append(usual[:0], compact[1:]...)", "modi.audit/digest-mismatch#sent"},
		{"no workstation", "consumer", evidenceFile, "UserID: in.UserID, UserLocation: in.UserLocation, LoA: in.LoA,", "UserID: in.UserID, LoA: in.LoA,", "modi.audit/user-location-missing#sent"},
		{"an https audience for PDND", "consumer", assertionFile, "Audience:  a.Audience,", `Audience:  "https://" + a.Audience,`, "pdnd.assertion/audience-mismatch#sent"},
		{"a claim that PDND refuses", "consumer", assertionFile, "`json:\"purposeId,omitempty\"`", "`json:\"purposeID,omitempty\"`", "pdnd.assertion/claim-not-allowed#sent"},
		{"sub of another", "consumer", assertionFile, "Subject:   a.ClientID,", `Subject:   "altro",`, "pdnd.assertion/subject-mismatch#sent"},
		{"no purpose", "consumer", assertionFile, "PurposeID: a.PurposeID,", "", "pdnd.assertion/purpose-missing#sent"},
		{"a voucher that is not bound", "consumer", assertionFile, "Digest:    a.Digest,", "", "modi.audit/voucher-digest-missing#sent"},
		{"kid cut short", "consumer", "modi/token/sign.go", `members["kid"] = key.KID`, `members["kid"] = key.KID[:42]`, "modi.integrity/kid-malformed#sent"},
		{"another typ", "consumer", "modi/token/sign.go", `members := map[string]any{"typ": k.typ}`, `members := map[string]any{"typ": "jose"}`, "pdnd.assertion/type-mismatch#sent"},
		{"a signature of other bytes", "consumer", "modi/internal/jose/sign.go", "a.digest(out), a.Hash", "a.digest(out[1:]), a.Hash", "modi.integrity/signature-invalid#sent"},
		{"a proof without the voucher", "holder", proveFile, `if in.Voucher != "" {`, "if false {", "pdnd.dpop/ath-missing#sent"},
		{"a proof for another method", "holder", proveFile, "Method: in.Method, URL: withoutQuery(in.URL)", `Method: "GET", URL: withoutQuery(in.URL)`, "pdnd.dpop/htm-mismatch#sent"},
		{"a proof for another address", "holder", proveFile, "URL: withoutQuery(in.URL)", `URL: withoutQuery(in.URL) + "/"`, "pdnd.dpop/htu-mismatch#sent"},
		{"one proof for all", "holder", proveFile, "JTI: jti}", `JTI: "fisso" + jti[:0]}`, "pdnd.dpop/replayed#sent"},
		{"a reply whose body changed", "consumer", integrityFile, "if !bytes.Equal(got, d.sum) {", "if !bytes.Equal(got, d.sum) && false {", "modi.integrity/digest-mismatch#body-changed.integrity-02-response"},
		{"the reply to another request", "consumer", integrityFile, "case got != v.RequestDigest:", "case false:", "modi.integrity/request-digest-mismatch#other.integrity-02-response"},
		{"a reply for another consumer", "consumer", claimsFile, "if len(aud) == 0 || slices.Contains(aud, want) {", "if slices.Contains(aud, want) || true {", "modi.integrity/audience-mismatch#other.integrity-02-response"},
	}
}

// gatewayMutants take steps out of the list of the hub's exposed side, or make them less.
func gatewayMutants() []mutant {
	const list, prove, once, sign = "internal/gateway/in.go", "internal/gateway/in_prove.go", "internal/gateway/in_once.go", "internal/gateway/in_sign.go"
	return []mutant{
		{"nothing is proved", "hub", list, "\t\ti.prove, ", "\t\tfunc(context.Context, *serving) error { return nil }, ", "modi.integrity/signature-invalid#one-bit.integrity-02"},
		{"a message is good for ever", "hub", list, "\t\ti.once, ", "\t\tfunc(context.Context, *serving) error { return nil }, ", "modi.integrity/replayed#second-time.integrity-02"},
		{"answers are not signed", "hub", list, "\t\ti.sign, ", "\t\tfunc(context.Context, *serving) error { return nil }, ", "modi.integrity/token-missing#answered"},
		{"the key of any client", "hub", prove, "v.Keys, v.Owner = keys, x.voucher.ClientID", "v.Keys, v.Owner = keys, \"\"", "modi.integrity/owner-mismatch#other-client.integrity-02"},
		{"no evidence of who acts", "hub", prove, "if x.terms.Audit != \"\" || x.voucher.Digest != nil {", "if false {", "modi.audit/token-missing#absent.audit-02"},
		{"no signature of the body", "hub", prove, "if x.terms.Integrity != \"\" {", "if false {", "modi.integrity/token-missing#signature-absent.integrity-02"},
		{"each jti under another name", "hub", once, "Owner: s.proof.ReplayOwner(), Kind: s.kind, JTI: s.proof.ReplayID(),", "Owner: s.proof.ReplayOwner(), Kind: s.kind + i.Clock().String(), JTI: s.proof.ReplayID(),", "modi.integrity/replayed#second-time.integrity-02"},
		{"an answer for anybody", "hub", sign, "return i.signReply(x, x.reply, modi.Bytes(x.reply.Body), x.voucher.ClientID)", "return i.signReply(x, x.reply, modi.Bytes(x.reply.Body), \"chiunque\")", "modi.integrity/audience-mismatch#answered"},
		{"an answer that lives for hours", "hub", sign, "signLifetime = 300 * time.Second", "signLifetime = 3 * time.Hour", "modi.integrity/lifetime-too-long#answered"},
	}
}
