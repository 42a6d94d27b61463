// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidencetest

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/snodo-pa/snodo/internal/evidence"
)

// A MemorySink keeps checkpoints for a test to read. Its zero value is ready.
type MemorySink struct {
	mu    sync.Mutex
	notes [][]byte
	err   error
}

var _ evidence.CheckpointSink = (*MemorySink)(nil)

// Write keeps a copy of the note, or fails as [MemorySink.Fail] told.
func (s *MemorySink) Write(_ context.Context, note []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.notes = append(s.notes, bytes.Clone(note))
	return nil
}

// Fail makes every later Write return err, until it is nil.
func (s *MemorySink) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Notes returns the notes so far.
func (s *MemorySink) Notes() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}
