// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bufio"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// digested is a body of which the digest is known and the bytes are on their way.
type digested struct {
	sum    [sha256.Size]byte
	length int64
}

var _ modi.Body = digested{}

// declaredDigest reads the one Digest header of a procedure (RFC 3230), of SHA-256.
func declaredDigest(h http.Header) (digested, error) {
	values := h.Values(rest.HeaderDigest)
	if len(values) != 1 {
		return digested{}, errors.New("no Digest header, or several")
	}
	alg, value, _ := strings.Cut(strings.TrimSpace(values[0]), "=")
	sum, err := base64.StdEncoding.DecodeString(value)
	if !strings.EqualFold(alg, "SHA-256") || err != nil || len(sum) != sha256.Size {
		return digested{}, errors.New("digest that is not a SHA-256 in base64")
	}
	return digested{sum: [sha256.Size]byte(sum), length: declaredLength(h)}, nil
}

// Len is the length that the procedure tells.
func (d digested) Len() int64 { return d.length }

// Digest is the one that the procedure tells.
func (d digested) Digest(alg crypto.Hash) ([]byte, error) {
	if alg != crypto.SHA256 {
		return nil, errors.New("digest that is not known")
	}
	return d.sum[:], nil
}

// Open fails: the body is read once, by whom it is for.
func (d digested) Open() (io.ReadCloser, error) { return nil, errors.New("the body is not here") }

// checked reads a body and ends with errOtherBody, in place of its last piece, when it is not the one of the digest.
type checked struct {
	io.Closer
	ahead *bufio.Reader
	want  digested
	sum   hash.Hash
}

func newChecked(body io.ReadCloser, want digested) *checked {
	return &checked{Closer: body, ahead: bufio.NewReaderSize(body, 64<<10), want: want, sum: sha256.New()}
}

// Read reads the next piece.
func (c *checked) Read(b []byte) (int, error) {
	n, err := c.ahead.Read(b)
	_, _ = c.sum.Write(b[:n]) // a hash never fails
	if err == nil && n > 0 {
		_, next := c.ahead.Peek(1)
		if !errors.Is(next, io.EOF) {
			return n, nil
		}
	}
	if (err == nil || errors.Is(err, io.EOF)) && [sha256.Size]byte(c.sum.Sum(nil)) != c.want.sum {
		return 0, errOtherBody
	}
	return n, err
}
