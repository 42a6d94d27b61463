// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import "github.com/snodo-pa/snodo/modi"

// The hub's own rules. The protocol's are declared in modi.
const (
	// The message itself, whoever sends it.
	RuleMalformedJSON         modi.RuleID = "hub.request/malformed-json"
	RuleDuplicateMember       modi.RuleID = "hub.request/duplicate-member"
	RuleUnknownField          modi.RuleID = "hub.request/unknown-field"
	RuleSchema                modi.RuleID = "hub.request/schema"
	RuleTooLarge              modi.RuleID = "hub.request/too-large"
	RuleIncompleteBody        modi.RuleID = "hub.request/incomplete-body"
	RuleBodyTimeout           modi.RuleID = "hub.request/body-timeout"
	RuleMediaType             modi.RuleID = "hub.request/media-type"
	RuleRepeatedAuthorization modi.RuleID = "hub.request/repeated-authorization"
	RuleUnknownPath           modi.RuleID = "hub.request/unknown-path"
	RuleMethod                modi.RuleID = "hub.request/method"
	RuleNativePath            modi.RuleID = "hub.request/native-path"
	RuleContextHeader         modi.RuleID = "hub.request/context-header"

	// Who calls the acquisition API.
	RuleNoKey      modi.RuleID = "hub.caller/no-key"
	RuleUnknownKey modi.RuleID = "hub.caller/unknown-key"
	RuleRevokedKey modi.RuleID = "hub.caller/revoked-key"

	// What an acquisition names.
	RuleUnknownEnte         modi.RuleID = "hub.acquisition/unknown-ente"
	RuleUnknownProcedimento modi.RuleID = "hub.acquisition/unknown-procedimento"
	RuleUnknownService      modi.RuleID = "hub.acquisition/unknown-service"
	RuleUnknownOperation    modi.RuleID = "hub.acquisition/unknown-operation"
	RulePratica             modi.RuleID = "hub.acquisition/pratica"
	RuleOperator            modi.RuleID = "hub.acquisition/operator"
	RuleCodiceFiscale       modi.RuleID = "hub.acquisition/codice-fiscale"

	// What the procedimento does not cover (design D10b).
	RuleOtherEnte            modi.RuleID = "hub.authorisation/other-ente"
	RuleApplicationNotListed modi.RuleID = "hub.authorisation/application-not-listed"
	RuleOperationNotListed   modi.RuleID = "hub.authorisation/operation-not-listed"
	RuleFieldNotListed       modi.RuleID = "hub.authorisation/field-not-listed"
	RuleNativeNotListed      modi.RuleID = "hub.authorisation/native-not-listed"
	RuleNoPurpose            modi.RuleID = "hub.authorisation/no-purpose"
	RuleOperatorNotListed    modi.RuleID = "hub.authorisation/operator-not-listed"
	RuleOperatorKind         modi.RuleID = "hub.authorisation/operator-kind"
	RuleOperatorOffice       modi.RuleID = "hub.authorisation/operator-office"
	RuleWorkstation          modi.RuleID = "hub.authorisation/workstation"
	RuleLoA                  modi.RuleID = "hub.authorisation/loa"

	// Repeated requests.
	RuleIdempotencyKey        modi.RuleID = "hub.idempotency/malformed-key"
	RuleIdempotencyInProgress modi.RuleID = "hub.idempotency/in-progress"
	RuleIdempotencyMismatch   modi.RuleID = "hub.idempotency/other-request"
	RuleIdempotencyUnknown    modi.RuleID = "hub.idempotency/unknown-outcome"

	// Evidence.
	RuleIntentNotStored  modi.RuleID = "hub.evidence/intent-not-stored"
	RuleOutcomeNotStored modi.RuleID = "hub.evidence/outcome-not-stored"
	RuleNotAttested      modi.RuleID = "hub.evidence/not-attested"
	RuleEvidenceNotFound modi.RuleID = "hub.evidence/not-found"
	RuleEvidenceAltered  modi.RuleID = "hub.evidence/altered"
	RuleEvidenceReading  modi.RuleID = "hub.evidence/unavailable"

	// What a registry answered, one rule for each kind of registry failure.
	RuleRegistryNotFound    modi.RuleID = "hub.registry/not-found"
	RuleRegistryAmbiguous   modi.RuleID = "hub.registry/ambiguous"
	RuleRegistryInvalid     modi.RuleID = "hub.registry/invalid"
	RuleRegistryDenied      modi.RuleID = "hub.registry/denied"
	RuleRegistryThrottled   modi.RuleID = "hub.registry/throttled"
	RuleRegistryConfig      modi.RuleID = "hub.registry/voucher-refused"
	RuleRegistrySignature   modi.RuleID = "hub.registry/message-refused"
	RuleRegistryBadReply    modi.RuleID = "hub.registry/bad-reply"
	RuleRegistryNotReady    modi.RuleID = "hub.registry/not-ready"
	RuleRegistryUnavailable modi.RuleID = "hub.registry/unavailable"
	RuleRegistryUnsupported modi.RuleID = "hub.registry/unsupported"
	RuleRegistrySettings    modi.RuleID = "hub.registry/settings"
	RulePDNDUnavailable     modi.RuleID = "hub.pdnd/unavailable"

	// The exposed side.
	RuleUnknownExposure    modi.RuleID = "hub.exposure/unknown-service"
	RuleQuotaConsumer      modi.RuleID = "hub.exposure/quota-consumer"
	RuleOperatorClaim      modi.RuleID = "hub.exposure/operator-claim"
	RuleRefusalsCounted    modi.RuleID = "hub.exposure/refusals-counted"
	RuleQuotaTotal         modi.RuleID = "hub.exposure/quota-total"
	RuleNotActive          modi.RuleID = "hub.exposure/not-active"
	RuleAuditReplayed      modi.RuleID = "hub.replay/tracking-evidence"
	RuleBackEndUnavailable modi.RuleID = "hub.backend/unavailable"
	RuleBackEndBadAnswer   modi.RuleID = "hub.backend/bad-answer"
	RuleBackEndSettings    modi.RuleID = "hub.backend/settings"

	// Checks that could not be completed: "don't know", never "no" (design D6).
	RuleKeysUndecided   modi.RuleID = "hub.keys/undecided"
	RuleReplayUndecided modi.RuleID = "hub.replay/undecided"
	RuleStore           modi.RuleID = "hub.store/unavailable"

	// The management API.
	RuleUnknownAPIKey      modi.RuleID = "hub.management/unknown-key"
	RuleUnknownApplication modi.RuleID = "hub.management/unknown-application"

	// Jobs: what the hub does later, and the dead letters among them.
	RuleUnknownJob    modi.RuleID = "hub.jobs/unknown-job"
	RuleJobNotDead    modi.RuleID = "hub.jobs/not-dead"
	RuleDiscardReason modi.RuleID = "hub.jobs/reason"

	// PDND Tracing.
	RuleTracingOff       modi.RuleID = "hub.tracing/off"
	RuleTracingDay       modi.RuleID = "hub.tracing/day"
	RuleTracingOtherFile modi.RuleID = "hub.tracing/other-file"

	// The hub's own faults.
	RuleBusy       modi.RuleID = "hub.internal/busy"
	RuleStopping   modi.RuleID = "hub.internal/stopping"
	RuleDeadline   modi.RuleID = "hub.internal/deadline"
	RuleUnexpected modi.RuleID = "hub.internal/unexpected"
)
