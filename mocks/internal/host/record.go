// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/record"
)

// maxRequest bounds the body of a request to a mock that does not stream, in bytes.
const maxRequest = 10 << 20

// tokenHeaders are the headers that carry a JWS, by the names their tokens are kept under.
func tokenHeaders() []string {
	return []string{"Authorization", "DPoP", "Agid-Jwt-Signature", "Agid-Jwt-Trackingevidence"}
}

type refusalKey struct{}

// Refused notes the true reason of a refusal beside the recorded exchange. It never
// reaches the wire.
func Refused(ctx context.Context, reason string) {
	if note, ok := ctx.Value(refusalKey{}).(*string); ok {
		*note = reason
	}
}

// read reads the body of the request once, for everybody below: all of it, or of one that streams what is recorded.
func (h *Host) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	bounded := http.MaxBytesReader(w, r.Body, h.most)
	if !h.streams {
		body, err := io.ReadAll(bounded)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(bounded, record.MaxBody))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), bounded), bounded}
	return body, err
}

// Unread answers a request whose body could not be read, and says the limit to who went beyond it.
func Unread(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		http.Error(w, fmt.Sprintf("Il corpo supera i %[1]d MiB che questa simulazione accetta. / The body is larger than the %[1]d MiB that this mock takes.", large.Limit>>20),
			http.StatusRequestEntityTooLarge)
		return
	}
	http.Error(w, "Il corpo non è arrivato intero. / The body has not come whole.", http.StatusBadRequest)
}

// record keeps the exchange.
func (h *Host) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := h.read(w, r)
		if err != nil {
			Unread(w, err)
			return
		}
		if h.blind.Load() {
			next.ServeHTTP(w, r)
			return
		}
		reason := new(string)
		tee := &recorder{ResponseWriter: w}
		at := h.clock()
		next.ServeHTTP(tee, r.WithContext(context.WithValue(r.Context(), refusalKey{}, reason)))
		requestTokens := headerTokens(r.Header)
		if kept, ok := formTokens(r, body); ok {
			requestTokens = append(requestTokens, kept...)
			body = nil // a form with an assertion in it
		}
		h.ring.Add(record.Exchange{
			At:             at,
			Method:         r.Method,
			Path:           r.URL.Path,
			RequestHeader:  plainHeaders(r.Header),
			RequestTokens:  requestTokens,
			RequestBody:    cut(body),
			Status:         tee.status,
			ResponseHeader: plainHeaders(tee.Header()),
			ResponseTokens: append(headerTokens(tee.Header()), answerToken(tee.body.Bytes())...),
			ResponseBody:   withoutToken(tee.body.Bytes()),
			Refusal:        *reason,
		})
	})
}

func headerTokens(h http.Header) []record.Token {
	var tokens []record.Token
	for _, name := range tokenHeaders() {
		for _, value := range h.Values(name) {
			if i := strings.LastIndexByte(value, ' '); i >= 0 {
				value = value[i+1:]
			}
			tokens = appendToken(tokens, name, value)
		}
	}
	return tokens
}

func formTokens(r *http.Request, body []byte) ([]record.Token, bool) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil, false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, false
	}
	return appendToken(nil, "client_assertion", form.Get("client_assertion")), true
}

func answerToken(body []byte) []record.Token {
	object, err := rules.DecodeObject(body)
	if err != nil {
		return nil
	}
	text, _ := rules.Members(object).String("access_token")
	return appendToken(nil, "access_token", text)
}

func withoutToken(body []byte) []byte {
	if bytes.Contains(body, []byte(`"access_token"`)) {
		return nil
	}
	return cut(body)
}

func appendToken(tokens []record.Token, name, compact string) []record.Token {
	t, err := rules.Parse(compact)
	if err != nil {
		return tokens
	}
	return append(tokens, record.Token{Name: name, Header: t.Header, Payload: t.Claims})
}

func plainHeaders(h http.Header) http.Header {
	plain := h.Clone()
	for _, name := range tokenHeaders() {
		plain.Del(name)
	}
	return plain
}

func cut(body []byte) []byte {
	return slices.Clone(body[:min(len(body), record.MaxBody)])
}

// recorder keeps the status and the start of the answer; the status stays 0 when nothing
// was sent. It lets the response controller reach the connection below.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if room := record.MaxBody - r.body.Len(); room > 0 {
		r.body.Write(p[:min(len(p), room)])
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap gives [http.ResponseController] the writer below.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
