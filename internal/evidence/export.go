// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const exportPage = 256

// An ExportQuery says what an export holds.
type ExportQuery struct {
	Ente     string
	From, To time.Time // From <= instant < To; zero does not restrict. Entries between two chosen ones come along
	Sides    bool      // with side records in clear: the file then holds personal data
}

// Export writes a file that [Verify] judges without the hub. It signs a checkpoint first, so that the file covers all
// entries durable when it begins. The error wraps [ErrNotFound], [ErrUnavailable] or [ErrTampered]; what was written
// before it does not verify.
//
// A row that was altered is exported as it is: it is Verify that says so. Only a leaf that is no longer a JSON object
// cannot be written.
func (l *Log) Export(ctx context.Context, q ExportQuery, w io.Writer) error {
	last, err := l.Checkpoint(ctx, q.Ente)
	if err != nil {
		return err
	}
	to := q.To
	if to.IsZero() {
		to = farFuture
	}
	lo, hi, err := l.store.Span(ctx, q.Ente, q.From, to)
	if err != nil {
		return readError("find range", err)
	}
	hi = min(hi, last.Size)
	lo = min(lo, hi)
	checkpoints, err := l.store.Checkpoints(ctx, q.Ente, lo+1)
	if err != nil {
		return readError("read checkpoints", err)
	}
	// Entries that came after the export began have checkpoints too: they are not part of it.
	checkpoints = slices.DeleteFunc(checkpoints, func(c Checkpoint) bool { return c.Size > last.Size })
	if len(checkpoints) == 0 {
		checkpoints = []Checkpoint{last}
	}
	signers, err := l.signers(q.Ente)
	if err != nil {
		return err
	}
	x := &exporter{log: l, ente: q.Ente, sides: q.Sides, w: bufio.NewWriterSize(w, 64<<10)}
	x.line(headerLine{
		Format: exportFormat, Version: exportVersion, Origin: Origin(l.cfg.Hub, q.Ente),
		Keys: signers.keys(),
		Size: last.Size, From: lo, To: hi, Checkpoints: len(checkpoints),
	})
	for _, c := range checkpoints {
		x.line(checkpointLine{Checkpoint: string(c.Note)})
	}
	x.hashes(ctx, 0, lo)
	x.entries(ctx, lo, hi)
	x.hashes(ctx, hi, last.Size)
	return x.finish()
}

// An exporter writes lines until the first error, which it keeps.
type exporter struct {
	log   *Log
	ente  string
	sides bool
	w     *bufio.Writer
	err   error
}

func (x *exporter) line(v any) {
	if x.err != nil {
		return
	}
	line, err := marshalLine(v)
	if err != nil {
		x.err = fmt.Errorf("%w: a line cannot be encoded", ErrTampered)
		return
	}
	if _, err := x.w.Write(append(line, '\n')); err != nil {
		x.err = fmt.Errorf("write export: %w", err)
	}
}

func (x *exporter) finish() error {
	if x.err == nil {
		if err := x.w.Flush(); err != nil {
			x.err = fmt.Errorf("write export: %w", err)
		}
	}
	return x.err
}

// leafHashes reads the stored leaf hashes of [from, to), at most up to the end of the first tile.
func (x *exporter) leafHashes(ctx context.Context, from, to int64) ([]tlog.Hash, error) {
	n := from / tileWidth
	to = min(to, (n+1)*tileWidth)
	data, err := x.log.store.Tile(ctx, x.ente, 0, n)
	if err != nil {
		return nil, readError("read tile", err)
	}
	first, end := int(from%tileWidth)*tlog.HashSize, int(to-n*tileWidth)*tlog.HashSize
	if len(data) < end {
		return nil, fmt.Errorf("%w: leaf hashes from %d of %s are missing", ErrTampered, from, x.ente)
	}
	hashes := make([]tlog.Hash, 0, to-from)
	for chunk := range slices.Chunk(data[first:end], tlog.HashSize) {
		hashes = append(hashes, tlog.Hash(chunk))
	}
	return hashes, nil
}

func (x *exporter) hashes(ctx context.Context, from, to int64) {
	for from < to && x.err == nil {
		hashes, err := x.leafHashes(ctx, from, to)
		if err != nil {
			x.err = err
			return
		}
		x.line(hashesLine{Hashes: hashes})
		from += int64(len(hashes))
	}
}

func (x *exporter) entries(ctx context.Context, from, to int64) {
	for from < to && x.err == nil {
		hashes, err := x.leafHashes(ctx, from, min(to, from+exportPage))
		if err != nil {
			x.err = err
			return
		}
		next := from + int64(len(hashes))
		rows, err := x.log.store.Rows(ctx, Filter{Ente: x.ente, FromIndex: from, ToIndex: next})
		if err != nil {
			x.err = readError("read entries", err)
			return
		}
		if len(rows) != len(hashes) {
			x.err = fmt.Errorf("%w: %d of the entries from %d to %d of %s are missing",
				ErrTampered, len(hashes)-len(rows), from, next-1, x.ente)
			return
		}
		for i := range rows {
			if rows[i].Index != from+int64(i) || !json.Valid(rows[i].Leaf) {
				x.err = fmt.Errorf("%w: entry %d of %s is not a leaf", ErrTampered, from+int64(i), x.ente)
				return
			}
			x.line(entryLine{Index: rows[i].Index, Hash: hashes[i], Leaf: rows[i].Leaf, Side: x.side(&rows[i])})
		}
		from = next
	}
}

// side returns what the export says of the side record of a row, nil when the row never had one.
func (x *exporter) side(r *Row) *sideLine {
	e, err := ParseLeaf(r.Leaf)
	if err != nil {
		return nil
	}
	salted, state := x.log.unseal(r, &e)
	switch {
	case state == SideNone:
		return nil
	case state == SidePresent && x.sides:
		return &sideLine{State: state, Salt: salted.salt(), Record: salted.text()}
	case state == SidePresent || state == SideSealed:
		return &sideLine{State: sideWithheld}
	default:
		return &sideLine{State: state}
	}
}
