// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// readProof checks the optional DPoP header: structure first, then the signature. It
// returns nil without a refusal when there is no header.
func (s *Server) readProof(r *http.Request, now time.Time) (*rules.Proof, *Refusal) {
	values := r.Header.Values("DPoP")
	if len(values) == 0 {
		return nil, nil
	}
	if len(values) > 1 || strings.Contains(values[0], ",") {
		return nil, refuse(StageProof, Reason{"0022", "multipleDPoPProofs", "more than one DPoP proof"})
	}
	proof, fault := rules.ParseProof(values[0], http.MethodPost, s.Profile().DPoPHTU, "", now)
	if fault != nil {
		return nil, refuse(StageProof, reasonOf(fault))
	}
	if proof.Token.Verify(proof.Key) != nil {
		return nil, refuse(StageProofSignature, Reason{"0019", "invalidDPoPSignature", "the proof does not verify with its own key"})
	}
	return proof, nil
}
