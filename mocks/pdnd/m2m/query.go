// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// maxPage is the largest limit of a list.
const maxPage = 50

// query reads the parameters of a request; the first wrong one is kept.
type query struct {
	values url.Values
	fault  string
}

func (c *call) query() *query {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.fault = "Malformed query"
	}
	return q
}

func (q *query) wrong(name, what string) {
	if q.fault == "" {
		q.fault = what + " at '" + name + "'"
	}
}

// err is the problem of the first wrong parameter, or nil.
func (q *query) err() error {
	if q.fault != "" {
		return badRequest("Validation error: " + q.fault)
	}
	return nil
}

// one returns a parameter that may be there once; it is empty when it is not.
func (q *query) one(name string) string {
	values := q.values[name]
	if len(values) > 1 {
		q.wrong(name, "Expected one value")
	}
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// number returns a required integer between two bounds.
func (q *query) number(name string, least, most int) int {
	text := q.one(name)
	if text == "" {
		q.wrong(name, "Required")
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most || strconv.Itoa(n) != text {
		q.wrong(name, "Expected integer from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	}
	return n
}

// filter returns the items of a comma-joined parameter, none when it is absent. Items
// must pass the check.
func (q *query) filter(name string, check rule) []string {
	text := q.one(name)
	if text == "" {
		return nil
	}
	items := strings.Split(text, ",")
	for _, item := range items {
		if fault := check(item); fault != "" {
			q.wrong(name, fault)
		}
	}
	return items
}

// flag returns a boolean parameter, nil when it is absent.
func (q *query) flag(name string) *bool {
	text := q.one(name)
	switch text {
	case "":
		return nil
	case "true", "false":
		value := text == "true"
		return &value
	default:
		q.wrong(name, "Expected boolean")
		return nil
	}
}

// uuid returns a parameter that is a UUID or absent.
func (q *query) uuid(name string) string {
	text := q.one(name)
	if text != "" && !rules.IsUUID(text) {
		q.wrong(name, "Invalid uuid")
	}
	return text
}

// in reports whether a filter lets a value through; an empty one lets all.
func in(filter []string, value string) bool {
	return len(filter) == 0 || slices.Contains(filter, value)
}

// like reports whether a name holds a text, whatever the case; an empty text is in all.
func like(name, text string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(text))
}

// same reports whether a flag, when given, has the value.
func same(flag *bool, value bool) bool { return flag == nil || *flag == value }

type pagination struct {
	Offset     int `json:"offset"`
	Limit      int `json:"limit"`
	TotalCount int `json:"totalCount"`
}

type results struct {
	Results    []any      `json:"results"`
	Pagination pagination `json:"pagination"`
}

// page answers with one page of the items that keep lets through, as show makes them.
// keep and show may be nil.
func page[T any](q *query, items []T, keep func(T) bool, show func(T) any) (reply, error) {
	answer := results{Results: []any{}, Pagination: pagination{Offset: q.number("offset", 0, 1<<31-1), Limit: q.number("limit", 1, maxPage)}}
	if err := q.err(); err != nil {
		return reply{}, err
	}
	p := &answer.Pagination
	for _, item := range items {
		if keep != nil && !keep(item) {
			continue
		}
		if p.TotalCount >= p.Offset && len(answer.Results) < p.Limit {
			answer.Results = append(answer.Results, show(item))
		}
		p.TotalCount++
	}
	return ok(answer)
}
