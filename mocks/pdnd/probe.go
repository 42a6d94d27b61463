// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"

	"github.com/snodo-pa/snodo/mocks/pdnd/probing"
)

// Probe calls the status operation of an e-service as PagoPA's prober does, with the
// reduced token signed by a key of this platform.
func (s *Server) Probe(ctx context.Context, r probing.Request) probing.Result {
	prober := probing.Prober{Sign: s.sign, Issuer: s.opts.Issuer, Clock: s.opts.Clock, Rand: s.opts.Rand}
	return prober.Probe(ctx, r)
}
