// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// A Record is one act to be kept.
type Record struct {
	Entry
	Side Side
	// Subjects are the codici fiscali of the persons the act is about. Only their HMAC is stored, for lookup and
	// erasure, and it is erased with the side.
	Subjects []string
}

// A Receipt says where a record stands in the log of its ente.
type Receipt struct {
	Ente     string
	Index    int64 // from 0
	LeafHash tlog.Hash
}

// An Appender keeps records; [Log] is the one. Append MUST NOT return nil before the record is durable, and callers
// MUST NOT act on a record whose Append has not returned nil.
type Appender interface {
	Append(ctx context.Context, r Record) (Receipt, error)
}

var _ Appender = (*Log)(nil)

// validate reports the first rule that r breaks. Errors name the field and never its value.
func (r *Record) validate() error {
	if !validEnte(r.Ente) {
		return fmt.Errorf("%w: ente must be an IPA code", ErrInvalid)
	}
	if !r.Kind.Valid() {
		return fmt.Errorf("%w: unknown kind", ErrInvalid)
	}
	if r.Environment == "" || r.Exchange == "" {
		return fmt.Errorf("%w: environment and exchange are mandatory", ErrInvalid)
	}
	if y := r.Instant.Year(); !r.Instant.IsZero() && (y < 1970 || y > 2200) {
		return fmt.Errorf("%w: instant out of range", ErrInvalid)
	}
	if err := r.validateCloses(); err != nil {
		return err
	}
	if r.Commitment != nil {
		return fmt.Errorf("%w: the commitment is computed, never given", ErrInvalid)
	}
	for i := range r.Side.Proofs {
		p := &r.Side.Proofs[i]
		if p.Compact != "" && p.Token != TokenSignature && p.Token != TokenTracking {
			return fmt.Errorf("%w: proof %d: a token that is a credential is never kept whole", ErrInvalid, i)
		}
	}
	return r.validateText()
}

func (r *Record) validateCloses() error {
	switch {
	case r.Kind.opens() && r.Closes != nil:
		return fmt.Errorf("%w: an intent closes nothing", ErrInvalid)
	case r.Kind.mustClose() && r.Closes == nil:
		return fmt.Errorf("%w: an outcome must name the intent it closes", ErrInvalid)
	case r.Closes != nil && *r.Closes < 0:
		return fmt.Errorf("%w: negative index of intent", ErrInvalid)
	}
	return nil
}

// validateText refuses leaf text that JSON would alter (invalid UTF-8) or that a terminal would (control characters).
func (r *Record) validateText() error {
	fields := []string{
		r.Environment, r.Exchange, r.Service, r.Operation, r.Eservice, r.Descriptor, r.Purpose, r.Client,
	}
	fields = append(fields, r.Vouchers...)
	fields = append(fields, r.Rules...)
	for _, f := range fields {
		if !utf8.ValidString(f) || strings.IndexFunc(f, unicode.IsControl) >= 0 {
			return fmt.Errorf("%w: a leaf field holds control characters or invalid UTF-8", ErrInvalid)
		}
	}
	return nil
}

// validEnte accepts the alphabet of IPA codes, which is also safe in the name of a note.
func validEnte(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '.':
		default:
			return false
		}
	}
	return true
}
