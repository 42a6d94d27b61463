// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Recipe holds the protocol facts of one consumed e-service. What belongs to an ente
// (client, purpose, quota) is in its binding, never here.
type Recipe struct {
	Name         string                       `yaml:"name"`
	Title        modi.Text                    `yaml:"title"`
	Registry     string                       `yaml:"registry"` // who answers, for provenance ("ANPR - Ministero dell'Interno")
	Adapter      string                       `yaml:"adapter"`  // Go adapter that serves it
	Patterns     RecipePatterns               `yaml:"patterns"`
	Environments map[string]RecipeEnvironment `yaml:"environments"`
	Operations   map[string]RecipeOperation   `yaml:"operations"`
	Errors       []RecipeError                `yaml:"errors"`
	Guard        GuardSettings                `yaml:"guard"`
	Evidence     RecipeEvidence               `yaml:"evidence"`
	Produce      RecipeTimes                  `yaml:"produce"`
	Onboarding   []modi.Text                  `yaml:"onboarding"`
}

// RecipePatterns lists what a request carries and what an answer must carry.
type RecipePatterns struct {
	Request  []modi.Pattern `yaml:"request"`
	Response []modi.Pattern `yaml:"response"`
}

// RecipeEnvironment is where the e-service lives in one environment.
type RecipeEnvironment struct {
	URL        string `yaml:"url"`
	Audience   string `yaml:"audience"`   // mandatory, never derived from the URL
	EserviceID string `yaml:"eserviceId"` // "" when not published for the environment
	ProducerID string `yaml:"producerId"` // "" when not published: then not checked
}

// RecipeOperation is one operation callers may name.
type RecipeOperation struct {
	Title      modi.Text      `yaml:"title"`
	Method     string         `yaml:"method"`
	Path       string         `yaml:"path"`
	CasoUso    string         `yaml:"casoUso"`
	Idempotent bool           `yaml:"idempotent"`
	Input      map[string]any `yaml:"input"`  // JSON Schema of `richiesta`
	Fields     []string       `yaml:"fields"` // top-level fields of `dati` a procedimento may list
	Needs      []string       `yaml:"needs"`  // further services it may call (c020 needs anpr-c030)
}

// RecipeError maps a registry's own error to the common kinds.
type RecipeError struct {
	Codes []string  `yaml:"codes"` // codes of the registry, any of them
	Type  string    `yaml:"type"`  // registry's error type (E, W), empty for any
	Text  string    `yaml:"text"`  // part of the registry's text that must match whatever its case, empty for any
	Kind  ErrorKind `yaml:"kind"`
	Say   modi.Text `yaml:"say"` // what it means and what to do; the registry's own text is never shown
}

// ErrorKind is the word with which a recipe says what an error of its registry means.
type ErrorKind string

// The kinds of error. The last two are not failures: a warning is handed to the
// operator as an avviso, an ignored one is dropped.
const (
	KindNotFound    ErrorKind = "not-found"
	KindAmbiguous   ErrorKind = "ambiguous"
	KindInvalid     ErrorKind = "invalid"
	KindDenied      ErrorKind = "denied"
	KindThrottled   ErrorKind = "throttled"
	KindUnavailable ErrorKind = "unavailable"
	KindNotReady    ErrorKind = "not-ready"
	KindRenumber    ErrorKind = "renumber" // the operation's number is stale: take a new one and send again
	KindWarn        ErrorKind = "warn"
	KindIgnore      ErrorKind = "ignore"
)

// Err returns the sentinel of the kind, nil for warn, ignore and unknown words.
func (k ErrorKind) Err() error {
	switch k {
	case KindNotFound:
		return ErrNotFound
	case KindAmbiguous:
		return ErrAmbiguous
	case KindInvalid, KindRenumber:
		return ErrInvalid
	case KindDenied:
		return ErrDenied
	case KindThrottled:
		return ErrThrottled
	case KindUnavailable:
		return ErrUnavailable
	case KindNotReady:
		return ErrNotReady
	case KindWarn, KindIgnore:
		return nil
	default:
		return nil
	}
}

// Matches tells whether the row speaks of an error with this code, type and text.
func (e RecipeError) Matches(code, kind, text string) bool {
	return slices.Contains(e.Codes, code) &&
		(e.Type == "" || e.Type == kind) &&
		(e.Text == "" || strings.Contains(strings.ToLower(text), strings.ToLower(e.Text)))
}

// RecipeEvidence says what is kept of an exchange.
type RecipeEvidence struct {
	Keep string `yaml:"keep"` // metadata | proofs | messages
	// RequireLoA tells that the registry refuses tracking evidence without LoA, so that a
	// call without one is refused before it costs a voucher. Of consumed e-services only.
	RequireLoA bool `yaml:"requireLoA"`
}

// RecipeTimes are the production times of party-made tokens.
type RecipeTimes struct {
	BackDate time.Duration `yaml:"backDate"`
	Lifetime time.Duration `yaml:"lifetime"`
}

// GuardSettings tune the protection of one remote host.
type GuardSettings struct {
	Failures uint32        `yaml:"failures"` // consecutive failures that open the breaker
	Ratio    float64       `yaml:"ratio"`    // or this share of failures within Window, once MinCalls were made
	MinCalls uint32        `yaml:"minCalls"`
	Window   time.Duration `yaml:"window"`
	OpenFor  time.Duration `yaml:"openFor"`
	Probes   uint32        `yaml:"probes"`   // calls let through half-open
	Deadline time.Duration `yaml:"deadline"` // whole call, retries included
	Attempts int           `yaml:"attempts"` // tries of an idempotent call, 1 = no retry
}

// Exposure holds the facts of an e-service the ente offers: recipes/exposes/<name>.yaml.
type Exposure struct {
	Name           string         `yaml:"name"`
	Title          modi.Text      `yaml:"title"`
	Major          int            `yaml:"major"`
	OpenAPI        string         `yaml:"openapi"` // file beside the recipe
	Patterns       RecipePatterns `yaml:"patterns"`
	Evidence       RecipeEvidence `yaml:"evidence"`
	ResponsePolicy string         `yaml:"responsePolicy"` // refuse | report: what to do with an answer that breaks the OpenAPI
	RequestHeaders []string       `yaml:"requestHeaders"` // allow-list towards the back end
	Quota          ExposureQuota  `yaml:"quota"`
	Guard          GuardSettings  `yaml:"guard"`
	ReplayAudit    bool           `yaml:"replayAudit"` // also treat tracking evidence as single use
	Document       []byte         `yaml:"-"`           // the OpenAPI file, read at load
}

// ExposureQuota are the default daily limits; 0 means none.
type ExposureQuota struct {
	PerConsumer int64 `yaml:"perConsumer"`
	Total       int64 `yaml:"total"`
}
