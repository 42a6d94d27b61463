// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package host

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/record"
)

// TestABodyThatStreamsIsBoundedAndKeptInPartOnly: the limit is told to who goes beyond it.
func TestABodyThatStreamsIsBoundedAndKeptInPartOnly(t *testing.T) {
	const most = 2 << 20
	var came int64
	h := NewStreaming(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if came, err = io.Copy(io.Discard, r.Body); err != nil {
			Unread(w, err)
		}
	}), most, time.Now)
	for length, status := range map[int64]int{0: http.StatusOK, 26: http.StatusOK, most: http.StatusOK, most + 1: http.StatusRequestEntityTooLarge} {
		h.ResetRequests()
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", io.LimitReader(zeros{}, length)))
		if w.Code != status || status == http.StatusOK && came != length {
			t.Errorf("%d bytes: %d, %d came", length, w.Code, came)
		}
		if status != http.StatusOK && !strings.HasPrefix(w.Body.String(), "Il corpo supera i 2 MiB") {
			t.Errorf("said: %s", w.Body)
		}
		if kept := h.Requests()[0].RequestBody; int64(len(kept)) != min(length, record.MaxBody) {
			t.Errorf("%d bytes: %d kept", length, len(kept))
		}
	}
}

// TestABodyThatBreaksOffIsNotTooLarge: no and don't know are different errors.
func TestABodyThatBreaksOffIsNotTooLarge(t *testing.T) {
	w := httptest.NewRecorder()
	Unread(w, io.ErrUnexpectedEOF)
	if w.Code != http.StatusBadRequest {
		t.Errorf("%d", w.Code)
	}
}
