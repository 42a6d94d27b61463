// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"cmp"
	"slices"
	"sync"
)

// Area is the part of a rule id before the slash: one kind of token.
type Area string

// The areas. A token kind reports its faults under exactly one of them.
const (
	AreaAssertion  Area = "pdnd.assertion" // client assertion sent to the PDND token endpoint
	AreaVoucher    Area = "pdnd.voucher"   // access token issued by PDND
	AreaDPoP       Area = "pdnd.dpop"      // proof of possession of the voucher's key
	AreaIDAuth     Area = "modi.id-auth"   // token of the sender in Authorization
	AreaIntegrity  Area = "modi.integrity" // Agid-JWT-Signature and the Digest it covers
	AreaAudit      Area = "modi.audit"     // Agid-JWT-TrackingEvidence and its link to the voucher
	AreaProvenance Area = "hub.provenance" // proof of source that the hub signs with the ente seal
)

// Rule joins the area and a fault into a rule id.
func (a Area) Rule(f Fault) RuleID { return RuleID(string(a) + "/" + string(f)) }

// Rules returns the table of protocol rules, sorted by id. The slice is the
// caller's own.
func Rules() []Rule { return slices.Clone(table()) }

// table builds the rules once; nothing changes them afterwards.
var table = sync.OnceValue(func() []Rule {
	all := slices.Concat(
		commonRules(), assertionRules(), voucherRules(), dpopRules(), idAuthRules(), integrityRules(), auditRules(),
	)
	slices.SortFunc(all, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return all
})

// row is a rule of one area, before it is joined with what the area fixes.
type row struct {
	fault         Fault
	class         Class // 0: the class of the area
	title, remedy Text
	source        string
}

// areaInfo is what all rules of an area share.
type areaInfo struct {
	area    Area
	pattern Pattern
	class   Class
	subject Text // how the token is called in titles
}

func (a areaInfo) rules(rows []row) []Rule {
	out := make([]Rule, 0, len(rows))
	for _, r := range rows {
		class := r.class
		if class == 0 {
			class = a.class
		}
		out = append(out, Rule{
			ID:      a.area.Rule(r.fault),
			Pattern: a.pattern,
			Class:   class,
			Title:   Text{IT: a.subject.IT + ": " + r.title.IT, EN: a.subject.EN + ": " + r.title.EN},
			Remedy:  r.remedy,
			Source:  r.source,
		})
	}
	return out
}

func assertionInfo() areaInfo {
	return areaInfo{AreaAssertion, PatternClientAssertion, Malformed, Text{IT: "client assertion", EN: "client assertion"}}
}

func voucherInfo() areaInfo {
	return areaInfo{AreaVoucher, PatternVoucher, Unauthenticated, Text{IT: "voucher PDND", EN: "PDND voucher"}}
}

func dpopInfo() areaInfo {
	return areaInfo{AreaDPoP, PatternDPoP, Unauthenticated, Text{IT: "prova DPoP", EN: "DPoP proof"}}
}

func idAuthInfo() areaInfo {
	return areaInfo{AreaIDAuth, PatternIDAuthREST01, Malformed, Text{IT: "token di identità", EN: "identity token"}}
}

func integrityInfo() areaInfo {
	return areaInfo{AreaIntegrity, PatternIntegrityREST02, Malformed, Text{IT: "Agid-JWT-Signature", EN: "Agid-JWT-Signature"}}
}

func auditInfo() areaInfo {
	return areaInfo{AreaAudit, PatternAuditREST02, Malformed, Text{IT: "Agid-JWT-TrackingEvidence", EN: "Agid-JWT-TrackingEvidence"}}
}

func provenanceInfo() areaInfo {
	return areaInfo{AreaProvenance, PatternProvenance, Malformed, Text{IT: "attestazione di provenienza", EN: "provenance statement"}}
}
