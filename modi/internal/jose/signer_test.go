// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"crypto"
	"errors"
	"io"
)

var errToken = errors.New("token removed")

// failing is a key whose device has gone.
type failing struct{ crypto.Signer }

// Sign fails.
func (failing) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errToken }
