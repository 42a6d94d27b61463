// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"bytes"
	"cmp"
	"errors"
	"time"
	_ "time/tzdata" // quotas end at midnight in Italy, also where no zone database is installed

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/pick"
)

// answerError is one error of an error answer, in the registry's words.
type answerError struct {
	code, kind, text string
	none             bool // the answer had no body
}

// Classify gives an answer its meaning, for a Call whose registry has errors of the
// recipe's errorShape: nil for a success, else a *Fault of this package's kinds. A
// gateway before the registry is heard first; then the rows of the recipe's table, of
// which the first that matches decides; then the status. A 404 that no row describes
// says that the service is not there, never that a record is not.
func (r *Recipe) Classify(reply Reply) error {
	if reply.Status >= 200 && reply.Status < 300 {
		return nil
	}
	var byStatus *Fault
	if err := ClassifyByStatus(reply); !errors.As(err, &byStatus) {
		return err
	}
	byStatus.Service = r.Name
	if _, gateway := ParseGovWayProblem(reply.Body); gateway || isHTML(reply) {
		return byStatus
	}
	found, id := r.errorsOf(reply)
	byStatus.RegistryID = cmp.Or(byStatus.RegistryID, id)
	for _, one := range found {
		if row, ok := r.rowOf(reply.Status, one); ok && row.Kind.Err() != nil {
			return row.fault(byStatus, one.code, reply.Received)
		}
	}
	if len(found) > 0 {
		byStatus.Code = SafeWord(found[0].code)
	}
	if errors.Is(byStatus.Kind, ErrNotFound) {
		byStatus.Kind, byStatus.Text = ErrUnavailable, notThere()
	}
	return byStatus
}

// rowOf is the first row that speaks of an error. One of a kind that is no failure drops
// the error, and no later row revives it.
func (r *Recipe) rowOf(status int, found answerError) (RecipeError, bool) {
	for _, row := range r.Errors {
		if row.speaksOf(status, found) {
			return row, true
		}
	}
	return RecipeError{}, false
}

// fault is the meaning of an error of this row, with what the answer says of itself.
func (e RecipeError) fault(base *Fault, code string, now time.Time) *Fault {
	f := *base
	f.Kind, f.Code, f.Text = e.Kind.Err(), SafeWord(code), e.Say
	if e.Kind == KindQuota && f.RetryAfter == 0 {
		f.RetryAfter = UntilMidnight(now)
	}
	return &f
}

// errorsOf reads an error answer by the recipe's errorShape, and the id the help desk
// asks for.
func (r *Recipe) errorsOf(reply Reply) (found []answerError, id string) {
	if len(bytes.TrimSpace(reply.Body)) == 0 {
		return []answerError{{none: true}}, ""
	}
	doc, err := pick.Decode(reply.Body)
	if err != nil {
		return nil, ""
	}
	items := []any{doc}
	if r.ErrorShape.List != "" {
		list, _ := textPath(r.ErrorShape.List).Get(doc)
		items, _ = list.([]any) // what is no list holds no errors
	}
	for _, item := range items {
		found = append(found, answerError{
			code: textAt(item, r.ErrorShape.Code), kind: textAt(item, r.ErrorShape.Type), text: textAt(item, r.ErrorShape.Text),
		})
	}
	return found, SafeWord(textAt(doc, r.ErrorShape.ID))
}

func textAt(doc any, path string) string {
	if path == "" {
		return ""
	}
	v, _ := textPath(path).Get(doc)
	s, _ := pick.Text(v)
	return s
}

// textPath reads a path of a recipe, which its check has read before.
func textPath(s string) pick.Path {
	p, err := pick.Parse(s)
	if err != nil {
		return pick.Path{""} // a name nothing has
	}
	return p
}

// UntilMidnight is the time left of the day in Italy, by which registries count; an
// hour when now is not known.
func UntilMidnight(now time.Time) time.Duration {
	italy, err := time.LoadLocation("Europe/Rome")
	if err != nil || now.IsZero() {
		return time.Hour
	}
	y, m, d := now.In(italy).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, italy).Sub(now)
}

// RefusedBy is the fault of an answer whose status is good and whose content is not.
func (o RecipeOutcome) RefusedBy(service string, reply Reply, code string) *Fault {
	base := &Fault{
		Service: service, Status: reply.Status, RegistryID: reply.RegistryID,
		RetryAfter: ParseRetryAfter(reply.Header, reply.Received),
	}
	return RecipeError{Kind: o.Kind, Say: o.Say}.fault(base, code, reply.Received)
}

func notThere() modi.Text {
	return modi.Text{
		IT: "all'indirizzo configurato il registro non risponde come previsto: controllare URL e versione del servizio",
		EN: "the registry does not answer as expected at the configured address: check URL and version of the service",
	}
}
