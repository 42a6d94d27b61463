// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

// Tenant is an organisation that has joined the platform.
type Tenant struct {
	ID, Name, IPACode string
}

// Eservice is an e-service of a producer.
type Eservice struct {
	ID, ProducerID, Name string
	// AsyncExchange e-services refuse the synchronous token endpoint.
	AsyncExchange bool
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

// Descriptor is a version of an e-service.
type Descriptor struct {
	ID, EserviceID string
	// Audience goes into vouchers, joined by commas.
	Audience []string
	// VoucherLifespan in seconds, 60 to 86400.
	VoucherLifespan int
	// State; Published when empty.
	State DescriptorState
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
	ID, TenantID, Name string
	// Kind; Consumer when empty.
	Kind ClientKind
	// AdminID, on an API client, gives its vouchers the role m2m-admin.
	AdminID string
}

// Active is the only state of agreements and purposes in which vouchers are issued.
const Active = "ACTIVE"

// Purpose is why a tenant uses a version of an e-service, with the agreement behind it
// and the clients linked to it.
type Purpose struct {
	ID, ConsumerID, DescriptorID string
	// AgreementState and State; [Active] when empty. Any other text refuses vouchers.
	AgreementState, State string
	// Clients are the ids of the consumer clients that may use the purpose.
	Clients []string
}

// Keychain is the place of a producer's keys for signing answers.
type Keychain struct {
	ID, ProducerID, Name string
	// Eservices are the ids of the e-services the keychain is linked to.
	Eservices []string
}
