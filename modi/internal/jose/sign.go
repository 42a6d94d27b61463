// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// Sign writes the compact JWS of payload. alg is added to the header members, which are
// written in alphabetical order. The private key may live elsewhere: only Public and
// Sign of the signer are called. Sign is safe for concurrent use as far as the signer
// is.
func Sign(a Algorithm, header map[string]any, payload []byte, signer crypto.Signer) (string, error) {
	if signer == nil {
		return "", errors.New("no signing key")
	}
	err := a.CheckKey(signer.Public())
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	members := jws.NewHeaders()
	for name, value := range header {
		err = members.Set(name, value)
		if err != nil {
			return "", fmt.Errorf("header member %s: %w", name, err)
		}
	}
	out, err := jws.Sign(payload, jws.WithKey(jwa.SignatureAlgorithm(a.Name), signer, jws.WithProtectedHeaders(members)))
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return string(out), nil
}
