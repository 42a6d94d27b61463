// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // registers SHA-256 for Digest
	_ "crypto/sha512" // registers SHA-384 and SHA-512 for Digest
	"fmt"
	"io"
)

// Body is a message body whose length and digest are known before it is forwarded.
// Open may be called more than once; every reader starts at the first byte.
// Implementations are safe for concurrent use.
type Body interface {
	// Len returns the number of bytes, as they are on the wire.
	Len() int64
	// Digest hashes the bytes with SHA-256, SHA-384 or SHA-512. Any error means that
	// the digest is not known, never that the body is wrong.
	Digest(alg crypto.Hash) ([]byte, error)
	// Open returns a reader at the first byte; the caller closes it.
	Open() (io.ReadCloser, error)
}

// Bytes is a Body held in memory. The caller must not change it any more.
type Bytes []byte

var _ Body = Bytes(nil)

// Len returns the number of bytes.
func (b Bytes) Len() int64 { return int64(len(b)) }

// Digest hashes the bytes. It fails for an algorithm other than SHA-256, 384, 512.
func (b Bytes) Digest(alg crypto.Hash) ([]byte, error) {
	switch alg {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512:
		h := alg.New()
		h.Write(b)
		return h.Sum(nil), nil
	default:
		return nil, fmt.Errorf("digest algorithm %v is not one of SHA-256, SHA-384, SHA-512", alg)
	}
}

// Open returns a reader over the bytes.
func (b Bytes) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
