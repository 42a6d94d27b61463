// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// govwayType is how the problem types of a GovWay gateway begin. Most Italian
// registries stand behind one.
const govwayType = "https://govway.org/handling-errors/"

// GovWayProblem is the error of a GovWay gateway: it says who refused (the gateway,
// not the registry behind it) and gives the transaction id that a help desk asks for.
// Its detail is dropped: it is generic, and may quote the request.
type GovWayProblem struct {
	Title string
	ID    string // govway_id
}

// ParseGovWayProblem reads a body; ok is false when it is not a GovWay problem.
func ParseGovWayProblem(body []byte) (p GovWayProblem, ok bool) {
	var wire struct {
		Type  string `json:"type"`
		Title string `json:"title"`
		ID    string `json:"govway_id"`
	}
	if json.Unmarshal(body, &wire) != nil || !strings.HasPrefix(wire.Type, govwayType) {
		return GovWayProblem{}, false
	}
	return GovWayProblem{Title: SafeWord(wire.Title), ID: SafeWord(wire.ID)}, true
}

// kind maps the title of a gateway's refusal; fallback is what its status says.
func (p GovWayProblem) kind(fallback error) error {
	switch {
	case p.Title == "InteroperabilityInvalidRequest", p.Title == "TokenAuthenticationFailed",
		p.Title == "Conflict": // a token refused, or seen twice
		return ErrSignature
	case strings.HasPrefix(p.Title, "Authorization"):
		return ErrDenied
	case p.Title == "LimitExceeded", p.Title == "TooManyRequests":
		return ErrThrottled
	case p.Title == "APIUnavailable", errors.Is(fallback, ErrNotFound):
		return ErrUnavailable // the gateway does not know the API: not an answer about a record
	default:
		return fallback
	}
}

// SafeWord keeps a peer's short identifier printable and bounded; anything else is
// dropped rather than shown, and so is one that holds the codice fiscale of a person:
// such words reach logs and error messages.
func SafeWord(s string) string {
	const longest = 64
	if len(s) > longest {
		return ""
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' && c != '.' {
			return ""
		}
	}
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		if codicefiscale.ValidPerson(codicefiscale.Normal(part)) == nil {
			return ""
		}
	}
	return s
}
