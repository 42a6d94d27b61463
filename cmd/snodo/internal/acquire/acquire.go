// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package acquire is an application of an ente: a client of the acquisition API that
// also verifies the provenance it is given.
//
// It owns the requests of the API as an application sees them. It depends on modi/token
// to verify the seal. It knows nothing of the hub's internals: it is what an application
// would be written like.
package acquire

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 8 << 20

// Client calls one hub with the key of one application. It is safe for concurrent use.
type Client struct {
	base string
	key  string
	http *http.Client
}

// Operator is who causes the acquisition.
type Operator struct {
	Tipo       string `json:"tipo"`
	UserID     string `json:"userID"`
	Postazione string `json:"postazione,omitempty"`
	LoA        string `json:"loa,omitempty"`
}

// Context says on whose behalf and why: everything else derives from it.
type Context struct {
	Ente         string   `json:"ente"`
	Procedimento string   `json:"procedimento"`
	Pratica      string   `json:"pratica"`
	Operatore    Operator `json:"operatore"`
}

// Request is one acquisition, or a verifica where Dichiarato is set.
type Request struct {
	Service, Operation string
	Context            Context
	Richiesta          json.RawMessage
	Dichiarato         json.RawMessage // what the person declared: verdicts alone come back
	IdempotencyKey     string
	Lang               string // of refusals: it, en; "" = the hub's choice
}

// Problem is a refusal, as RFC 9457 spells it.
type Problem struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail,omitempty"`
	Rule       string      `json:"rule,omitempty"`
	Exchange   string      `json:"scambio,omitempty"`
	Violations []Violation `json:"violations,omitempty"`
	// Raw is the whole document.
	Raw json.RawMessage `json:"-"`
}

// Violation is one place that breaks a rule.
type Violation struct {
	Rule     string `json:"rule"`
	Where    string `json:"where,omitempty"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
}

// Answer is what the hub said: data with their provenance, or a problem.
type Answer struct {
	Status      int             `json:"-"`
	RetryAfter  string          `json:"-"`
	Esito       string          `json:"esito,omitempty"`
	Dati        json.RawMessage `json:"dati,omitempty"`
	Avvisi      []string        `json:"avvisi,omitempty"`
	Provenienza json.RawMessage `json:"provenienza,omitempty"`
	Firma       string          `json:"firma,omitempty"`
	// Correlazione finds the answer later, where Esito is in_attesa; until Scade.
	Correlazione string    `json:"correlazione,omitempty"`
	Scade        time.Time `json:"scade,omitzero"`
	Problem      *Problem  `json:"-"`
	// Raw is the answer as it came.
	Raw json.RawMessage `json:"-"`
}

// New returns a client for the hub at base. ca names a PEM file with a private root to
// trust beside the system's, or is empty.
func New(base, key, ca string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, bilingual.Errorf("indirizzo %q: atteso http://host:porta o https://host:porta",
			"address %q: expected http://host:port or https://host:port", base)
	}
	transport := &http.Transport{Proxy: nil}
	if ca != "" {
		pem, err := os.ReadFile(ca) //nolint:gosec // the file the user names
		if err != nil {
			return nil, bilingual.Errorf("CA privata %s: %w", "private CA %s: %w", ca, errors.Unwrap(err))
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			return nil, bilingual.Errorf("radici del sistema: %w", "system roots: %w", err)
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, bilingual.Errorf("CA privata %s: nessun certificato in PEM", "private CA %s: no certificate in PEM", ca)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &Client{base: strings.TrimRight(base, "/"), key: key, http: &http.Client{Transport: transport}}, nil
}

// Acquire asks for data, or for verdicts on what was declared. An error means that no whole answer came; a refusal is an
// Answer with its Problem.
func (c *Client) Acquire(ctx context.Context, r Request) (*Answer, error) {
	body, err := json.Marshal(struct {
		Contesto   Context         `json:"contesto"`
		Richiesta  json.RawMessage `json:"richiesta"`
		Dichiarato json.RawMessage `json:"dichiarato,omitempty"`
	}{r.Context, r.Richiesta, r.Dichiarato})
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	kind := "/v1/acquisizioni/"
	if r.Dichiarato != nil {
		kind = "/v1/verifiche/"
	}
	target := c.base + kind + url.PathEscape(r.Service) + "/" + url.PathEscape(r.Operation)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, bilingual.Errorf("acquisizione: %w", "acquire: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.key)
	if r.Lang != "" {
		req.Header.Set("Accept-Language", r.Lang)
	}
	if r.IdempotencyKey != "" {
		req.Header.Set("Idempotency-Key", r.IdempotencyKey)
	}
	return c.answer(req)
}

// Later asks for an answer that comes later, by the correlazione of the acquisition.
func (c *Client) Later(ctx context.Context, correlazione string) (*Answer, error) {
	target := c.base + "/v1/acquisizioni/correlazioni/" + url.PathEscape(correlazione)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, bilingual.Errorf("acquisizione: %w", "acquire: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	return c.answer(req)
}

func (c *Client) answer(req *http.Request) (*Answer, error) {
	status, header, raw, err := c.send(req)
	if err != nil {
		return nil, bilingual.Errorf("acquisizione: %w", "acquire: %w", err)
	}
	answer := &Answer{Status: status, RetryAfter: header.Get("Retry-After"), Raw: raw}
	if status != http.StatusOK && status != http.StatusAccepted {
		answer.Problem, err = readProblem(status, raw)
		return answer, err
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return nil, bilingual.Errorf("acquisizione: la risposta non è JSON (%d byte)", "acquire: answer is not JSON (%d bytes)", len(raw))
	}
	return answer, nil
}

func readProblem(status int, raw []byte) (*Problem, error) {
	p := Problem{Raw: raw}
	if err := json.Unmarshal(raw, &p); err != nil || p.Title == "" {
		return nil, bilingual.Errorf("acquisizione: stato %d senza un documento di errore",
			"acquire: status %d without a problem document", status)
	}
	return &p, nil
}

func (c *Client) send(req *http.Request) (int, http.Header, []byte, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err // the address adds nothing and may hold what nobody should read
		}
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, nil, nil, bilingual.Errorf("lettura della risposta: %w", "read answer: %w", err)
	}
	return resp.StatusCode, resp.Header, raw, nil
}
