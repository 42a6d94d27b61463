// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package seal encrypts records that may have to be erased one by one.
//
// Every record is encrypted under a data key of its own, and only the data key is encrypted ("wrapped") under the
// master key: to destroy the wrapped key is to destroy the record, in every copy of the database (design D9). The
// package depends on the standard library only. It never reads a file, stores a key or logs.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// MasterKeySize is the length of a master key, in bytes.
const MasterKeySize = 32

const (
	formatV1     = 1
	keyIDSize    = 8
	nonceSize    = 12
	dataKeySize  = 32
	tagSize      = 16
	wrappedStart = 1 + keyIDSize + nonceSize
	wrappedSize  = wrappedStart + dataKeySize + tagSize
)

// Overhead is by how many bytes the data of a box are longer than the record.
const Overhead = tagSize

// ErrOtherKey means that a box was sealed under another master key: the right one may still open it.
var ErrOtherKey = errors.New("sealed under another master key")

// ErrForged means that a box, or the context it is opened in, is not what was sealed.
var ErrForged = errors.New("sealed box does not authenticate")

// A Box is one sealed record. Key is its data key, wrapped; Data is the record. Without Key, Data cannot be read by
// anyone, the holder of the master key included.
type Box struct {
	Key  []byte
	Data []byte
}

// A Sealer seals and opens boxes, and derives lookup indexes, under one master key. It is safe for concurrent use when
// its source of randomness is.
type Sealer struct {
	wrap  cipher.AEAD
	index []byte
	keyID [keyIDSize]byte
	rand  io.Reader
}

// New returns a Sealer for a master key of [MasterKeySize] bytes. The keys in use are derived from it with HKDF-SHA256
// (RFC 5869), one per use, so that the lookup index says nothing about the encryption keys. random must be a
// cryptographic source, in production crypto/rand.Reader.
func New(master []byte, random io.Reader) (*Sealer, error) {
	if len(master) != MasterKeySize {
		return nil, fmt.Errorf("master key: %d bytes, want %d", len(master), MasterKeySize)
	}
	if random == nil {
		return nil, errors.New("master key: no source of randomness")
	}
	s := &Sealer{rand: random}
	wrapKey, err := hkdf.Key(sha256.New, master, nil, "snodo seal v1 wrap", dataKeySize)
	if err != nil {
		return nil, fmt.Errorf("derive wrapping key: %w", err)
	}
	if s.wrap, err = newGCM(wrapKey); err != nil {
		return nil, fmt.Errorf("derive wrapping key: %w", err)
	}
	if s.index, err = hkdf.Key(sha256.New, master, nil, "snodo seal v1 index", sha256.Size); err != nil {
		return nil, fmt.Errorf("derive index key: %w", err)
	}
	id, err := hkdf.Key(sha256.New, master, nil, "snodo seal v1 id", keyIDSize)
	if err != nil {
		return nil, fmt.Errorf("derive key id: %w", err)
	}
	copy(s.keyID[:], id)
	return s, nil
}

// Seal encrypts plaintext under a fresh data key with AES-256-GCM. The box opens only with the same aad, which names
// what the record belongs to, so that a box moved to another record is refused.
//
// A data key encrypts one record only, therefore the record's nonce is constant; the wrapping nonce is random, which
// holds for 2^32 records per master key (NIST SP 800-38D, 8.3).
func (s *Sealer) Seal(aad, plaintext []byte) (Box, error) { return s.seal(nil, aad, plaintext) }

// SealOver is Seal that writes the box over the plaintext, which is gone when it returns, where there is room for
// [Overhead] more bytes behind it.
func (s *Sealer) SealOver(aad, plaintext []byte) (Box, error) {
	return s.seal(plaintext[:0], aad, plaintext)
}

func (s *Sealer) seal(to, aad, plaintext []byte) (Box, error) {
	var secret [nonceSize + dataKeySize]byte
	if _, err := io.ReadFull(s.rand, secret[:]); err != nil {
		return Box{}, fmt.Errorf("draw data key: %w", err)
	}
	nonce, dataKey := secret[:nonceSize], secret[nonceSize:]
	body, err := newGCM(dataKey)
	if err != nil {
		return Box{}, fmt.Errorf("data key: %w", err)
	}
	key := make([]byte, 0, wrappedSize)
	key = append(key, formatV1)
	key = append(key, s.keyID[:]...)
	key = append(key, nonce...)
	key = s.wrap.Seal(key, nonce, dataKey, aad)
	return Box{Key: key, Data: body.Seal(to, make([]byte, nonceSize), plaintext, aad)}, nil
}

// Open decrypts a box sealed with the same aad. The error wraps [ErrOtherKey] or [ErrForged].
func (s *Sealer) Open(aad []byte, b Box) ([]byte, error) {
	if len(b.Key) != wrappedSize || b.Key[0] != formatV1 {
		return nil, fmt.Errorf("%w: unknown format", ErrForged)
	}
	if subtle.ConstantTimeCompare(b.Key[1:1+keyIDSize], s.keyID[:]) != 1 {
		return nil, ErrOtherKey
	}
	dataKey, err := s.wrap.Open(nil, b.Key[1+keyIDSize:wrappedStart], b.Key[wrappedStart:], aad)
	if err != nil {
		return nil, fmt.Errorf("%w: data key", ErrForged)
	}
	body, err := newGCM(dataKey)
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	plaintext, err := body.Open(nil, make([]byte, nonceSize), b.Data, aad)
	if err != nil {
		return nil, fmt.Errorf("%w: record", ErrForged)
	}
	return plaintext, nil
}

// Index returns HMAC-SHA256(index key, scope, value): what a record is looked up by when the value itself must not be
// stored. Two scopes give unrelated indexes for one value.
func (s *Sealer) Index(scope, value string) []byte {
	m := hmac.New(sha256.New, s.index)
	// Writing to a hash never fails. The NUL keeps ("a", "bc") apart from ("ab", "c").
	_, _ = io.WriteString(m, scope+"\x00"+value)
	return m.Sum(nil)
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
