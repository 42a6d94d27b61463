// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A CheckpointSink takes checkpoints out of the database, so that whoever can rewrite the database cannot also rewrite
// what was signed (design D9). Write returns nil once the note is durable there. The same note may come twice.
type CheckpointSink interface {
	Write(ctx context.Context, note []byte) error
}

// A FileSink appends checkpoints to a file, one JSON object {"checkpoint":"<note>"} a line, each synced to disk. It is
// safe for concurrent use.
type FileSink struct {
	mu   sync.Mutex
	file *os.File
}

var _ CheckpointSink = (*FileSink)(nil)

// OpenFileSink opens the file at path for appending and creates it, and the last folder of its path, readable by their
// owner only, when they are missing.
func OpenFileSink(path string) (*FileSink, error) {
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("checkpoint file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) // #nosec G304 -- the path is configuration
	if err != nil {
		return nil, fmt.Errorf("checkpoint file: %w", err)
	}
	return &FileSink{file: f}, nil
}

// Write appends one note and syncs the file.
func (s *FileSink) Write(_ context.Context, note []byte) error {
	line, err := marshalLine(checkpointLine{Checkpoint: string(note)})
	if err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	return nil
}

// Close closes the file.
func (s *FileSink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	return nil
}
