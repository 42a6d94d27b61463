// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Exposure holds the facts of an e-service the ente offers: recipes/exposes/<name>.yaml.
type Exposure struct {
	Name           string         `yaml:"name"`
	Title          modi.Text      `yaml:"title"`
	Major          int            `yaml:"major"`
	Edition        string         `yaml:"edition"` // of the specification that the e-service follows, "" = none
	OpenAPI        string         `yaml:"openapi"` // file beside the recipe
	Patterns       RecipePatterns `yaml:"patterns"`
	Evidence       RecipeEvidence `yaml:"evidence"`
	ResponsePolicy string         `yaml:"responsePolicy"` // refuse | report: what to do with an answer that breaks the OpenAPI
	RequestHeaders []string       `yaml:"requestHeaders"` // allow-list towards the back end
	Quota          ExposureQuota  `yaml:"quota"`
	Guard          GuardSettings  `yaml:"guard"`
	ReplayAudit    bool           `yaml:"replayAudit"`   // also treat tracking evidence as single use
	ReplayVoucher  bool           `yaml:"replayVoucher"` // and vouchers: ID_AUTH_REST_02 by PDND
	Lenient        []string       `yaml:"lenient"`       // departures from the guideline that callers are forgiven
	DPoP           string         `yaml:"dpop"`          // no (default) | optional | required: REST_JWS_2021_POP
	Refusals       string         `yaml:"refusals"`      // problem (default) | suap: the format of what is refused
	Limits         ExposureLimits `yaml:"limits"`
	// Operations holds what single operations, by operationId, do otherwise.
	Operations map[string]ExposureOperation `yaml:"operations"`
	Document   []byte                       `yaml:"-"` // the OpenAPI file, read at load
}

// ExposureOperation is what one operation does otherwise than its e-service.
type ExposureOperation struct {
	Patterns    *RecipePatterns      `yaml:"patterns"`    // nil = those of the e-service
	DPoP        string               `yaml:"dpop"`        // "" = as the e-service
	Interaction *ExposureInteraction `yaml:"interaction"` // nil = BLOCK_REST
	Bulk        bool                 `yaml:"bulk"`        // BULK_RESOURCE_REST: HEAD and Range, streamed
	Check       string               `yaml:"check"`       // "" | segnatura-3.0: what is looked at beyond the document
}

// CheckSegnatura holds the segnatura of a protocolled message, in base64 in the member segnatura, against its structure and
// against the members nome_file and contenuto of the list file.
const CheckSegnatura = "segnatura-3.0"

// The non-blocking interaction patterns (LG Interoperabilità, Pattern di interazione).
const (
	NonBlockingPull = "NONBLOCK_PULL_REST"
	NonBlockingPush = "NONBLOCK_PUSH_REST"
)

// ExposureInteraction offers a non-blocking pattern for a back end that answers at once or slowly.
type ExposureInteraction struct {
	Pattern string `yaml:"pattern"` // NONBLOCK_PULL_REST | NONBLOCK_PUSH_REST
	Status  string `yaml:"status"`  // PULL: operationId of the state
	Result  string `yaml:"result"`  // PULL: operationId of the result
	// Keep is how long an interaction is remembered; 0 = DefaultKeep.
	Keep time.Duration `yaml:"keep"`
	// Receives makes it the other end of PUSH: the operation takes the answers to what the ente has asked of others.
	Receives bool `yaml:"receives"`
}

// DefaultKeep is how long an interaction is remembered where a recipe says nothing, as who offered it or as who asked.
const DefaultKeep = 7 * 24 * time.Hour

// Offers tells whether an operation is offered without blocking, and not only received.
func (i *ExposureInteraction) Offers() bool { return i != nil && !i.Receives }

// Receiver is the operationId that takes the answers to what the ente has asked of others; "" = none does.
func (e *Exposure) Receiver() string {
	for id, o := range e.Operations { // at most one, by the check of recipes
		if o.Interaction != nil && o.Interaction.Receives {
			return id
		}
	}
	return ""
}

// ExposureLimits bound what an e-service takes at once; 0 is the hub's own.
type ExposureLimits struct {
	Body        int64 `yaml:"body"`        // bytes of a request
	Upload      int64 `yaml:"upload"`      // bytes of a request that is neither JSON nor XML: it is streamed; 0 = as Body
	Answer      int64 `yaml:"answer"`      // bytes of an answer that is read whole; a bulk one has no bound
	Concurrency int   `yaml:"concurrency"` // calls under way
}

// ExposureQuota are the default daily limits; 0 means none.
type ExposureQuota struct {
	PerConsumer int64 `yaml:"perConsumer"`
	Total       int64 `yaml:"total"`
}
