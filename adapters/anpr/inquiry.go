// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// inquiry is one operation under way: one message to one service of ANPR.
type inquiry struct {
	adapter *Adapter
	recipe  *registry.Recipe
	op      registry.RecipeOperation
	scope   *registry.Scope
}

// maxNumbers is how many numbers one inquiry may draw when ANPR calls them stale.
const maxNumbers = 5

// errStale is the cause of a refusal of the operation's number and of nothing else.
var errStale = errors.New("the number of the operation is stale")

// ask sends one RichiestaE002, with what is to be compared where it is a verifica, and
// returns the parsed answer.
func (q inquiry) ask(ctx context.Context, who criteria, declared map[string]json.RawMessage, day string) (answer, error) {
	data, err := q.data(day)
	if err != nil {
		return answer{}, err
	}
	reply, err := q.numbered(ctx, func(number string) any {
		return request{IDOperazioneClient: number, CriteriRicerca: who, Verifica: declared, DatiRichiesta: data}
	})
	if err != nil {
		return answer{}, err
	}
	return q.parse(reply)
}

// data is what every request says of itself.
func (q inquiry) data(day string) (requestData, error) {
	reason, refused := motivo(q.scope.Pratica)
	if refused != nil {
		return requestData{}, q.invalid(*refused)
	}
	return requestData{DataRiferimentoRichiesta: day, MotivoRichiesta: reason, CasoUso: q.op.CasoUso}, nil
}

// numbered sends a message that carries a number of its own.
func (q inquiry) numbered(ctx context.Context, message func(number string) any) (registry.Reply, error) {
	reply, err := q.send(ctx, q.numberInTurn, message)
	if !errors.Is(err, errStale) {
		return reply, err
	}
	// A call with a higher number arrived first. While this one is under way with the
	// highest of all, nobody draws another: it cannot be overtaken again from here, only
	// by another replica.
	leave, err := q.turn(ctx)
	if err != nil {
		return registry.Reply{}, err
	}
	defer leave()
	for range maxNumbers - 1 {
		if reply, err = q.send(ctx, q.number, message); !errors.Is(err, errStale) {
			break
		}
	}
	return reply, err
}

// turn waits for the right to draw numbers of the sequence.
func (q inquiry) turn(ctx context.Context) (leave func(), err error) {
	leave, err = q.adapter.turns.take(ctx, q.scope.Ente+"/"+q.sequence())
	if err != nil {
		return nil, fmt.Errorf("wait for a turn to ask %s: %w", q.recipe.Name, err)
	}
	return leave, nil
}

// numberInTurn draws a number and lets the next caller draw.
func (q inquiry) numberInTurn(ctx context.Context) (string, error) {
	leave, err := q.turn(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return q.number(ctx)
}

// send draws a number and marshals the body once, before the Transport sees them, so
// that its retries repeat both.
func (q inquiry) send(ctx context.Context, draw func(context.Context) (string, error), message func(number string) any) (registry.Reply, error) {
	number, err := draw(ctx)
	if err != nil {
		return registry.Reply{}, err
	}
	body, err := json.Marshal(message(number))
	if err != nil {
		return registry.Reply{}, fmt.Errorf("write the request for %s: %w", q.recipe.Name, err)
	}
	return q.call(ctx, q.op.Path, number, body)
}

// call makes one call of the operation.
func (q inquiry) call(ctx context.Context, path, number string, body []byte) (registry.Reply, error) {
	header := http.Header{"Accept": {"application/json, application/problem+json"}}
	if len(body) > 0 {
		header.Set("Content-Type", "application/json")
	}
	if q.op.Mode == registry.ModeMassiveResult {
		header.Set("Accept", "application/gzip, application/json")
	}
	return q.adapter.deps.Transport.Do(ctx, q.scope, registry.Call{
		Service: q.recipe.Name, Method: q.op.Method, Path: path, Header: header, Body: body,
		Idempotent: q.op.Idempotent, OperationID: number, Classify: q.classify,
	})
}

// sequence names the numbers of the ente at ANPR (see number).
func (q inquiry) sequence() string { return Name + "/" + q.scope.Environment }

// number draws idOperazioneClient. ANPR wants it numeric and growing: a number it has
// seen repeats the earlier answer, a lower one is an error, and one used for another
// service is too (EN079). So all the services of ANPR share one sequence for each ente
// and environment, which starts from the clock: it keeps growing when the store of the
// numbers is lost.
func (q inquiry) number(ctx context.Context) (string, error) {
	floor, err := strconv.ParseUint(q.adapter.deps.Clock().UTC().Format("20060102150405"), 10, 64)
	if err != nil {
		return "", q.noNumber(errors.New("the clock gives no date of four-digit year"))
	}
	n, err := q.adapter.deps.State.Next(ctx, q.scope.Ente, q.sequence(), floor)
	if err != nil {
		return "", q.noNumber(err)
	}
	return strconv.FormatUint(n, 10), nil
}

// noNumber reports a call that was not made because it could not be numbered.
func (q inquiry) noNumber(err error) error {
	return &registry.Fault{
		Kind: registry.ErrState, Service: q.recipe.Name, Err: err,
		Text: modi.Text{
			IT: "il numero dell'operazione per ANPR non può essere assegnato ora: nulla è stato inviato, riprovare",
			EN: "the number of the operation for ANPR cannot be drawn now: nothing was sent, try again",
		},
	}
}

// day is the reference date of the request: a day not after today in Rome, today when
// the caller names none.
func (q inquiry) day(asked string) (string, error) {
	today := q.adapter.deps.Clock().In(q.adapter.rome).Format(time.DateOnly)
	if asked == "" {
		return today, nil
	}
	if _, err := time.Parse(time.DateOnly, asked); err != nil {
		return "", q.invalid(modi.Text{
			IT: "dataRiferimento non è una data nella forma 2026-10-12",
			EN: "dataRiferimento is not a date of the form 2026-10-12",
		})
	}
	if asked > today {
		return "", q.invalid(modi.Text{
			IT: "dataRiferimento è nel futuro",
			EN: "dataRiferimento lies in the future",
		})
	}
	return asked, nil
}

// parse reads a successful answer.
func (q inquiry) parse(r registry.Reply) (answer, error) {
	var a answer
	if err := json.Unmarshal(r.Body, &a); err != nil || a.ListaSoggetti == nil {
		return answer{}, q.badReply(r.Status, "the answer is not the JSON that ANPR documents")
	}
	a.IDOperazioneANPR = registry.SafeWord(a.IDOperazioneANPR)
	return a, nil
}

// one returns the only subject of an answer.
func (q inquiry) one(a answer) (subject, error) {
	switch subjects := a.ListaSoggetti.DatiSoggetto; len(subjects) {
	case 1:
		return subjects[0], nil
	case 0:
		return subject{}, &registry.Fault{
			Kind: registry.ErrNotFound, Service: q.recipe.Name, Status: http.StatusOK, RegistryID: a.IDOperazioneANPR,
			Text: modi.Text{
				IT: "ANPR ha risposto senza alcun soggetto",
				EN: "ANPR answered without any subject",
			},
		}
	default:
		return subject{}, &registry.Fault{
			Kind: registry.ErrAmbiguous, Service: q.recipe.Name, Status: http.StatusOK, RegistryID: a.IDOperazioneANPR,
			Text: modi.Text{
				IT: "ANPR ha risposto con più soggetti: aggiungere dati o usare il codice fiscale",
				EN: "ANPR answered with more than one subject: add data or use the codice fiscale",
			},
		}
	}
}

// invalid reports input that ANPR would refuse; why never holds the input itself.
func (q inquiry) invalid(why modi.Text) error {
	return &registry.Fault{
		Kind: registry.ErrInvalid, Service: q.recipe.Name, Err: errors.New(why.EN),
		Text: modi.Text{
			IT: "la richiesta non può essere inviata ad ANPR: " + why.IT,
			EN: "the request cannot be sent to ANPR: " + why.EN,
		},
	}
}

// checkCode refuses a codice fiscale that cannot exist.
func (q inquiry) checkCode(code string) error {
	if err := codicefiscale.Valid(code); err != nil {
		return q.invalid(modi.Text{
			IT: "il codice fiscale non è valido: controllare di averlo trascritto per intero e senza errori",
			EN: err.Error(),
		})
	}
	return nil
}

func (q inquiry) badReply(status int, why string) error {
	return &registry.Fault{
		Kind: registry.ErrBadReply, Service: q.recipe.Name, Status: status, Err: errors.New(why),
		Text: modi.Text{
			IT: "la risposta di ANPR non è utilizzabile e non viene consegnata: riprovare; se persiste rivolgersi all'assistenza ANPR",
			EN: "ANPR's answer cannot be used and is not delivered: try again; if it persists ask ANPR's help desk",
		},
	}
}
