// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// source gives the values that lines of a recipe take.
type source interface {
	// value returns what stands at a place; ok is false when nothing does.
	value(at registry.Ref) (v any, ok bool)
	// instant is the time by which dates are past or future.
	instant() time.Time
}

// question is what the caller asked and in whose name.
type question struct {
	scope     *registry.Scope
	richiesta any
	number    string    // drawn when a line asks for it
	now       time.Time // in Italy, by whose days dates are past or future
}

func (q question) instant() time.Time { return q.now }

func (q question) value(at registry.Ref) (any, bool) {
	switch at.Root {
	case registry.FromRichiesta:
		return at.Path.Get(q.richiesta)
	case registry.FromPratica:
		return given(q.scope.Pratica)
	case registry.FromProcedimento:
		return given(q.scope.Procedimento)
	case registry.FromEnte:
		return given(q.scope.Ente)
	case registry.FromExchange:
		return given(q.scope.ExchangeID)
	case registry.FromNumber:
		return given(q.number)
	case registry.FromOperator:
		return given(q.operator(at.Path[0]))
	case registry.FromToday:
		return q.now.Format(time.DateOnly), true
	case registry.FromNow:
		return q.now.UTC().Format(time.RFC3339), true
	default:
		return nil, false
	}
}

func (q question) operator(name string) string {
	switch name {
	case "userID":
		return q.scope.Operator.UserID
	case "userLocation":
		return q.scope.Operator.UserLocation
	default:
		return q.scope.Operator.LoA
	}
}

func given(s string) (any, bool) { return s, s != "" }

// answered is an answer to a question. Places of the question stay readable.
type answered struct {
	question
	status int
	header http.Header
	body   any
	dati   any // once mapped
}

func (a answered) value(at registry.Ref) (any, bool) {
	switch at.Root {
	case registry.FromBody:
		return at.Path.Get(a.body)
	case registry.FromHeader:
		return given(a.header.Get(at.Path[0]))
	case registry.FromStatus:
		return json.Number(strconv.Itoa(a.status)), true
	case registry.FromDati:
		return at.Path.Get(a.dati)
	default:
		return a.question.value(at)
	}
}

// item is one item of a list, read by relative places.
type item struct {
	doc any
	now time.Time
}

func (i item) instant() time.Time { return i.now }

func (i item) value(at registry.Ref) (any, bool) { return at.Path.Get(i.doc) }
