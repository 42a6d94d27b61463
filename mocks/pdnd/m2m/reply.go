// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// signedFor is the life of a signed reply.
const signedFor = 100 * time.Second

// reply is a whole answer. A nil body is none at all.
type reply struct {
	status      int
	contentType string
	body        []byte
	// reason is noted beside the recorded exchange.
	reason string
}

// ok answers 200 with a value as JSON, created 201, done 204.
func ok(value any) (reply, error)      { return encode(http.StatusOK, value) }
func created(value any) (reply, error) { return encode(http.StatusCreated, value) }
func done(err error) (reply, error)    { return reply{status: http.StatusNoContent}, err }

func encode(status int, value any) (reply, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return reply{}, err
	}
	return reply{status: status, contentType: "application/json", body: body}, nil
}

// problem is the platform's error document. It has the members of problem+json and
// travels as application/json.
type problem struct {
	Title         string         `json:"title"`
	Type          string         `json:"type"`
	Status        int            `json:"status"`
	Detail        string         `json:"detail"`
	Errors        []problemError `json:"errors"`
	CorrelationID string         `json:"correlationId"`
}

type problemError struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// failure turns an error into an answer. What is no [platform.Problem] is made generic,
// as the real API does.
func failure(v version, w http.ResponseWriter, err error) reply {
	var p *platform.Problem
	if !errors.As(err, &p) {
		p = &platform.Problem{Status: http.StatusInternalServerError, Code: "9991", Title: "Unexpected error", Detail: "Unexpected error"}
	}
	service := p.Service
	if service == "" {
		service = v.service
	}
	answer, errEncode := encode(p.Status, problem{
		Title: p.Title, Type: "about:blank", Status: p.Status, Detail: p.Detail,
		Errors:        []problemError{{Code: service + "-" + p.Code, Detail: p.Detail}},
		CorrelationID: w.Header().Get("X-Correlation-Id"),
	})
	if errEncode != nil {
		return reply{status: http.StatusInternalServerError}
	}
	answer.reason = service + "-" + p.Code + " " + p.Detail
	return answer
}

// send writes an answer, signed when the version signs.
func (a *API) send(w http.ResponseWriter, r *http.Request, v version, clientID string, answer reply) {
	if answer.reason != "" {
		host.Refused(r.Context(), answer.reason)
	}
	h := w.Header()
	if answer.contentType != "" {
		h.Set("Content-Type", answer.contentType)
	}
	if v.signed {
		if err := a.sign(r, h, clientID, answer); err != nil {
			http.Error(w, "the reply cannot be signed", http.StatusInternalServerError)
			return
		}
	}
	if answer.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(answer.body)))
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body) // the client may have left
}

// signature is the payload of Agid-JWT-Signature on a reply of v3: no aud, sub or nbf.
type signature struct {
	Jti           string              `json:"jti"`
	Iss           string              `json:"iss"`
	Iat           int64               `json:"iat"`
	Exp           int64               `json:"exp"`
	SignedHeaders []map[string]string `json:"signed_headers"`
	ClientID      string              `json:"client_id,omitempty"`
}

// sign sets Digest and Agid-JWT-Signature over the bytes to be sent, or spoils them when
// a fault asks for it.
func (a *API) sign(r *http.Request, h http.Header, clientID string, answer reply) error {
	digest := rules.Digest(answer.body)
	if faults.Is(r.Context(), faults.WrongDigest) {
		digest = rules.Digest([]byte("something else"))
	}
	signed := []map[string]string{{"digest": digest}, {"x-correlation-id": h.Get("X-Correlation-Id")}}
	if answer.contentType != "" {
		signed = append(signed, map[string]string{"content-type": answer.contentType})
	}
	jti, err := rules.UUID(a.Rand)
	if err != nil {
		return err
	}
	now := a.Clock()
	token, err := a.Sign(signature{
		Jti: jti, Iss: a.Issuer, Iat: now.Unix(), Exp: now.Add(signedFor).Unix(), SignedHeaders: signed, ClientID: clientID,
	})
	if err != nil {
		return err
	}
	h.Set("Digest", digest)
	switch {
	case faults.Is(r.Context(), faults.Unsigned):
	case faults.Is(r.Context(), faults.BadSignature):
		h.Set("Agid-JWT-Signature", spoil(token))
	default:
		h.Set("Agid-JWT-Signature", token)
	}
	return nil
}

// spoil changes a character in the middle of the signature.
func spoil(token string) string {
	b := []byte(token)
	at := len(b) - 100
	if b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
	return string(b)
}
