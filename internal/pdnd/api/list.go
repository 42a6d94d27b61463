// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

const (
	pageSize  = 50     // the most the platform gives at once
	maxItems  = 50_000 // of one list: beyond, something is wrong
	maxSweeps = 3      // readings of a list that shifts meanwhile
)

// page is one page of a list, as the platform wraps it.
type page[T any] struct {
	Results    []T `json:"results"`
	Pagination struct {
		TotalCount int `json:"totalCount"`
	} `json:"pagination"`
}

// list reads a whole list. Pages are cut by position, so that what is added or removed
// meanwhile would be read twice or missed: every page begins with the last item of the one
// before, and the count must not change. A list that shifts is read again; one that never
// stands still is a "don't know".
func list[T any](ctx context.Context, c *Client, path string, query url.Values, id func(T) string) ([]T, error) {
	for range maxSweeps {
		items, still, err := sweep(ctx, c, path, query, id)
		if err != nil {
			return nil, err
		}
		if still {
			return items, nil
		}
	}
	return nil, &registry.Fault{Kind: registry.ErrPDND, Text: textShifting()}
}

// sweep reads a list once; still is false when it shifted under the reading.
func sweep[T any](ctx context.Context, c *Client, path string, query url.Values, id func(T) string) (items []T, still bool, err error) {
	seen := make(map[string]bool)
	total := -1
	for {
		offset := max(0, len(items)-1)
		got, err := get[page[T]](ctx, c, path, paged(query, offset))
		if err != nil {
			return nil, false, err
		}
		results := got.Results
		if total < 0 {
			total = got.Pagination.TotalCount
		} else if len(results) == 0 || id(results[0]) != id(items[offset]) || total != got.Pagination.TotalCount {
			return nil, false, nil
		} else {
			results = results[1:]
		}
		for _, item := range results {
			if seen[id(item)] {
				return nil, false, nil
			}
			seen[id(item)] = true
			items = append(items, item)
		}
		switch {
		case len(items) >= total || len(items) > maxItems:
			return items, len(items) == total, nil
		case len(results) == 0:
			return nil, false, nil // a page that ends before its count
		}
	}
}

func paged(query url.Values, offset int) url.Values {
	out := make(url.Values, len(query)+2)
	for name, values := range query {
		out[name] = values
	}
	out.Set("offset", strconv.Itoa(offset))
	out.Set("limit", strconv.Itoa(pageSize))
	return out
}

// filter builds the query of a list. Lists of values are comma-joined, as the platform
// wants them; empty filters are left out.
type filter struct{ values url.Values }

func newFilter() filter { return filter{make(url.Values)} }

func (f filter) one(name, value string) {
	if value != "" {
		f.values.Set(name, value)
	}
}

func (f filter) flag(name string, value *bool) {
	if value != nil {
		f.values.Set(name, strconv.FormatBool(*value))
	}
}

func many[S ~string](f filter, name string, values []S) {
	if len(values) == 0 {
		return
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	f.values.Set(name, strings.Join(texts, ","))
}

func textShifting() modi.Text {
	return modi.Text{
		IT: "l'elenco di PDND cambia mentre viene letto: riprovare",
		EN: "the list of PDND changes while it is read: try again",
	}
}
