// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/modi"
)

// Config says what is under test and what the suite may do. The tags name its members in
// the file; in the environment they are SNODO_CONF_ and the path in upper case, with _
// (SNODO_CONF_PARTIES_CLIENT); on the command line the path with - (--parties-client).
type Config struct {
	Role    Role   `yaml:"role"`
	Target  string `yaml:"target"`  // base address of the e-service, or the token endpoint
	Edition string `yaml:"edition"` // plays only the cases whose edition holds this text
	// Patterns are those that the party under test declares: what it does not do of them
	// fails. Empty: the suite learns them, and what is not there is unsupported.
	Patterns      []modi.Pattern `yaml:"patterns"`
	ReplyPatterns []modi.Pattern `yaml:"reply_patterns"` // of its replies: INTEGRITY_REST_02
	Severity      string         `yaml:"severity"`       // the lightest that is played: must, strict or advisory (the default)
	Only          []string       `yaml:"only"`           // plays only cases whose id holds one of these texts

	Parties    Parties     `yaml:"parties"`
	Keys       Keys        `yaml:"keys"`
	Platform   Platform    `yaml:"platform"`
	Operations []Operation `yaml:"operations"`
	Network    Network     `yaml:"network"`
	Trigger    Trigger     `yaml:"trigger"`
	Reply      Reply       `yaml:"reply"`
	Files      []string    `yaml:"files"`   // role token: messages or tokens
	OpenAPI    string      `yaml:"openapi"` // file of the description of the e-service
	At         string      `yaml:"at"`      // roles token and openapi: when the messages were received, RFC 3339; now when empty

	// AllowWrites plays operations that change something; without it only safe ones are.
	AllowWrites bool     `yaml:"allow_writes"`
	ShowBodies  bool     `yaml:"show_bodies"` // bodies of good replies in the report; they may hold personal data
	Parallel    int      `yaml:"parallel"`    // messages at once; 1 by default
	Setup       []string `yaml:"setup"`       // circumstances that hold on purpose, as Circumstances names them; setup: may be left out

	// What a program sets and a file cannot.

	// Serve is for a suite that is opened to be PDND and the e-service of others: nothing
	// is asked of a target, and without a trigger a consumer is watched until ctx ends.
	Serve    bool                                                  `yaml:"-"`
	Clock    func() time.Time                                      `yaml:"-"` // time.Now when nil
	Rand     io.Reader                                             `yaml:"-"` // crypto/rand when nil
	Client   *http.Client                                          `yaml:"-"` // made from Network when nil
	Confirm  func(ctx context.Context, op Operation) (bool, error) `yaml:"-"` // asked once for each operation that is not idempotent; nil: yes
	Progress func(Result)                                          `yaml:"-"` // told of each result as it is found
	APIRules func(document []byte) ([]APIFinding, error)           `yaml:"-"` // further rules for OpenAPI documents; nil: none given

	keysOf *forge.World // whose keys the suite takes instead of making its own
}

// Parties are the identifiers that the messages carry.
type Parties struct {
	Audience          string `yaml:"audience"`           // aud of the e-service
	ReplyAudience     string `yaml:"reply_audience"`     // aud of its signed replies; the client by default
	Client            string `yaml:"client"`             // client id of the consumer
	Purpose           string `yaml:"purpose"`            // purposeId
	Producer          string `yaml:"producer"`           // producerId
	Consumer          string `yaml:"consumer"`           // consumerId
	Eservice          string `yaml:"eservice"`           // eserviceId
	Descriptor        string `yaml:"descriptor"`         // descriptorId
	Keychain          string `yaml:"keychain"`           // producerKeychainId
	Issuer            string `yaml:"issuer"`             // iss of vouchers
	AssertionAudience string `yaml:"assertion_audience"` // aud of client assertions
	Organisation      string `yaml:"organisation"`       // of the consumer, as its certificate names it
	ProducerOrg       string `yaml:"producer_organisation"`
	User              string `yaml:"user"` // userID of the tracking evidence
	Workstation       string `yaml:"workstation"`
}

// Keys are files. Those of the party that the suite plays are private; in a report only
// the names of the files are told.
type Keys struct {
	Client      string `yaml:"client"`      // PEM of the consumer's key, registered with PDND
	Certificate string `yaml:"certificate"` // PEM of its certificates, for ID_AUTH_REST and INTEGRITY_REST_01
	DPoP        string `yaml:"dpop"`        // PEM of a P-256 key; one is made when empty
	Platform    string `yaml:"platform"`    // JWKS of PDND, to check vouchers with
	Producer    string `yaml:"producer"`    // JWKS, answer of PDND for one key, or PEM of the producer's keys, to check its replies with
	Consumer    string `yaml:"consumer"`    // the same of the consumer's keys, to check its messages with (roles fruitore and token)
	// Folder keeps the keys and the authority that the suite makes, so that a service can
	// be set up once; it is made when it does not exist.
	Folder string `yaml:"folder"`
}

// Platform says who issues the vouchers.
type Platform struct {
	TokenURL string `yaml:"token_url"` // of PDND: the suite asks it for genuine vouchers. Empty: the suite is PDND
	Listen   string `yaml:"listen"`    // where the suite answers as PDND and as the e-service (role fruitore); a free port when empty
	URL      string `yaml:"url"`       // how the party under test reaches that address, when it is another
}

// Operation is one call of the e-service that is played.
type Operation struct {
	Method     string `yaml:"method"`
	Path       string `yaml:"path"` // after the target; may hold a query
	Body       string `yaml:"body"`
	Type       string `yaml:"type"`       // Content-Type of Body; application/json by default
	Safe       bool   `yaml:"safe"`       // changes nothing, whatever the method
	Idempotent bool   `yaml:"idempotent"` // may be sent many times
}

// Network is how the suite reaches the target.
type Network struct {
	CA             string        `yaml:"ca"`          // PEM of a private authority
	Certificate    string        `yaml:"certificate"` // PEM of the certificate for ID_AUTH_CHANNEL_02
	CertificateKey string        `yaml:"certificate_key"`
	Proxy          string        `yaml:"proxy"`
	Timeout        time.Duration `yaml:"timeout"` // of one exchange; 10 s by default
	Late           time.Duration `yaml:"late"`    // a reply that takes longer is told; 5 s by default
}

// Reply is the good answer of the e-service that the suite plays (role fruitore).
type Reply struct {
	Status int    `yaml:"status"` // 200 by default
	Body   string `yaml:"body"`   // an invented object of JSON by default
	Type   string `yaml:"type"`   // application/json by default
}

// Trigger makes the consumer under test do one call (role fruitore): a command, or a
// request to the consumer's own application interface. Without one the suite waits for
// calls that somebody else causes.
type Trigger struct {
	Command []string          `yaml:"command"` // exit code 0: the consumer accepted the reply
	Method  string            `yaml:"method"`  // POST by default
	URL     string            `yaml:"url"`     // 2xx: the consumer accepted the reply
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
	Timeout time.Duration     `yaml:"timeout"` // 30 s by default

	// Call is what a program hands over instead; it tells whether the consumer accepted
	// the reply.
	Call func(ctx context.Context) (accepted bool, err error) `yaml:"-"`
}

// APIFinding is one point of an OpenAPI document that breaks a rule.
type APIFinding struct {
	Rule     string // name of the rule
	Where    string // JSON pointer or line
	Message  Text
	Severity string // must, strict or advisory
}

// timeout is that of one exchange.
func (n Network) timeout() time.Duration { return orDefault(n.Timeout, 10*time.Second) }

func (n Network) late() time.Duration { return orDefault(n.Late, 5*time.Second) }

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
