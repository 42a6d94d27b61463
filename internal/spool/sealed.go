// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package spool

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// piece is how much is encrypted together; keySize makes it AES-256.
const (
	piece   = 64 << 10
	keySize = 32
)

// sealed is a file without a name, of encrypted pieces. It is written once and then read by any number of readers.
type sealed struct {
	file   *os.File
	aead   cipher.AEAD
	length int64 // in the clear
}

// newSealed makes an empty file with a key of its own. Its errors wrap ErrStore.
func newSealed(dir string, rand io.Reader) (*sealed, error) {
	key := make([]byte, keySize)
	if _, err := io.ReadFull(rand, key); err != nil {
		return nil, fmt.Errorf("%w: key: %w", ErrStore, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStore, err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStore, err)
	}
	file, err := os.CreateTemp(dir, "snodo-*") // for this user alone
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStore, err)
	}
	if err := os.Remove(file.Name()); err != nil { // open, it lives as long as this process wants it
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrStore, err), file.Close())
	}
	return &sealed{file: file, aead: aead}, nil
}

// nonce numbers a piece: the key is of this file alone, and each piece is written once.
func (s *sealed) nonce(number int64) []byte {
	nonce := make([]byte, s.aead.NonceSize())
	binary.BigEndian.PutUint64(nonce[len(nonce)-8:], uint64(number)) //nolint:gosec // G115: pieces are counted from 0
	return nonce
}

// fill writes all that comes. Its errors are those of from, or wrap ErrStore.
func (s *sealed) fill(from io.Reader) error {
	buffer := make([]byte, piece, piece+s.aead.Overhead())
	for number := int64(0); ; number++ {
		n, err := readPiece(from, buffer)
		if n > 0 {
			if _, failed := s.file.Write(s.aead.Seal(buffer[:0], s.nonce(number), buffer[:n], nil)); failed != nil {
				return fmt.Errorf("%w: %w", ErrStore, failed)
			}
			s.length += int64(n)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// readPiece fills b unless from ends or fails first. Other than with io.ReadFull the end inside a piece is io.EOF, so that
// a body that was cut, which net/http tells as io.ErrUnexpectedEOF, is none that came to its end.
func readPiece(from io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var more int
		more, err = from.Read(b[n:])
		n += more
	}
	return n, err
}

// reader reads the file from its beginning.
func (s *sealed) reader() io.Reader { return &unsealing{of: s} }

func (s *sealed) close() error {
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	return nil
}

// unsealing is a reader of a sealed file: it holds one piece.
type unsealing struct {
	of     *sealed
	number int64
	buffer []byte
	ready  []byte // of buffer, in the clear and not read yet
}

// Read gives bytes of pieces whose authentication tag is right, never others.
func (u *unsealing) Read(b []byte) (int, error) {
	if len(u.ready) == 0 {
		if err := u.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, u.ready)
	u.ready = u.ready[n:]
	return n, nil
}

func (u *unsealing) next() error {
	left := u.of.length - u.number*piece
	if left <= 0 {
		return io.EOF
	}
	whole := piece + u.of.aead.Overhead()
	if u.buffer == nil {
		u.buffer = make([]byte, whole)
	}
	stored := u.buffer[:min(left, piece)+int64(u.of.aead.Overhead())]
	if _, err := u.of.file.ReadAt(stored, u.number*int64(whole)); err != nil {
		return gone(err)
	}
	plain, err := u.of.aead.Open(stored[:0], u.of.nonce(u.number), stored, nil)
	if err != nil {
		return fmt.Errorf("%w: the file was changed", ErrStore)
	}
	u.ready, u.number = plain, u.number+1
	return nil
}
