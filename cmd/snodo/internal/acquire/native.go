// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package acquire

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// NativeRequest is one request in the registry's own form.
type NativeRequest struct {
	Service string
	Context Context
	Method  string
	Path    string // below the service, escaped, with its query
	Type    string // Content-Type of Body
	Body    []byte // nil = none
	Lang    string // of refusals of the hub
}

// NativeAnswer is what came back: the registry's own answer, an error of its own
// included, or a refusal of the hub.
type NativeAnswer struct {
	Status     int      `json:"stato"`
	Type       string   `json:"tipo,omitempty"`
	Exchange   string   `json:"scambio,omitempty"`
	RetryAfter string   `json:"-"`
	Body       []byte   `json:"-"`
	Problem    *Problem `json:"-"` // set for a refusal of the hub
}

// Native makes one call through the hub. An error means that no whole answer came.
func (c *Client) Native(ctx context.Context, r NativeRequest) (*NativeAnswer, error) {
	target := c.base + "/v1/fruizioni/" + url.PathEscape(r.Context.Ente) + "/" + url.PathEscape(r.Service) + "/" + strings.TrimPrefix(r.Path, "/")
	req, err := http.NewRequestWithContext(ctx, r.Method, target, bytes.NewReader(r.Body))
	if err != nil { // the text of the error may repeat the path
		return nil, bilingual.Errorf("chiamata nativa: metodo o percorso illeggibile", "native call: method or path cannot be read")
	}
	for name, value := range map[string]string{
		"Snodo-Procedimento": r.Context.Procedimento, "Snodo-Pratica": r.Context.Pratica,
		"Snodo-Operatore": r.Context.Operatore.UserID, "Snodo-Operatore-Tipo": r.Context.Operatore.Tipo,
		"Snodo-Postazione": r.Context.Operatore.Postazione, "Snodo-LoA": r.Context.Operatore.LoA,
	} {
		if value != "" {
			req.Header.Set(name, url.PathEscape(value))
		}
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if r.Lang != "" {
		req.Header.Set("Accept-Language", r.Lang)
	}
	if len(r.Body) > 0 {
		req.Header.Set("Content-Type", r.Type)
	}
	status, header, raw, err := c.send(req)
	if err != nil {
		return nil, bilingual.Errorf("chiamata nativa: %w", "native call: %w", err)
	}
	a := &NativeAnswer{
		Status: status, Type: header.Get("Content-Type"), Exchange: header.Get("Snodo-Scambio"), RetryAfter: header.Get("Retry-After"), Body: raw,
	}
	// The hub names its environment on the registry's answers alone.
	if header.Get("Snodo-Ambiente") == "" {
		if a.Problem, err = readProblem(status, raw); err != nil {
			return nil, fmt.Errorf("%w", err)
		}
	}
	return a, nil
}
