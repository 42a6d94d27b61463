// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// RecipeOperation is one operation callers may name. The members from Answer on are for
// the declarative adapter; a Go adapter has its mapping in code.
type RecipeOperation struct {
	Title      modi.Text      `yaml:"title" doc:"What the operation gives, for people."`
	Method     string         `yaml:"method" doc:"HTTP method."`
	Path       string         `yaml:"path" doc:"Below url. A part written {name} is filled by a request line to path/name."`
	CasoUso    string         `yaml:"casoUso" doc:"The case of use of ANPR."`
	Mode       string         `yaml:"mode" doc:"What the adapter of ANPR does: identifica, accertamento (default), verifica, massiva-richiesta, massiva-risultato, massiva-cancellazione."`
	Verifica   []string       `yaml:"verifica" doc:"Members of richiesta that ANPR compares with its record, by the names of its blocks."`
	Remember   time.Duration  `yaml:"remember" doc:"How long an idANPR that was found is remembered, in memory and encrypted; not at all when absent."`
	Idempotent bool           `yaml:"idempotent" doc:"Whether a second attempt is harmless: only then is a failed call tried again."`
	Input      map[string]any `yaml:"input" doc:"JSON Schema of richiesta; each property has a description."`
	Fields     []string       `yaml:"fields" doc:"Top-level fields of dati that a procedimento may be given."`
	Needs      []string       `yaml:"needs" doc:"Further services the operation calls."`

	Interaction *RecipeInteraction `yaml:"interaction" doc:"How the answer comes, where it does not come at once."`

	Answer   string          `yaml:"answer" doc:"What the body of a good answer is: object (default) or list."`
	Request  []Assignment    `yaml:"request" doc:"What is sent: one line for each value."`
	Response []Assignment    `yaml:"response" doc:"What dati holds: one line for each field."`
	Same     []Sameness      `yaml:"same" doc:"Values of the answer that must be those of the question, or the answer is about somebody else."`
	Subjects []string        `yaml:"subjects" doc:"Codici fiscali in the answer, for the index of the evidence: body/list/*/codiceFiscale."`
	Outcomes []RecipeOutcome `yaml:"outcomes" doc:"Good statuses that are no good answers, and warnings; the first failure decides."`
	Paging   *RecipePaging   `yaml:"paging" doc:"How further pages are asked for; their items are joined."`
	Poll     *RecipePoll     `yaml:"poll" doc:"Which answers say that the result is not ready yet."`
	Then     *RecipeStep     `yaml:"then" doc:"A second call, made when the first has answered; its answer is the one that is mapped."`
}

// RecipeInteraction says that the answer of an operation comes later, as a request of who was asked (LG Interoperabilità,
// NONBLOCK_PUSH_REST). Answer, response, outcomes, same and subjects of the operation describe that request.
type RecipeInteraction struct {
	Pattern  string        `yaml:"pattern" doc:"NONBLOCK_PUSH_REST."`
	Callback string        `yaml:"callback" doc:"The exposes recipe with the operation that receives the answer."`
	Keep     time.Duration `yaml:"keep" doc:"How long the answer is waited for and may be read; 168h when absent."`
}

// What the adapter of ANPR does with an operation. No mode is an accertamento.
const (
	ModeIdentify      = "identifica"            // from a person to the idANPR
	ModeTell          = "accertamento"          // the registry gives data
	ModeCompare       = "verifica"              // the registry says whether declared data are its own
	ModeMassive       = "massiva-richiesta"     // hands over rows
	ModeMassiveResult = "massiva-risultato"     // fetches the answers and reconciles them with the rows
	ModeMassiveDrop   = "massiva-cancellazione" // has the registry forget them
)

// OperationModes lists the modes a recipe may name.
func OperationModes() []string {
	return []string{ModeIdentify, ModeTell, ModeCompare, ModeMassive, ModeMassiveResult, ModeMassiveDrop}
}

// Assignment gives one value to one place. Exactly one of From, Value and Cases says
// which.
type Assignment struct {
	To       string         `yaml:"to" doc:"Where: path/x, query/x, header/X, body or body/a/b in a request; a field of dati in a response."`
	From     string         `yaml:"from" doc:"From where: richiesta/x, pratica, procedimento, ente, exchange, number, operator/userID, today, now; body/a/b, header/X, status of an answer."`
	Value    any            `yaml:"value" doc:"A constant."`
	Cases    []Case         `yaml:"cases" doc:"The value of the first case that holds."`
	None     []string       `yaml:"none" doc:"Values that mean there is none: 9999-12-31."`
	As       []string       `yaml:"as" doc:"Conversions, in order; of a list, each item is converted."`
	Table    map[string]any `yaml:"table" doc:"The registry's words and what they become; a word that is not in it refuses the message."`
	Where    []Condition    `yaml:"where" doc:"Which items of a list are kept: those for which all hold, with at relative to the item."`
	Items    []Assignment   `yaml:"items" doc:"What each item of a list becomes: an object, with from relative to the item."`
	Optional bool           `yaml:"optional" doc:"May be absent: then nothing is written."`
	Default  any            `yaml:"default" doc:"What is written when it is absent."`
}

// Case is one value and when it holds.
type Case struct {
	When  []Condition `yaml:"when" doc:"All of these."`
	Value any         `yaml:"value" doc:"A constant."`
}

// Condition looks at one value. Exactly one of In, NotIn and Test is set.
type Condition struct {
	At    string   `yaml:"at" doc:"The value looked at, written like from."`
	In    []string `yaml:"in" doc:"It is one of these; compared without spaces around and whatever the case."`
	NotIn []string `yaml:"notIn" doc:"It is there and none of these."`
	Test  string   `yaml:"test" doc:"present, absent, empty, not-empty, future or not-past; the last holds for an absent date too."`
}

// Sameness is a value of an answer that must be one of the question, whatever the case.
type Sameness struct {
	At string `yaml:"at" doc:"The value of the answer: body/codiceFiscale."`
	Is string `yaml:"is" doc:"The value of the question: richiesta/codiceFiscale."`
}

// RecipeOutcome is what an answer of good status means.
type RecipeOutcome struct {
	When []Condition `yaml:"when" doc:"All of these. A warning looks at dati/x, and is told to who may see x, or at header/X and status."`
	Code string      `yaml:"code" doc:"Where the registry's own code of the outcome stands: body/esito."`
	Kind ErrorKind   `yaml:"kind" doc:"What it means."`
	Say  modi.Text   `yaml:"say" doc:"What it means and what to do, for who asked."`
}

// RecipePaging asks for further pages until there is none.
type RecipePaging struct {
	By       string      `yaml:"by" doc:"cursor: the answer names the next page. offset: items so far. page: number of the page."`
	Param    string      `yaml:"param" doc:"Query parameter that names the page."`
	Start    int64       `yaml:"start" doc:"First value of param by offset or page; 0."`
	Size     *PagingSize `yaml:"size" doc:"Items asked for on one page."`
	Items    string      `yaml:"items" doc:"Path of the list in the body; none when answer is list."`
	Next     string      `yaml:"next" doc:"By cursor: path of the next page's name in the body; absent or empty on the last page. A name that comes again refuses the answer."`
	More     []int       `yaml:"more" doc:"Statuses that say there are more pages; then any other status ends."`
	MaxPages int         `yaml:"maxPages" doc:"More pages than these are refused, never cut short."`
}

// PagingSize is how many items one page is asked to hold.
type PagingSize struct {
	Param string `yaml:"param" doc:"Query parameter, when the registry has one."`
	Value int    `yaml:"value" doc:"Items on a full page; by offset or page, a shorter one is the last."`
}

// RecipePoll repeats the call while the registry is not ready.
type RecipePoll struct {
	Pending  []PendingAnswer `yaml:"pending" doc:"Answers that say: not ready yet."`
	SeeOther bool            `yaml:"seeOther" doc:"303 says: ready. It is not followed; then asks for the result."`
	Every    time.Duration   `yaml:"every" doc:"First wait, or the answer's Retry-After when that is longer; it doubles each time."`
	Max      time.Duration   `yaml:"max" doc:"Longest wait."`
	Deadline time.Duration   `yaml:"deadline" doc:"After this, calls and waits together, the caller is told to come back later."`
}

// PendingAnswer is one form of "not ready yet".
type PendingAnswer struct {
	Status []int       `yaml:"status" doc:"HTTP statuses, any of them; an error, from 400 on, needs when."`
	When   []Condition `yaml:"when" doc:"And all of these of its body."`
}

// RecipeStep is a further call of an operation.
type RecipeStep struct {
	Method  string       `yaml:"method" doc:"HTTP method."`
	Path    string       `yaml:"path" doc:"Below url, as path of an operation."`
	Request []Assignment `yaml:"request" doc:"What is sent; from may be body/x and header/X of the first answer."`
}
