// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"slices"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// A State is where a flow or an order is in its life.
type State string

// The states of a flow. An order has that of its flow until the treasurer has taken it.
const (
	Prepared  State = "preparato"       // checked, still to be signed
	InFirma   State = "in_firma"        // handed out to be signed
	Signed    State = "firmato"         // signed by a listed signatory, still to be sent
	Sending   State = "in_invio"        // it may have left; what became of it is not known
	Sent      State = "inviato"         // SIOPE+ has it
	Acquired  State = "acquisito"       // SIOPE+ found nothing wrong
	Refused   State = "rifiutato"       // SIOPE+ or the treasurer refuses it: it has to be issued anew
	Taken     State = "preso_in_carico" // the treasurer has it
	Withdrawn State = "ritirato"        // the ente took it back before it was sent
)

// The further states of an order.
const (
	Executed    State = "eseguito"          // paid or collected
	Partly      State = "eseguito_in_parte" // some of its lines were
	NotExecuted State = "non_eseguito"
	Regularised State = "regolarizzato" // a provvisorio was assigned to it
	Reversed    State = "stornato"
	Cancelled   State = "annullato"
	Replaced    State = "sostituito"
)

// FlowStates are the states that a flow can be in.
func FlowStates() []State {
	return []State{Prepared, InFirma, Signed, Sending, Sent, Acquired, Taken, Refused, Withdrawn}
}

// rank orders the states before execution: a message that comes late never leads back.
func (s State) rank() int {
	return slices.Index([]State{Prepared, InFirma, Signed, Sending, Sent, Acquired, Taken}, s)
}

// Ended tells whether nothing more happens to an order of its own accord.
func (s State) Ended() bool {
	return slices.Contains([]State{Refused, Withdrawn, Executed, NotExecuted, Regularised, Reversed, Cancelled, Replaced}, s)
}

// executed tells the states that came from outcomes.
func (s State) executed() bool {
	return slices.Contains([]State{Executed, Partly, NotExecuted, Regularised, Reversed, Cancelled, Replaced}, s)
}

// follows tells whether a flow may go from one state to another. Messages come late and in any order, never back.
func (s State) follows(from State) bool {
	switch {
	case s == Refused:
		return from.rank() >= Sending.rank() && from != Taken
	case s == Withdrawn:
		return from == Prepared || from == InFirma || from == Signed
	case s == Signed && from == Sending: // it did not leave
		return true
	default:
		return from.rank() >= 0 && s.rank() > from.rank()
	}
}

// A Line is a payment or a collection of an order, and what became of it.
type Line struct {
	Number int64       `json:"progressivo"`
	Amount opi.Importo `json:"importo"`
	State  State       `json:"stato,omitempty"` // empty until the treasurer tells
	Code   string      `json:"codice,omitempty"`
}

// outcomes turns the words of esito_operazione into states of a line; "" for words that change nothing in it.
func outcomeState(word string) State {
	switch word {
	case "PAGATO", "RISCOSSO":
		return Executed
	case "NON ESEGUIBILE", "NON ACQUISITO", "NON REGOLARIZZATO":
		return NotExecuted
	case "REGOLARIZZATO":
		return Regularised
	case "STORNATO":
		return Reversed
	case "ANNULLATO":
		return Cancelled
	case "SOSTITUITO":
		return Replaced
	}
	return ""
}

// lineFollows tells whether a line may go from one state to another: each ends once, but for a reversal of what was
// executed and what is regularised afterwards.
func lineFollows(from, to State) bool {
	switch from {
	case "":
		return true
	case Executed:
		return to == Reversed || to == Regularised || to == Replaced
	case Regularised, NotExecuted:
		return to == Reversed || to == Cancelled || to == Replaced
	case Reversed:
		return to == Executed || to == Regularised || to == Replaced
	default:
		return false
	}
}

// stateOf sums the lines of an order up; before any of them has an outcome it is the state that the order has.
func stateOf(lines []Line, before State) State {
	count := map[State]int{}
	for _, l := range lines {
		count[l.State]++
	}
	if count[""] == len(lines) {
		if before.executed() {
			return Taken
		}
		return before
	}
	for _, all := range []State{Executed, NotExecuted, Regularised, Reversed, Cancelled, Replaced} {
		if count[all] == len(lines) {
			return all
		}
	}
	if count[Executed] == 0 && count[Regularised] == 0 && count[""] > 0 {
		return Taken
	}
	if count[Executed]+count[Regularised] == len(lines) {
		return Executed
	}
	return Partly
}
