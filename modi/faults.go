// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

// Fault is the part of a rule id after the slash. Verifiers build their rule ids from
// an Area and a Fault.
type Fault string

// Faults that several token kinds share.
const (
	FaultMalformed           Fault = "malformed"
	FaultHeaderNotAllowed    Fault = "header-not-allowed"
	FaultAlgorithmNotAllowed Fault = "algorithm-not-allowed"
	FaultKeyUnsuitable       Fault = "key-unsuitable"
	FaultSignatureInvalid    Fault = "signature-invalid"
	FaultTypeMismatch        Fault = "type-mismatch"

	FaultKIDMissing   Fault = "kid-missing"
	FaultKIDMalformed Fault = "kid-malformed"
	FaultKeyUnknown   Fault = "key-unknown"

	FaultJTIMissing        Fault = "jti-missing"
	FaultJTIMalformed      Fault = "jti-malformed"
	FaultIssuedAtMissing   Fault = "iat-missing"
	FaultIssuedAtMalformed Fault = "iat-malformed"
	FaultIssuedInFuture    Fault = "issued-in-future"
	FaultExpiryMissing     Fault = "exp-missing"
	FaultExpiryMalformed   Fault = "exp-malformed"
	FaultExpiryBeforeIssue Fault = "exp-before-iat"
	FaultExpired           Fault = "expired"
	FaultAudienceMissing   Fault = "audience-missing"
	FaultAudienceMalformed Fault = "audience-malformed"
	FaultAudienceMismatch  Fault = "audience-mismatch"

	FaultTooOld           Fault = "too-old"
	FaultLifetimeTooLong  Fault = "lifetime-too-long"
	FaultNotBeforeMissing Fault = "nbf-missing"
	FaultNotBeforeInvalid Fault = "nbf-malformed"
	FaultNotYetValid      Fault = "not-yet-valid"
	FaultIssuerMissing    Fault = "issuer-missing"
	FaultIssuerMismatch   Fault = "issuer-mismatch"
	FaultSubjectMissing   Fault = "subject-missing"
	FaultSubjectMismatch  Fault = "subject-mismatch"
	FaultTokenMissing     Fault = "token-missing"
	FaultTokenRepeated    Fault = "token-repeated"
	FaultOwnerMismatch    Fault = "owner-mismatch"
	FaultDigestMalformed  Fault = "digest-malformed"
	FaultDigestMismatch   Fault = "digest-mismatch"
	FaultPurposeMissing   Fault = "purpose-missing"
	FaultPurposeMismatch  Fault = "purpose-mismatch"
)

// Faults of the client assertion alone.
const (
	FaultKIDMismatch       Fault = "kid-mismatch"
	FaultClaimNotAllowed   Fault = "claim-not-allowed"
	FaultPurposeNotAllowed Fault = "purpose-not-allowed"
	FaultPurposeMalformed  Fault = "purpose-malformed"
)

// Faults of the voucher alone.
const (
	FaultSchemeNotAllowed      Fault = "scheme-not-allowed"
	FaultClientMissing         Fault = "client-missing"
	FaultConsumerMissing       Fault = "consumer-missing"
	FaultProducerMismatch      Fault = "producer-mismatch"
	FaultEserviceMismatch      Fault = "eservice-mismatch"
	FaultDescriptorMismatch    Fault = "descriptor-mismatch"
	FaultConfirmationMalformed Fault = "cnf-malformed"
	FaultDPoPRequired          Fault = "dpop-required"
)

// Faults of INTEGRITY_REST_02 alone.
const (
	FaultDigestMissing            Fault = "digest-missing"
	FaultDigestRepeated           Fault = "digest-repeated"
	FaultDigestOnEmptyBody        Fault = "digest-on-empty-body"
	FaultDigestNotSigned          Fault = "digest-not-signed"
	FaultReplayed                 Fault = "replayed"
	FaultSignedHeadersMissing     Fault = "signed-headers-missing"
	FaultSignedHeadersMalformed   Fault = "signed-headers-malformed"
	FaultSignedHeaderMissing      Fault = "signed-header-missing"
	FaultSignedHeaderCount        Fault = "signed-header-count"
	FaultSignedHeaderMismatch     Fault = "signed-header-mismatch"
	FaultContentTypeNotSigned     Fault = "content-type-not-signed"
	FaultContentEncodingNotSigned Fault = "content-encoding-not-signed"
)

// Faults of AUDIT_REST_02 alone.
const (
	FaultUserIDMissing          Fault = "user-id-missing"
	FaultUserLocationMissing    Fault = "user-location-missing"
	FaultLoAMalformed           Fault = "loa-malformed"
	FaultDnonceMissing          Fault = "dnonce-missing"
	FaultDnonceMalformed        Fault = "dnonce-malformed"
	FaultVoucherDigestMissing   Fault = "voucher-digest-missing"
	FaultVoucherDigestMalformed Fault = "voucher-digest-malformed"
)
