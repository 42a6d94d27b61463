// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package contract is the OpenAPI document of the listener applicazioni and the reading of requests against it.
//
// It owns the shape of an acquisition on the wire: what is served as /v1/openapi.json is what requests are held
// against, so that the two cannot drift. It depends on internal/schema and internal/problem and knows no router.
package contract

import (
	_ "embed" // the document
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
)

//go:embed openapi.yaml
var source []byte

// HeaderIdempotencyKey is the header of a request that may be repeated.
const HeaderIdempotencyKey = "Idempotency-Key"

// Contract is the compiled document. It is read-only and safe for concurrent use.
type Contract struct {
	document     *schema.Document
	acquisizione *schema.Operation
	verifica     *schema.Operation
	text         []byte
}

// Compile compiles the embedded document.
func Compile() (*Contract, error) {
	document, err := schema.Compile(source)
	if err != nil {
		return nil, err
	}
	match, err := document.Match(http.MethodPost, "/v1/acquisizioni/servizio/operazione")
	if err != nil {
		return nil, fmt.Errorf("acquisition: %w", err)
	}
	verifica, err := document.Match(http.MethodPost, "/v1/verifiche/servizio/operazione")
	if err != nil {
		return nil, fmt.Errorf("verification: %w", err)
	}
	text, err := schema.ToJSON(source)
	if err != nil {
		return nil, err
	}
	return &Contract{document: document, acquisizione: match.Operation, verifica: verifica.Operation, text: text}, nil
}

// JSON is the document as it is served.
func (c *Contract) JSON() []byte { return c.text }

// Document gives the compiled operations.
func (c *Contract) Document() *schema.Document { return c.document }

// Acquisition is the body of POST /v1/acquisizioni, and of POST /v1/verifiche with Dichiarato.
type Acquisition struct {
	Contesto  Contesto        `json:"contesto"`
	Richiesta json.RawMessage `json:"richiesta"`
	Decoded   any             `json:"-"` // richiesta as schema.ParseJSON read it

	Dichiarato json.RawMessage `json:"dichiarato"` // nil unless it is a verifica
}

// Contesto says why an acquisition is made.
type Contesto struct {
	Ente         string    `json:"ente"`
	Procedimento string    `json:"procedimento"`
	Pratica      string    `json:"pratica"`
	Operatore    Operatore `json:"operatore"`
}

// Operatore is who stands behind an acquisition.
type Operatore struct {
	Tipo       string `json:"tipo"`
	UserID     string `json:"userID"`
	Postazione string `json:"postazione"`
	LoA        string `json:"loa"`
}

// ReadAcquisition holds a request against the document and decodes its body. The error is a *problem.Error: 400 for
// JSON, fields and shape, 415 for the media type.
func (c *Contract) ReadAcquisition(r schema.Request) (Acquisition, error) {
	return read(c.acquisizione, r)
}

// ReadVerification does the same for POST /v1/verifiche, where dichiarato is always there.
func (c *Contract) ReadVerification(r schema.Request) (Acquisition, error) {
	return read(c.verifica, r)
}

func read(operation *schema.Operation, r schema.Request) (Acquisition, error) {
	if len(r.Header.Values(HeaderIdempotencyKey)) > 1 {
		return Acquisition{}, problem.New(problem.RuleIdempotencyKey)
	}
	value, err := operation.CheckRequest(r)
	if err != nil {
		return Acquisition{}, schema.Problem(err)
	}
	// The check has seen exact member names, each once: encoding/json cannot match any other.
	var a Acquisition
	if err := json.Unmarshal(r.Body, &a); err != nil {
		return Acquisition{}, problem.New(problem.RuleSchema)
	}
	if whole, ok := value.(map[string]any); ok {
		a.Decoded = whole["richiesta"]
	}
	return a, nil
}
