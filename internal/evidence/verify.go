// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A Trust is the key that an export must be signed with, by verifier key or by fingerprint. The zero Trust is no key.
type Trust struct {
	key         string
	fingerprint string
}

// ParseTrust reads a note verifier key (<origin>+<hash>+<base64>) or the SHA-256 fingerprint of its key as 64
// hexadecimal digits (see [Fingerprint]). Neither a file nor the network is consulted.
func ParseTrust(s string) (Trust, error) {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "+") {
		if _, _, err := parseVerifierKey(s); err != nil {
			return Trust{}, err
		}
		return Trust{key: s}, nil
	}
	sum, err := hex.DecodeString(s)
	if err != nil || len(sum) != sha256.Size {
		return Trust{}, errors.New("trusted key: neither a verifier key nor a SHA-256 fingerprint of 64 hexadecimal digits")
	}
	return Trust{fingerprint: hex.EncodeToString(sum)}, nil
}

func (t Trust) accepts(vkey string) bool {
	if t.key != "" {
		return t.key == vkey
	}
	fp, err := Fingerprint(vkey)
	return err == nil && t.fingerprint == fp
}

// ErrNoEntries reports a file that is consistent and shows no entry: there is nothing to call whole.
var ErrNoEntries = errors.New("the file holds no entry: nothing is decided")

// A Report says what a file holds, once it has been found whole.
type Report struct {
	Origin      string
	Key         string // verifier key that signed the file's last checkpoint
	Fingerprint string // of Key
	Size        int64  // entries of the log that the last checkpoint covers
	From, To    int64  // the range of indexes that is in the file
	Checkpoints int
	Sides       int // side records in clear, each checked against its entry
	Erased      int // claimed by who made the file: that they were destroyed no signature tells
	Withheld    int // claimed too: that they were left out of the file
}

// An AlteredError says where a file first contradicts itself or its signatures. Index and Checkpoint are -1 when the
// fault lies in neither.
type AlteredError struct {
	Line       int   // in the file, from 1
	Index      int64 // the entry
	Checkpoint int64 // size of the checkpoint that no longer holds
	Reason     string
}

// Error names the entry, the checkpoint or the line. It never quotes the file.
func (e *AlteredError) Error() string {
	switch {
	case e.Index >= 0:
		return fmt.Sprintf("altered: entry %d (line %d): %s", e.Index, e.Line, e.Reason)
	case e.Checkpoint >= 0:
		return fmt.Sprintf("altered: checkpoint of size %d (line %d): %s", e.Checkpoint, e.Line, e.Reason)
	}
	return fmt.Sprintf("altered: line %d: %s", e.Line, e.Reason)
}

// An UntrustedError says that a file is whole, and signed by a key that the reader has not said to trust.
type UntrustedError struct {
	Origin      string
	Key         string
	Fingerprint string
}

// Error tells which key signed the file and what to compare it with.
func (e *UntrustedError) Error() string {
	return fmt.Sprintf("consistent, but its origin is not verified: signed for %s by the key with fingerprint %s; "+
		"compare it with the one the ente publishes and pass it as trusted", e.Origin, e.Fingerprint)
}

// Verify judges a file written by [Log.Export]. It returns nil when the file is whole and its last checkpoint, which
// covers all of it, is signed by the trusted key, an [*AlteredError] when it contradicts itself or its signatures, and an
// [*UntrustedError] when all holds together but not under the trusted key. Any other error decides nothing: r failed, or
// the file holds no entry ([ErrNoEntries]). The Report is meaningful with nil and with an UntrustedError.
//
// No entry, side record in clear or signature can be changed, added or removed unseen. The signatures do not cover what
// the maker of the file says about it: which range it holds, how many checkpoints before the last come along, which
// retired keys it names, and whether a side record that is not in it was erased or withheld.
//
// Verify reads r once and keeps one line and the checkpoints in memory.
func Verify(r io.Reader, trust Trust) (Report, error) {
	v := &verifier{lines: bufio.NewReaderSize(r, 64<<10), edge: &edge{}, trust: trust}
	for _, step := range []func() error{v.readHeader, v.readCheckpoints, v.readLeaves, v.readEnd} {
		if err := step(); err != nil {
			return v.report, err
		}
	}
	if v.report.From == v.report.To {
		return v.report, ErrNoEntries
	}
	if !v.trusted {
		return v.report, &UntrustedError{Origin: v.report.Origin, Key: v.report.Key, Fingerprint: v.report.Fingerprint}
	}
	return v.report, nil
}

type verifier struct {
	lines  *bufio.Reader
	number int // of the line last read
	trust  Trust
	report Report

	header      headerLine
	checkpoints []Checkpoint
	pending     int // position of the first checkpoint not yet compared
	edge        *edge
	trusted     bool
}

func (v *verifier) alteredLine(reason string) error {
	return &AlteredError{Line: v.number, Index: -1, Checkpoint: -1, Reason: reason}
}

func (v *verifier) alteredEntry(index int64, reason string) error {
	return &AlteredError{Line: v.number, Index: index, Checkpoint: -1, Reason: reason}
}

func (v *verifier) alteredCheckpoint(size int64, reason string) error {
	return &AlteredError{Line: v.number, Index: -1, Checkpoint: size, Reason: reason}
}

var (
	errNoLine  = errors.New("the file ends here")
	errBadLine = errors.New("the line is cut, or longer than any that is written")
)

// read decodes the next line into dst. When the line is absent, incomplete or not in its only form it returns the
// reason, which the caller gives a place; err is what the reader of the file says.
func (v *verifier) read(dst any) (reason string, err error) {
	line, err := v.readLine()
	if errors.Is(err, errNoLine) || errors.Is(err, errBadLine) {
		return err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	if err := unmarshalStrict(line, dst); err != nil {
		return err.Error(), nil
	}
	again, err := marshalLine(dst)
	if err != nil || !bytes.Equal(again, line) {
		return "not in canonical form", nil
	}
	return "", nil
}

func (v *verifier) readLine() ([]byte, error) {
	v.number++
	var line []byte
	for {
		part, err := v.lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, bufio.ErrBufferFull) && len(line) <= maxExportLine:
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil, errNoLine
		case errors.Is(err, io.EOF), errors.Is(err, bufio.ErrBufferFull):
			return nil, errBadLine
		default:
			return nil, fmt.Errorf("read export: %w", err)
		}
	}
}

func (v *verifier) readHeader() error {
	reason, err := v.read(&v.header)
	if err != nil {
		return err
	}
	if reason != "" {
		return v.alteredLine("header: " + reason)
	}
	h := &v.header
	if h.Format != exportFormat || h.Version != exportVersion {
		return v.alteredLine(fmt.Sprintf("header: not %s version %d", exportFormat, exportVersion))
	}
	if h.From < 0 || h.To < h.From || h.Size < h.To || h.Checkpoints < 1 {
		return v.alteredLine("header: size, range and number of checkpoints contradict each other")
	}
	if len(h.Keys) == 0 || len(h.Keys) > maxExportKeys {
		return v.alteredLine("header: no keys, or too many")
	}
	for _, k := range h.Keys {
		if name, _, err := parseVerifierKey(k); err != nil || name != h.Origin {
			return v.alteredLine("header: a key is malformed or not of this origin")
		}
	}
	v.report.Origin, v.report.Size, v.report.From, v.report.To = h.Origin, h.Size, h.From, h.To
	return nil
}

// readCheckpoints verifies every signature, and that the checkpoints grow up to the size of the header. Whether their
// roots hold is known when the leaves have been read.
func (v *verifier) readCheckpoints() error {
	size := int64(-1)
	for range v.header.Checkpoints {
		var line checkpointLine
		reason, err := v.read(&line)
		if err != nil {
			return err
		}
		if reason != "" {
			return v.alteredCheckpoint(max(size+1, 0), "or a larger one: "+reason)
		}
		c, vkey, err := openCheckpoint([]byte(line.Checkpoint), v.header.Origin, v.header.Keys)
		if err != nil {
			return v.alteredCheckpoint(claimedSize(line.Checkpoint, size+1), err.Error())
		}
		if c.Size <= size {
			return v.alteredCheckpoint(c.Size, "out of order")
		}
		size = c.Size
		c.Note = nil
		v.checkpoints = append(v.checkpoints, c)
		v.report.Key = vkey
	}
	// Only the last checkpoint covers the whole file. Were an earlier one enough, whoever holds the file could add a
	// tail of his own, signed by himself, behind what the ente has signed.
	v.trusted = v.trust.accepts(v.report.Key)
	if size != v.header.Size {
		return v.alteredCheckpoint(size, fmt.Sprintf("the header announces %d entries", v.header.Size))
	}
	v.report.Checkpoints = len(v.checkpoints)
	v.report.Fingerprint, _ = Fingerprint(v.report.Key) // readHeader has parsed the key
	return nil
}

// claimedSize returns the size that a note that does not verify claims, to name it; or fallback.
func claimedSize(text string, fallback int64) int64 {
	lines := strings.SplitN(text, "\n", 3)
	var size int64
	if len(lines) < 2 {
		return fallback
	}
	if _, err := fmt.Sscanf(lines[1], "%d", &size); err != nil || size < 0 {
		return fallback
	}
	return size
}

func (v *verifier) readLeaves() error {
	if err := v.compareCheckpoints(); err != nil {
		return err
	}
	for v.edge.size < v.header.Size {
		var err error
		if i := v.edge.size; i >= v.header.From && i < v.header.To {
			err = v.readEntry(i)
		} else {
			err = v.readHashes(i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) readHashes(index int64) error {
	var line hashesLine
	reason, err := v.read(&line)
	if err != nil {
		return err
	}
	if reason != "" {
		return v.alteredEntry(index, "or a later one: "+reason)
	}
	end := v.header.Size
	if index < v.header.From {
		end = v.header.From
	}
	if n := int64(len(line.Hashes)); n == 0 || n > hashesPerLine || index+n > end {
		return v.alteredEntry(index, "or a later one: wrong number of hashes in the line")
	}
	for _, h := range line.Hashes {
		if err := v.add(h); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) readEntry(index int64) error {
	var line entryLine
	reason, err := v.read(&line)
	if err != nil {
		return err
	}
	if reason != "" {
		return v.alteredEntry(index, reason)
	}
	if line.Index != index {
		return v.alteredEntry(index, fmt.Sprintf("entry %d stands in its place", line.Index))
	}
	if tlog.RecordHash(line.Leaf) != line.Hash {
		return v.alteredEntry(index, "the leaf does not match its hash")
	}
	e, err := ParseLeaf(line.Leaf)
	if err != nil {
		return v.alteredEntry(index, err.Error())
	}
	if !strings.HasSuffix(v.header.Origin, "/"+e.Ente) {
		return v.alteredEntry(index, "the leaf belongs to another ente")
	}
	if reason := v.checkSide(&e, line.Side); reason != "" {
		return v.alteredEntry(index, reason)
	}
	return v.add(line.Hash)
}

// checkSide compares a side record with the commitment of its entry and counts it.
func (v *verifier) checkSide(e *Entry, s *sideLine) (reason string) {
	if s == nil {
		if len(e.Commitment) != 0 {
			return "the side record that the leaf commits to is not mentioned"
		}
		return ""
	}
	if len(e.Commitment) == 0 {
		return "a side record is mentioned where the leaf commits to none"
	}
	if s.State == SidePresent {
		if len(s.Salt) != saltSize {
			return "the salt of the side record has the wrong length"
		}
		salted := saltedSide(append(bytes.Clone(s.Salt), s.Record...))
		if !bytes.Equal(salted.commitment(), e.Commitment) {
			return "the side record is not what the leaf commits to"
		}
		v.report.Sides++
		return ""
	}
	if s.Salt != nil || s.Record != nil {
		return "a side record stands where none is announced"
	}
	switch s.State {
	case SideErased:
		v.report.Erased++
	case sideWithheld:
		v.report.Withheld++
	case SideAltered:
		return "its side record was missing, or not what the leaf commits to, when the file was made"
	default:
		return "unknown state of the side record"
	}
	return ""
}

func (v *verifier) add(h tlog.Hash) error {
	if _, err := v.edge.append(h); err != nil {
		return v.alteredEntry(v.edge.size, err.Error())
	}
	return v.compareCheckpoints()
}

// compareCheckpoints compares the tree rebuilt so far with the checkpoints of its size.
func (v *verifier) compareCheckpoints() error {
	for v.pending < len(v.checkpoints) && v.checkpoints[v.pending].Size == v.edge.size {
		c := v.checkpoints[v.pending]
		root, err := v.edge.root()
		if err != nil || root != c.Root {
			return v.alteredCheckpoint(c.Size, "the entries before it do not give the root that was signed")
		}
		v.pending++
	}
	return nil
}

func (v *verifier) readEnd() error {
	switch _, err := v.readLine(); {
	case errors.Is(err, errNoLine):
		return nil
	case err == nil || errors.Is(err, errBadLine):
		return v.alteredLine("the file goes on after its end")
	default:
		return err
	}
}
