// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Recipe holds the protocol facts of one consumed e-service. What belongs to an ente
// (client, purpose) is in its binding, never here. The doc tags are the descriptions of
// [RecipeSchema].
type Recipe struct {
	Name         string                       `yaml:"name" doc:"The service callers name, and the name of the file: anpr-c020."`
	Title        modi.Text                    `yaml:"title" doc:"What the e-service is, for people."`
	Registry     string                       `yaml:"registry" doc:"Who answers, for provenance: ANPR - Ministero dell'Interno."`
	Adapter      string                       `yaml:"adapter" doc:"Which code carries the operations out: declarative, or the name of a Go adapter."`
	Patterns     RecipePatterns               `yaml:"patterns" doc:"ModI patterns beside the voucher. None for an e-service that wants the voucher alone."`
	Lenient      []string                     `yaml:"lenient" doc:"Departures from the guideline that signed answers are forgiven, by name: digest-on-empty-body and the others of the pages in docs/patterns."`
	Environments map[string]RecipeEnvironment `yaml:"environments" doc:"Where the e-service lives, by environment."`
	Operations   map[string]RecipeOperation   `yaml:"operations" doc:"What callers may ask, by name."`
	ErrorShape   RecipeErrorShape             `yaml:"errorShape" doc:"Where an error answer of the registry says what is wrong."`
	Errors       []RecipeError                `yaml:"errors" doc:"What the registry's errors mean; the first row that matches decides."`
	Guard        GuardSettings                `yaml:"guard" doc:"Circuit breaker, deadline and attempts towards the host."`
	Quota        RecipeQuota                  `yaml:"quota" doc:"Limits the registry publishes; the binding of an ente may set its own."`
	Evidence     RecipeEvidence               `yaml:"evidence" doc:"What is kept of an exchange."`
	Produce      RecipeTimes                  `yaml:"produce" doc:"Times of the tokens made for a call."`
	Onboarding   []modi.Text                  `yaml:"onboarding" doc:"What an ente has to do before its first call, step by step."`
}

// RecipePatterns lists what a request carries and what an answer must carry.
type RecipePatterns struct {
	Request  []modi.Pattern `yaml:"request" doc:"What a request carries: INTEGRITY_REST_02, AUDIT_REST_02, and REST_JWS_2021_POP where the voucher must be bound to a key (DPoP)."`
	Response []modi.Pattern `yaml:"response" doc:"What an answer must carry: INTEGRITY_REST_02."`
}

// DPoP tells whether requests carry a voucher bound to a key, with a proof of possession.
func (p RecipePatterns) DPoP() bool { return slices.Contains(p.Request, modi.PatternDPoP) }

// Signed are the patterns of the request whose tokens are made for an audience.
func (p RecipePatterns) Signed() []modi.Pattern {
	return slices.DeleteFunc(slices.Clone(p.Request), func(m modi.Pattern) bool { return m == modi.PatternDPoP })
}

// RecipeEnvironment is where the e-service lives in one environment.
type RecipeEnvironment struct {
	URL        string `yaml:"url" doc:"Base address, without final slash; paths of operations follow it."`
	Audience   string `yaml:"audience" doc:"aud of the e-service, never derived from url. in-voucher where the voucher alone is asked and nobody has published it: PDND writes it there."`
	EserviceID string `yaml:"eserviceId" doc:"UUID of the e-service on PDND, when published for the environment."`
	ProducerID string `yaml:"producerId" doc:"UUID of the producer on PDND; without it the one of the voucher is believed."`
}

// AudienceInVoucher stands for an audience that nobody has published, of an e-service for
// which nothing is signed: only the voucher holds it, as PDND writes it.
const AudienceInVoucher = "in-voucher"

// RecipeQuota are the limits a registry publishes for one purpose of one ente. 0 is
// none known.
type RecipeQuota struct {
	Daily     int64   `yaml:"daily" doc:"Requests a day, up to midnight in Italy."`
	PerSecond float64 `yaml:"perSecond" doc:"Requests a second."`
}

// RecipeEvidence says what is kept of an exchange.
type RecipeEvidence struct {
	Keep       string `yaml:"keep" doc:"metadata, proofs (default) or messages."`
	RequireLoA bool   `yaml:"requireLoA" doc:"The registry refuses tracking evidence without LoA: refuse such a call before it costs a voucher."`
}

// RecipeTimes are the production times of party-made tokens.
type RecipeTimes struct {
	BackDate time.Duration `yaml:"backDate" doc:"How far iat and nbf lie in the past."`
	Lifetime time.Duration `yaml:"lifetime" doc:"How long the tokens are good."`
}

// GuardSettings tune the protection of one remote host.
type GuardSettings struct {
	Failures uint32        `yaml:"failures" doc:"Consecutive failures that open the breaker."`
	Ratio    float64       `yaml:"ratio" doc:"Or this share of failures within window, once minCalls were made."`
	MinCalls uint32        `yaml:"minCalls" doc:"Calls within window before ratio counts."`
	Window   time.Duration `yaml:"window" doc:"Over which calls are counted."`
	OpenFor  time.Duration `yaml:"openFor" doc:"How long an open breaker lets nothing through."`
	Probes   uint32        `yaml:"probes" doc:"Calls let through half-open."`
	Deadline time.Duration `yaml:"deadline" doc:"Of one call, retries included."`
	Attempts int           `yaml:"attempts" doc:"Tries of an idempotent call; 1 is no retry."`
}
