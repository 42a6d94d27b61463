// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package spool

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	_ "crypto/sha512" // registers SHA-384 and SHA-512 for Digest
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync/atomic"

	"github.com/snodo-pa/snodo/modi"
)

// DefaultMemory is how much of a body stays in memory.
const DefaultMemory = 256 << 10

var (
	// ErrTooLong reports a body beyond the longest that is taken.
	ErrTooLong = errors.New("the body is longer than is taken")
	// ErrStore reports that the file cannot be made, written or read back: nothing is wrong with the body.
	ErrStore = errors.New("the body cannot be kept")
	// ErrClosed reports the use of a body that was closed.
	ErrClosed = errors.New("the body was closed")
)

// Options say how a body is read. Room, Most and Rand are mandatory.
type Options struct {
	Room      *Room
	Place     string    // what it is sent to, and
	Sender    string    // who sends it: of both the share of the room is bounded
	Most      int64     // bytes of the longest body
	Announced int64     // bytes that the sender announces, below 0 when it does not
	Memory    int64     // bytes that stay in memory; 0 = DefaultMemory
	Dir       string    // of the file; "" = that for temporary files of the system
	Rand      io.Reader // makes the key of the file
}

// Body is a body that was read to its end. It is safe for concurrent use, and holds its room until it is closed.
type Body struct {
	head   []byte
	rest   *sealed // nil = the head is all
	length int64
	sum    [sha256.Size]byte

	room   *booking
	closed atomic.Bool
}

var _ modi.Body = (*Body)(nil)

// Read reads a body to its end and makes its SHA-256 on the way. Room is taken before the first byte, for the length that
// is announced or else for the longest one, of what place and sender may take. The error wraps ErrNoRoom, ErrTooLong or ErrStore, or is that of from.
func Read(from io.Reader, o Options) (*Body, error) {
	booked := o.Announced
	switch {
	case booked > o.Most:
		return nil, ErrTooLong
	case booked < 0:
		booked = o.Most
	}
	room, err := o.Room.take(o.Place, o.Sender, booked)
	if err != nil {
		return nil, err
	}
	if o.Memory <= 0 {
		o.Memory = DefaultMemory
	}
	b := &Body{room: room}
	err = b.read(from, o)
	if err == nil && b.length > booked {
		err = ErrTooLong // more than was announced
	}
	if err != nil {
		if b.rest != nil {
			err = errors.Join(err, b.rest.close())
		}
		room.end()
		return nil, err
	}
	room.keep(b.length)
	return b, nil
}

func (b *Body) read(from io.Reader, o Options) error {
	sum := sha256.New()
	limited := io.LimitReader(from, o.Most+1)
	if o.Announced >= 0 {
		limited = io.LimitReader(from, o.Announced+1)
	}
	in := io.TeeReader(limited, sum)
	var head bytes.Buffer
	head.Grow(int(min(max(o.Announced, 0), o.Memory)))
	var err error
	b.length, err = io.CopyN(&head, in, o.Memory)
	b.head = head.Bytes()
	switch {
	case err == nil:
		if err := b.spill(in, o); err != nil {
			return err
		}
	case !errors.Is(err, io.EOF):
		return err
	}
	if b.length > o.Most {
		return ErrTooLong
	}
	sum.Sum(b.sum[:0])
	return nil
}

// spill keeps what comes after the head, if anything does.
func (b *Body) spill(in io.Reader, o Options) error {
	first := make([]byte, 1)
	switch _, err := io.ReadFull(in, first); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	var err error
	if b.rest, err = newSealed(o.Dir, o.Rand); err != nil {
		return err
	}
	if err := b.rest.fill(io.MultiReader(bytes.NewReader(first), in)); err != nil {
		return err
	}
	b.length += b.rest.length
	return nil
}

// Len returns the number of bytes.
func (b *Body) Len() int64 { return b.length }

// Digest returns the SHA-256 that was made while the body was read; SHA-384 and SHA-512 read it once more. Any other
// algorithm is an error.
func (b *Body) Digest(alg crypto.Hash) ([]byte, error) {
	switch alg {
	case crypto.SHA256:
		return bytes.Clone(b.sum[:]), nil
	case crypto.SHA384, crypto.SHA512:
		return b.hashed(alg.New())
	default:
		return nil, fmt.Errorf("digest algorithm %v is not one of SHA-256, SHA-384, SHA-512", alg)
	}
}

func (b *Body) hashed(sum hash.Hash) ([]byte, error) {
	r, err := b.Open()
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(sum, r); err != nil {
		return nil, err
	}
	return sum.Sum(nil), r.Close()
}

// Open returns a reader at the first byte. Its errors wrap ErrStore, and ErrClosed once the body was closed.
func (b *Body) Open() (io.ReadCloser, error) {
	switch {
	case b.closed.Load():
		return nil, ErrClosed
	case b.rest == nil:
		return io.NopCloser(bytes.NewReader(b.head)), nil
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(b.head), b.rest.reader())), nil
}

// Close frees the file and the room. Readers that are open fail from then on. It may be called more than once.
func (b *Body) Close() error {
	if b.closed.Swap(true) {
		return nil
	}
	b.room.end()
	if b.rest == nil {
		return nil
	}
	return b.rest.close()
}

// gone tells a file that was closed under its reader from one that cannot be read.
func gone(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("%w: %w", ErrStore, ErrClosed)
	}
	return fmt.Errorf("%w: %w", ErrStore, err)
}
