// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import "github.com/snodo-pa/snodo/mocks/pdnd/platform"

// The objects of the platform, for those who seed it.
type (
	// Tenant is an organisation that has joined the platform.
	Tenant = platform.Tenant
	// User is a person of a tenant.
	User = platform.User
	// Attribute is a certified attribute.
	Attribute = platform.Attribute
	// Requirement is a certified attribute asked of consumers.
	Requirement = platform.Requirement
	// Eservice is an e-service of a producer.
	Eservice = platform.Eservice
	// Descriptor is a version of an e-service.
	Descriptor = platform.Descriptor
	// DescriptorState is the state of a version of an e-service.
	DescriptorState = platform.DescriptorState
	// Client is a client of a tenant.
	Client = platform.Client
	// ClientKind tells the two kinds of client apart.
	ClientKind = platform.ClientKind
	// Purpose seeds a purpose, with the agreement behind it and the clients linked to it.
	Purpose = platform.Purpose
	// Keychain is the place of a producer's keys for signing answers.
	Keychain = platform.Keychain
	// Delegation is the act by which a tenant lets another act for it.
	Delegation = platform.Delegation
)

// The descriptor states. A voucher is issued in the first three only.
const (
	Published          = platform.Published
	Deprecated         = platform.Deprecated
	Archiving          = platform.Archiving
	Suspended          = platform.Suspended
	ArchivingSuspended = platform.ArchivingSuspended
	Archived           = platform.Archived
	Draft              = platform.Draft
	WaitingForApproval = platform.WaitingForApproval
)

// The kinds of client.
const (
	// Consumer clients ask vouchers for e-services, one purpose at a time.
	Consumer = platform.Consumer
	// API clients ask vouchers for the platform itself, without a purpose.
	API = platform.API
)

// The kinds of delegation.
const (
	ConsumerDelegation = platform.ConsumerDelegation // in fruizione
	ProducerDelegation = platform.ProducerDelegation // in erogazione
)

// Active is the only state of agreements and purposes in which vouchers are issued.
const Active = platform.Active

// How many keys the platform lets a client and a keychain have.
const (
	MaxClientKeys   = platform.MaxClientKeys
	MaxKeychainKeys = platform.MaxKeychainKeys
)

// ErrInvalid means the platform would not accept what was registered; the text says why.
var ErrInvalid = platform.ErrInvalid

// ErrUnknown means nothing is registered under that identifier.
var ErrUnknown = platform.ErrUnknown
