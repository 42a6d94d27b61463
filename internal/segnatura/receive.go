// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package segnatura

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// The anomaly that the receiving AOO tells when a file is not the one that was protocolled (AgID, allegato 6).
const anomaliaImpronte = "002_AnomaliaImpronte"

// receiver stands before the protocol system of an ente.
type receiver struct {
	next     gateway.Doer
	document *schema.Document
	base     string          // path of the back end, before that of an operation
	checked  map[string]bool // operations whose message has a segnatura
	ente     string          // codice IPA
}

// Receive puts the check of the segnatura before the back end of an e-service, for the operations whose recipe says
// check: segnatura-3.0. A message whose segnatura is not of the structure, or is for somebody else, is refused with 422; one whose
// files are not those that were protocolled is answered with the anomaly that AgID foresees. The protocol system sees neither.
// backEnd is the address of the back end. It is nil-safe: without such operations next is returned.
func Receive(next gateway.Doer, recipe *registry.Exposure, ente, backEnd string) (gateway.Doer, error) {
	r := &receiver{next: next, checked: map[string]bool{}, ente: ente}
	for id, op := range recipe.Operations {
		if op.Check == registry.CheckSegnatura {
			r.checked[id] = true
		}
	}
	if len(r.checked) == 0 {
		return next, nil
	}
	u, err := url.Parse(backEnd)
	if err != nil {
		return nil, fmt.Errorf("back end: %w", err)
	}
	r.base = strings.TrimRight(u.EscapedPath(), "/")
	r.document, err = schema.Compile(recipe.Document)
	return r, err
}

// message is the part of a request that is looked at.
type message struct {
	segnatura []byte
	files     []File
}

// readMessage reads a message as the OpenAPI document was held against it: by the exact names of its members, each once.
// encoding/json would take a member SEGNATURA for the one that the protocol system reads as segnatura. It is false for a
// body that is not of the document.
func readMessage(body []byte) (m message, ok bool) {
	value, err := schema.ParseJSON(body)
	if err != nil {
		return m, false
	}
	root, ok := value.(map[string]any)
	if !ok {
		return m, false
	}
	if m.segnatura, ok = base64Of(root["segnatura"]); !ok {
		return m, false
	}
	list, listed := root["file"].([]any)
	if !listed && root["file"] != nil {
		return m, false
	}
	for _, item := range list {
		file, _ := item.(map[string]any)
		name, named := file["nome_file"].(string)
		content, read := base64Of(file["contenuto"])
		if !named || !read {
			return m, false
		}
		m.files = append(m.files, File{Name: name, Content: content})
	}
	return m, true
}

// base64Of reads a text in base64.
func base64Of(value any) ([]byte, bool) {
	text, ok := value.(string)
	if !ok {
		return nil, false
	}
	content, err := base64.StdEncoding.DecodeString(text)
	return content, err == nil
}

// Do hands on a message that holds together.
func (r *receiver) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	match, err := r.document.Match(req.Method, strings.TrimPrefix(req.URL.EscapedPath(), r.base))
	if err != nil || !r.checked[match.ID] || req.Body == nil {
		return r.next.Do(ctx, req, x)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	m, ok := readMessage(body)
	if !ok {
		return refuse([]Fault{{Place: "/segnatura"}})
	}
	s, faults := Parse(m.segnatura)
	if len(faults) == 0 && len(s.Destinatari) > 0 && !slices.ContainsFunc(s.Destinatari, func(code string) bool { return strings.EqualFold(code, r.ente) }) {
		c := &checker{}
		c.fault("/SegnaturaInformatica/Descrizione/Destinatario", "il messaggio non è per questo ente", "the message is not for this ente")
		faults = c.faults
	}
	if len(faults) > 0 {
		return refuse(faults)
	}
	if faults := s.CheckFiles(m.files); len(faults) > 0 {
		return answer(http.StatusOK, "application/json", map[string]any{
			"identificatore_mittente": s.Identificatore,
			"anomalia":                map[string]string{"codice": anomaliaImpronte, "info": faults[0].Place + ": " + faults[0].Text.IT},
		})
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return r.next.Do(ctx, req, x)
}

// refuse tells what is wrong with a segnatura.
func refuse(faults []Fault) (*outbound.Response, error) {
	violations := make([]map[string]string, 0, len(faults))
	for _, f := range faults {
		violations = append(violations, map[string]string{"where": f.Place, "detail": f.Text.IT})
	}
	return answer(http.StatusUnprocessableEntity, problem.MediaType, map[string]any{
		"type": "about:blank", "title": "La segnatura non è valida", "status": http.StatusUnprocessableEntity,
		"detail":     fmt.Sprintf("%s: %s", faults[0].Place, faults[0].Text.IT),
		"violations": violations,
	})
}

func answer(status int, media string, v any) (*outbound.Response, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &outbound.Response{Status: status, Header: http.Header{"Content-Type": {media}}, Body: body}, nil
}
