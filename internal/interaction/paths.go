// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/schema"
)

// paths finds the operation of a request to a back end.
type paths struct {
	base     string // path of the back end's URL
	document *schema.Document
}

func pathsOf(o Offer) (paths, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return paths{}, errors.New("interaction: the back end has no URL")
	}
	document, err := schema.Compile(o.Recipe.Document)
	if err != nil {
		return paths{}, fmt.Errorf("interaction: %w", err)
	}
	return paths{base: strings.TrimSuffix(u.EscapedPath(), "/"), document: document}, nil
}

func (p paths) below(target string) string { return strings.TrimPrefix(target, p.base) }

func (p paths) match(req *http.Request) (m schema.Match, path string, err error) {
	path = p.below(req.URL.EscapedPath())
	m, err = p.document.Match(req.Method, path)
	return m, path, err
}

// readBody reads what the pipeline has bounded before.
func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }() // it was read to its end
	return io.ReadAll(req.Body)
}

// says is a body in the form of the guideline's examples.
func says(status, words, id, href string) map[string]string {
	m := map[string]string{"status": status, "message": words, "id": id}
	if href != "" {
		m["href"] = href
	}
	return m
}

// fitting gives an answer the body that the document has for it, if it has one.
func fitting(match schema.Match, answer *outbound.Response, members map[string]string) *outbound.Response {
	if match.CheckResponse(answer.Status, answer.Header, nil) == nil {
		return answer
	}
	header := answer.Header.Clone()
	header.Set("Content-Type", "application/json")
	for _, names := range [][]string{{"status", "message", "id", "href"}, {"status", "message", "id"}, {"status", "message"}, {"status"}} {
		some := map[string]string{}
		for _, name := range names {
			if members[name] != "" {
				some[name] = members[name]
			}
		}
		body, err := json.Marshal(some)
		if err == nil && match.CheckResponse(answer.Status, header, body) == nil {
			return &outbound.Response{Status: answer.Status, Header: header, Body: body}
		}
	}
	return answer // the pipeline tells that the document and the hub do not agree
}
