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

// Faults of tokens whose key is named by a certificate (ID_AUTH_REST_*,
// INTEGRITY_REST_01, AUDIT_REST_* without PDND).
const (
	FaultCertificateMissing     Fault = "certificate-missing"       // no x5c, x5t#S256 or x5u
	FaultCertificateMalformed   Fault = "certificate-malformed"     // not base64 DER, not a thumbprint, not a URL
	FaultReferenceNotAllowed    Fault = "reference-not-allowed"     // x5c where the service wants x5t#S256, or the like
	FaultReferencesDisagree     Fault = "references-disagree"       // x5c and x5t#S256 name different certificates
	FaultCertificateUnknown     Fault = "certificate-unknown"       // thumbprint of no certificate we hold
	FaultCertificateUntrusted   Fault = "certificate-untrusted"     // no chain to a trusted CA, and not pinned
	FaultCertificateExpired     Fault = "certificate-expired"       // notAfter has passed
	FaultCertificateNotYetValid Fault = "certificate-not-yet-valid" // notBefore is ahead
	FaultCertificateRevoked     Fault = "certificate-revoked"       // by CRL or OCSP
	FaultCertificateUnsuitable  Fault = "certificate-unsuitable"    // a CA's, or not for digital signatures
	FaultX5UNotAllowed          Fault = "x5u-not-allowed"           // a host that is not configured
)

// Faults of several proofs of one message taken together.
const (
	FaultSignerMismatch Fault = "signer-mismatch" // Authorization and Agid-JWT-Signature signed by different keys
)

// Faults of the DPoP proof alone.
const (
	FaultMethodMissing     Fault = "htm-missing"
	FaultMethodMismatch    Fault = "htm-mismatch"
	FaultURLMissing        Fault = "htu-missing"
	FaultURLMalformed      Fault = "htu-malformed"
	FaultURLMismatch       Fault = "htu-mismatch"
	FaultTokenHashMissing  Fault = "ath-missing"
	FaultTokenHashMismatch Fault = "ath-mismatch"
	FaultKeyMismatch       Fault = "key-mismatch"      // jwk is not the key of cnf.jkt
	FaultVoucherNotBound   Fault = "voucher-not-bound" // scheme DPoP, voucher without cnf
)

// Faults of INTEGRITY_REST_* alone.
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
	FaultHeaderNotSigned          Fault = "header-not-signed" // one that the service wants signed
	FaultRequestDigestMissing     Fault = "request-digest-missing"
	FaultRequestDigestMismatch    Fault = "request-digest-mismatch"
)

// Faults of AUDIT_REST_* alone.
const (
	FaultUserIDMissing          Fault = "user-id-missing"
	FaultUserLocationMissing    Fault = "user-location-missing"
	FaultLoAMalformed           Fault = "loa-malformed"
	FaultDnonceMissing          Fault = "dnonce-missing"
	FaultDnonceMalformed        Fault = "dnonce-malformed"
	FaultVoucherDigestMissing   Fault = "voucher-digest-missing"
	FaultVoucherDigestMalformed Fault = "voucher-digest-malformed"
	FaultClaimMissing           Fault = "claim-missing" // one agreed for the e-service
	FaultClaimInvalid           Fault = "claim-invalid" // it breaks the rule agreed for it
)
