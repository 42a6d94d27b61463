// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package segnatura

import (
	"context"
	"net/http"

	"github.com/snodo-pa/snodo/internal/outbound"
)

// Stream hands a request for a resource that is read as it comes on to the back end: no message with a segnatura is one.
func (r *receiver) Stream(ctx context.Context, req *http.Request) (*outbound.Stream, error) {
	behind, ok := r.next.(interface {
		Stream(ctx context.Context, req *http.Request) (*outbound.Stream, error)
	})
	if !ok {
		return nil, &outbound.Error{Reason: outbound.ReasonPrepare, Detail: "the back end hands nothing on as it comes"}
	}
	return behind.Stream(ctx, req)
}
