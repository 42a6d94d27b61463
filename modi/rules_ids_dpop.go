// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

// Rules of the DPoP proof.
const (
	DPoPAlgorithmNotAllowed RuleID = "pdnd.dpop/algorithm-not-allowed"
	DPoPATHMismatch         RuleID = "pdnd.dpop/ath-mismatch"
	DPoPATHMissing          RuleID = "pdnd.dpop/ath-missing"
	DPoPClaimNotAllowed     RuleID = "pdnd.dpop/claim-not-allowed"
	DPoPHeaderNotAllowed    RuleID = "pdnd.dpop/header-not-allowed"
	DPoPHTMMismatch         RuleID = "pdnd.dpop/htm-mismatch"
	DPoPHTMMissing          RuleID = "pdnd.dpop/htm-missing"
	DPoPHTUMalformed        RuleID = "pdnd.dpop/htu-malformed"
	DPoPHTUMismatch         RuleID = "pdnd.dpop/htu-mismatch"
	DPoPHTUMissing          RuleID = "pdnd.dpop/htu-missing"
	DPoPIATMalformed        RuleID = "pdnd.dpop/iat-malformed"
	DPoPIATMissing          RuleID = "pdnd.dpop/iat-missing"
	DPoPIssuedInFuture      RuleID = "pdnd.dpop/issued-in-future"
	DPoPJTIMalformed        RuleID = "pdnd.dpop/jti-malformed"
	DPoPJTIMissing          RuleID = "pdnd.dpop/jti-missing"
	DPoPKeyMismatch         RuleID = "pdnd.dpop/key-mismatch"
	DPoPKeyUnsuitable       RuleID = "pdnd.dpop/key-unsuitable"
	DPoPMalformed           RuleID = "pdnd.dpop/malformed"
	DPoPReplayed            RuleID = "pdnd.dpop/replayed"
	DPoPSchemeNotAllowed    RuleID = "pdnd.dpop/scheme-not-allowed"
	DPoPSignatureInvalid    RuleID = "pdnd.dpop/signature-invalid"
	DPoPTokenMissing        RuleID = "pdnd.dpop/token-missing"
	DPoPTokenRepeated       RuleID = "pdnd.dpop/token-repeated"
	DPoPTooOld              RuleID = "pdnd.dpop/too-old"
	DPoPTypeMismatch        RuleID = "pdnd.dpop/type-mismatch"
	DPoPVoucherNotBound     RuleID = "pdnd.dpop/voucher-not-bound"
)
