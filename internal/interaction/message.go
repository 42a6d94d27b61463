// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/problem"
)

// message is what a request or an answer keeps while nobody waits for it.
type message struct {
	Method  string      `json:"method,omitempty"`
	Path    string      `json:"path,omitempty"` // below the back end, with its query
	Status  int         `json:"status,omitempty"`
	Header  http.Header `json:"header,omitempty"`
	Body    []byte      `json:"body,omitempty"`
	ReplyTo string      `json:"replyTo,omitempty"`
}

// keptHeaders are those of an answer that reach who asked.
func keptHeaders(h http.Header) http.Header {
	out := http.Header{}
	for _, name := range []string{"Content-Type", "Content-Language", "Etag", "Last-Modified"} {
		if v := h.Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

// sealContext ties a box to its interaction and to what it is of it.
func sealContext(what, id string) []byte { return []byte("interazione|" + what + "|" + id) }

func sealed(s *seal.Sealer, what, id string, v any) (box seal.Box, err error) {
	text, err := json.Marshal(v)
	if err == nil {
		box, err = s.Seal(sealContext(what, id), text)
	}
	if err != nil {
		return box, fmt.Errorf("interaction: seal: %w", err)
	}
	return box, nil
}

func opened(s *seal.Sealer, what, id string, box seal.Box, v any) error {
	text, err := s.Open(sealContext(what, id), box)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return problem.New(problem.RuleStore).Because(fmt.Errorf("interaction: open what is kept: %w", err))
	}
	return nil
}
