// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// publishedKey is a JWK of the set. D is set only when the set is poisoned on demand, to
// bytes that are no key.
type publishedKey struct {
	rules.JWK
	D string `json:"d,omitempty"`
}

// jwks serves GET /.well-known/jwks.json, poisoned when a fault asks for it.
func (s *Server) jwks(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	keys := make([]publishedKey, 0, len(s.signing)+1)
	for _, k := range s.signing {
		keys = append(keys, publishedKey{JWK: rules.RSAJWK(&k.key.PublicKey, k.kid)})
	}
	s.mu.RUnlock()
	if f, ok := faults.From(r.Context()); ok {
		var err error
		if keys, err = s.poison(f.Kind, keys); err != nil {
			http.Error(w, "no randomness", http.StatusInternalServerError)
			return
		}
	}
	host.JSON(w, http.StatusOK, "application/json", map[string]any{"keys": keys})
}

func (s *Server) poison(kind faults.Kind, keys []publishedKey) ([]publishedKey, error) {
	noise := make([]byte, 256)
	if _, err := io.ReadFull(s.opts.Rand, noise); err != nil {
		return nil, err
	}
	noise[0] |= 0x80
	noise[255] |= 1
	enc := base64.RawURLEncoding
	switch kind {
	case faults.JWKSDuplicateKid:
		twin := keys[0]
		twin.N = enc.EncodeToString(noise)
		return append(keys, twin), nil
	case faults.JWKSSmallKey:
		small := keys[0]
		small.Kid = "small-" + small.Kid
		noise[127] |= 1
		small.N = enc.EncodeToString(noise[:128])
		return append(keys, small), nil
	case faults.JWKSPrivateMember:
		keys[0].D = enc.EncodeToString(noise)
		return keys, nil
	case faults.JWKSHuge:
		huge := keys[0]
		huge.Kid = strings.Repeat("A", 5<<20)
		return append(keys, huge), nil
	default: // a fault of another endpoint
		return keys, nil
	}
}
