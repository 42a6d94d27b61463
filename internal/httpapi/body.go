// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
)

// readBody reads a whole body within the limit of the listener: see readUpTo.
func (a *API) readBody(c *gin.Context) ([]byte, error) { return a.readUpTo(c, a.maxBody) }

// readUpTo reads a whole body within a limit: 413 beyond it, told before reading when the length is announced, 400
// when it ends early or its framing breaks, 408 when it does not come in time, 503 when there is no room for it beside
// the bodies of other requests, or of those of one of its holders.
func (a *API) readUpTo(c *gin.Context, most int64, holders ...string) ([]byte, error) {
	if c.Request.ContentLength > most {
		return nil, tooLarge(most)
	}
	r := requestOf(c)
	need := c.Request.ContentLength
	if need < 0 {
		need = most // not announced
	}
	if err := r.book(need, holders...); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, most))
	r.settle(int64(len(body)))
	var big *http.MaxBytesError
	switch {
	case err == nil:
		return body, nil
	case errors.As(err, &big):
		return nil, tooLarge(most)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, problem.New(problem.RuleBodyTimeout)
	default:
		return nil, problem.New(problem.RuleIncompleteBody)
	}
}

func tooLarge(most int64) error {
	return problem.Newf(problem.RuleTooLarge,
		fmt.Sprintf("Il limite è di %d byte.", most), fmt.Sprintf("The limit is %d bytes.", most))
}

// wantJSON checks the media type of a body: JSON in UTF-8, not encoded.
func wantJSON(h http.Header) error {
	if media, readable := schema.MediaType(h); !readable || media != mediaJSON {
		return problem.Newf(problem.RuleMediaType, "Formato atteso: "+mediaJSON+".", "Expected media type: "+mediaJSON+".")
	}
	return nil
}
