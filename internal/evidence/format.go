// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"encoding/json"

	"golang.org/x/mod/sumdb/tlog"
)

// The export format. A file is lines of JSON, each ended by a newline and each in the only form that this package
// writes, so that no byte of the file can change without notice:
//
//	header               origin, verifier keys, size, range, number of checkpoints
//	checkpoint           one per checkpoint, by ascending size; the last covers the whole size
//	hashes               leaf hashes before the range, in groups
//	entry                one per index of the range: leaf hash, leaf, side record with its salt
//	hashes               leaf hashes after the range
//
// The leaf hashes from 0 to size rebuild the root of every checkpoint.

const (
	exportFormat  = "snodo-evidence-export"
	exportVersion = 1

	maxExportLine = 2*MaxSide + MaxLeaf // a side may hold bodies, which grow in base64
	maxExportKeys = 64
	hashesPerLine = tileWidth
)

type headerLine struct {
	Format      string   `json:"format"`
	Version     int      `json:"version"`
	Origin      string   `json:"origin"`
	Keys        []string `json:"keys"`
	Size        int64    `json:"size"`        // leaves covered by the last checkpoint
	From        int64    `json:"from"`        // first index of the range
	To          int64    `json:"to"`          // first index after the range
	Checkpoints int      `json:"checkpoints"` // number of checkpoint lines
}

type checkpointLine struct {
	Checkpoint string `json:"checkpoint"`
}

type hashesLine struct {
	Hashes []tlog.Hash `json:"hashes"`
}

type entryLine struct {
	Index int64           `json:"index"`
	Hash  tlog.Hash       `json:"hash"`
	Leaf  json.RawMessage `json:"leaf"`
	Side  *sideLine       `json:"side,omitempty"`
}

// A sideLine is the side record, or why it is not there. Salt and record are present together.
type sideLine struct {
	State  SideState       `json:"state"`
	Salt   []byte          `json:"salt,omitempty"`
	Record json.RawMessage `json:"record,omitempty"`
}

// sideWithheld is the state, in an export only, of a side record that exists and was left out.
const sideWithheld SideState = "withheld"
