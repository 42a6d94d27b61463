// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import "time"

// Tenant is an organisation that has joined the platform.
type Tenant struct {
	ID, Name, IPACode, TaxCode string
	// Kind is "PA", "PRIVATE", "GSP" or "SCP"; "PA" when empty.
	Kind string
	// Users are its people in Selfcare.
	Users []User
	// Certified are the certified attributes assigned, revoked ones too.
	Certified []Assignment

	CreatedAt time.Time
}

// User is a person of a tenant. Role "admin" or "security" may handle keys.
type User struct {
	ID, Role string
}

// Assignment is a certified attribute of a tenant. RevokedAt is zero while it is held.
type Assignment struct {
	AttributeID           string
	AssignedAt, RevokedAt time.Time
}

// Attribute is a certified attribute, such as belonging to a category of IPA.
type Attribute struct {
	ID, Name, Code, Origin, Description string

	CreatedAt time.Time
}

// Eservice is an e-service of a producer.
type Eservice struct {
	ID, ProducerID, Name, Description string
	// Technology is "REST" or "SOAP", Mode "DELIVER" or "RECEIVE"; the first when empty.
	Technology, Mode string
	// PersonalData is nil while the producer has not said.
	PersonalData *bool
	// IsConsumerDelegable lets consumers delegate the use, IsClientAccessDelegable lets
	// delegates link their own clients.
	IsConsumerDelegable, IsClientAccessDelegable, IsSignalHubEnabled bool
	// AsyncExchange e-services refuse the synchronous token endpoint.
	AsyncExchange bool

	CreatedAt time.Time
}

// DescriptorState is the state of a version of an e-service.
type DescriptorState string

// The descriptor states. A voucher is issued in the first three only.
const (
	Published          DescriptorState = "PUBLISHED"
	Deprecated         DescriptorState = "DEPRECATED"
	Archiving          DescriptorState = "ARCHIVING"
	Suspended          DescriptorState = "SUSPENDED"
	ArchivingSuspended DescriptorState = "ARCHIVING_SUSPENDED"
	Archived           DescriptorState = "ARCHIVED"
	Draft              DescriptorState = "DRAFT"
	WaitingForApproval DescriptorState = "WAITING_FOR_APPROVAL"
)

// The agreement approval policies.
const (
	Automatic = "AUTOMATIC"
	Manual    = "MANUAL"
)

// MaxDailyCalls is the greatest number the platform takes for daily calls, and what a
// seeded descriptor gets when it names none.
const MaxDailyCalls = 1_000_000_000

// Descriptor is a version of an e-service.
type Descriptor struct {
	ID, EserviceID string
	// Version counts from 1 within the e-service; given by the platform.
	Version     int
	Description string
	// Audience goes into vouchers, joined by commas.
	Audience []string
	// VoucherLifespan in seconds, 60 to 86400.
	VoucherLifespan int
	// The thresholds; [MaxDailyCalls] when zero.
	DailyCallsPerConsumer, DailyCallsTotal int
	// ApprovalPolicy of agreements; [Automatic] when empty.
	ApprovalPolicy string
	ServerURLs     []string
	// CertifiedGroups must all be met; any requirement of a group meets it.
	CertifiedGroups [][]Requirement
	// State; Published when empty.
	State     DescriptorState
	Interface *Document
	Documents []Document

	CreatedAt, PublishedAt, SuspendedAt, DeprecatedAt, ArchivedAt time.Time
}

// Requirement is a certified attribute asked of consumers. DailyCallsPerConsumer, when
// not zero, replaces the threshold of the descriptor for those who hold it.
type Requirement struct {
	AttributeID           string
	DailyCallsPerConsumer int
}

// Document is a file of a descriptor.
type Document struct {
	ID, Name, PrettyName, ContentType string
	Content                           []byte

	CreatedAt time.Time
}

// ClientKind tells the two kinds of client apart.
type ClientKind string

// The kinds of client.
const (
	// Consumer clients ask vouchers for e-services, one purpose at a time.
	Consumer ClientKind = "CONSUMER"
	// API clients ask vouchers for the platform itself, without a purpose.
	API ClientKind = "API"
)

// Client is a client of a tenant.
type Client struct {
	ID, TenantID, Name, Description string
	// Kind; Consumer when empty.
	Kind ClientKind
	// AdminID, on an API client, gives its vouchers the role m2m-admin.
	AdminID string
	// Users are the people of the tenant that may handle its keys.
	Users []string

	CreatedAt time.Time
}

// Active is the only state of agreements and purposes in which vouchers are issued. It
// is a state of delegations too.
const Active = "ACTIVE"

// The other states of agreements, purpose versions and delegations.
const (
	StateDraft                     = "DRAFT"
	StatePending                   = "PENDING"
	StateSuspended                 = "SUSPENDED"
	StateArchived                  = "ARCHIVED"
	StateRejected                  = "REJECTED"
	StateRevoked                   = "REVOKED"
	StateWaitingForApproval        = "WAITING_FOR_APPROVAL"
	StateMissingCertifiedAttribute = "MISSING_CERTIFIED_ATTRIBUTES"
)

// Agreement is the access of a consumer to a version of an e-service.
type Agreement struct {
	ID, EserviceID, DescriptorID, ProducerID, ConsumerID string
	DelegationID, State                                  string
	ByConsumer, ByProducer, ByPlatform                   bool // who suspended it
	ConsumerNotes, RejectionReason                       string

	CreatedAt, UpdatedAt, SuspendedAt time.Time
}

// Purpose seeds a purpose of a consumer on a descriptor, with the agreement behind it
// and the clients linked to it.
type Purpose struct {
	ID, ConsumerID, DescriptorID string
	// AgreementState and State; [Active] when empty. Any other text refuses vouchers.
	AgreementState, State string
	// Clients are the ids of the consumer clients that may use the purpose.
	Clients []string
	// Title; the id when empty. DailyCalls; 1 when zero.
	Title      string
	DailyCalls int
	// DelegationID is the consumer delegation under which a delegate made it.
	DelegationID string
}

// PurposeRecord is a purpose as the platform keeps it. The state of a purpose is that of
// its versions.
type PurposeRecord struct {
	ID, EserviceID, ConsumerID, DelegationID string
	Title, Description                       string
	IsFreeOfCharge                           bool
	FreeOfChargeReason                       string
	RiskAnalysis                             *RiskAnalysis
	Versions                                 []PurposeVersion // oldest first
	ByConsumer, ByProducer                   bool             // who suspended it
	// Links are the clients that may use it, with the time of the link.
	Links map[string]time.Time

	CreatedAt, UpdatedAt time.Time
}

// PurposeVersion is a declared load of a purpose.
type PurposeVersion struct {
	ID, State, RejectionReason string
	DailyCalls                 int

	CreatedAt, UpdatedAt, SuspendedAt, FirstActivationAt time.Time
}

// Keychain is the place of a producer's keys for signing answers.
type Keychain struct {
	ID, ProducerID, Name, Description string
	// Eservices are the ids of the e-services the keychain is linked to.
	Eservices []string
	// Users are the people of the tenant that may handle its keys.
	Users []string

	CreatedAt time.Time
}

// The kinds of delegation.
const (
	ConsumerDelegation = "consumer" // in fruizione
	ProducerDelegation = "producer" // in erogazione
)

// Delegation is the act by which a tenant lets another use or publish an e-service for it.
type Delegation struct {
	ID, Kind, DelegatorID, DelegateID, EserviceID string
	// State; [Active] when empty.
	State           string
	RejectionReason string

	CreatedAt, ActivatedAt, RejectedAt, RevokedAt time.Time
}
