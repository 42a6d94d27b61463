// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package tracing tells PDND Tracing how many requests were made with each voucher: one file
// for each tenant and day, for both roles, from the evidence of the ente.
//
// There is one file for the whole ente, whatever systems it has, and the first one starts a
// daily duty. So nothing is sent until the ente has said that this hub sends
// (config.Tracing); the files of its other systems are merged into the hub's, and where
// another system sends, the hub only exports its own.
//
// It owns the counts, the file and what becomes of it. It depends on evidence for the calls,
// on pdnd for vouchers, on jobs for repetition and on store for what was sent. Every step can
// be repeated: before a file is sent it is noted, and after a "don't know" PDND is asked.
package tracing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/store"
)

// The "no"s of this package.
var (
	// ErrOff: the ente has not said that this hub sends.
	ErrOff = errors.New("the ente has not said that this hub submits its tracing")
	// ErrDay: no day, or one that is not over or lies before the first.
	ErrDay = errors.New("not a day that can be traced")
	// ErrUnknown: no such ente or environment.
	ErrUnknown = errors.New("no such ente or environment")
)

// OtherFileError is a file of another system that PDND would refuse.
type OtherFileError struct {
	File string // its name in the folder
	Row  *RowError
}

// Error names the file and the line.
func (e *OtherFileError) Error() string { return fmt.Sprintf("file %s: %v", e.File, e.Row) }

// Unwrap gives the line.
func (e *OtherFileError) Unwrap() error { return e.Row }

// Options are the parts of a Desk. Everything is mandatory.
type Options struct {
	Config    *config.Config
	Platforms map[string]*pdnd.Platform
	// Credentials finds the API client of an ente.
	Credentials func(ente, environment string) (pdnd.Credentials, error)
	// HTTP is the network of an ente that has none of its own.
	HTTP     pdnd.Doer
	Evidence Evidence
	Store    *store.Store
	Queue    *jobs.Queue
	Clock    func() time.Time
	Location *time.Location // Europe/Rome: the days are those of the ente
	Logger   *slog.Logger
}

// Desk makes the files and sends them. It is safe for concurrent use.
type Desk struct{ o Options }

// New returns a Desk.
func New(o Options) *Desk { return &Desk{o: o} }

// File is the file of a day.
type File struct {
	Day      string
	CSV      []byte
	Digest   string // SHA-256, hexadecimal
	Lines    int64  // without the header
	Requests int64
	Lost     int64 // entries of the evidence that could not be counted
	Merged   []string
}

// Export makes the file of a day that is over, with the files of the ente's other systems
// where this hub sends for all. The error is ErrDay, ErrUnknown or *OtherFileError, or means
// "don't know".
func (d *Desk) Export(ctx context.Context, ente, environment, day string) (File, error) {
	from, to, err := d.span(day)
	if err != nil {
		return File{}, err
	}
	known, ok := d.o.Config.Enti[ente]
	if !ok || d.o.Config.Environments[environment].Name == "" && d.o.Platforms[environment] == nil {
		return File{}, ErrUnknown
	}
	counts, lost, err := count(ctx, d.o.Evidence, ente, environment, from, to)
	if err != nil {
		return File{}, err
	}
	f := File{Day: day, Lost: lost}
	if settings := known.Tracing[environment]; settings.Invia == config.TracingSnodo && settings.Altri != "" {
		if f.Merged, err = d.merge(counts, d.o.Config.Path(settings.Altri), day); err != nil {
			return File{}, err
		}
	}
	var out bytes.Buffer
	if err := counts.Write(&out, day); err != nil {
		return File{}, fmt.Errorf("write CSV: %w", err)
	}
	sum := sha256.Sum256(out.Bytes())
	f.CSV, f.Digest, f.Lines, f.Requests = out.Bytes(), hex.EncodeToString(sum[:]), int64(len(counts)), counts.Requests()
	return f, nil
}

// span is a day of the ente, which must be over.
func (d *Desk) span(day string) (from, to time.Time, err error) {
	date, err := checkDay(day)
	if err != nil {
		return from, to, err
	}
	y, m, dd := date.Date()
	from = time.Date(y, m, dd, 0, 0, 0, 0, d.o.Location)
	to = time.Date(y, m, dd+1, 0, 0, 0, 0, d.o.Location)
	if d.o.Clock().Before(to) {
		return from, to, fmt.Errorf("%w: it is not over", ErrDay)
	}
	return from, to, nil
}

// merge adds the files that other systems left for a day, by name.
func (d *Desk) merge(counts Counts, folder, day string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("folder of the other systems: %w", err)
	}
	var merged []string
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && strings.HasPrefix(name, day) && strings.HasSuffix(name, ".csv") {
			merged = append(merged, name)
		}
	}
	slices.Sort(merged)
	for _, name := range merged {
		data, err := os.ReadFile(filepath.Join(folder, name)) // #nosec G304 -- a file of a folder that the configuration names
		if err != nil {
			return nil, fmt.Errorf("file of another system: %w", err)
		}
		var row *RowError
		if err := counts.Read(data, day); errors.As(err, &row) {
			return nil, &OtherFileError{File: name, Row: row}
		}
	}
	return merged, nil
}
