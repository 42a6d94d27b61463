// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
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
	if err := a.CheckKey(signer.Public()); err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	members, err := encodeHeader(a, header)
	if err != nil {
		return "", err
	}
	s, err := jws.NewSigner(jwa.SignatureAlgorithm(a.Name))
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	enc := base64.RawURLEncoding
	out := make([]byte, 0, enc.EncodedLen(len(members))+enc.EncodedLen(len(payload))+enc.EncodedLen(maxSignature)+2)
	out = append(enc.AppendEncode(out, members), '.')
	out = enc.AppendEncode(out, payload)
	signature, err := s.Sign(out, signer)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return string(enc.AppendEncode(append(out, '.'), signature)), nil
}

// maxSignature is the size of a signature by the largest RSA key, to reserve room for.
const maxSignature = MaxRSABits / 8

// encodeHeader writes the JOSE header with alg. The members of a map come out in
// alphabetical order.
func encodeHeader(a Algorithm, header map[string]any) ([]byte, error) {
	members := make(map[string]any, len(header)+1)
	for name, value := range header {
		_, text := value.(string)
		switch {
		case name == "alg":
			return nil, errors.New("header member alg is the algorithm's")
		case !text && (name == "kid" || name == "typ"):
			return nil, fmt.Errorf("header member %s is not a string", name)
		}
		members[name] = value
	}
	members["alg"] = a.Name
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(members); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
