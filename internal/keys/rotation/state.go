// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rotation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// Phase is how far a rotation has come. Each is written when what it names has been done.
type Phase string

// The phases, in their order.
const (
	Made     Phase = "generata" // the new key is in its file
	Uploaded Phase = "caricata" // PDND has it
	Ready    Phase = "attiva"   // PDND gives vouchers for it, and its public half to who asks
	Switched Phase = "in uso"   // the hub signs with it; the old one is still on PDND
	Retired  Phase = "conclusa" // the old key is gone: nothing is kept of the rotation
)

// State is a rotation under way.
type State struct {
	Version  int       `json:"versione"`
	Ente     string    `json:"ente"`
	Setting  string    `json:"chiave"`
	Phase    Phase     `json:"fase"`
	OldKID   string    `json:"kidPrecedente"`
	NewKID   string    `json:"kidNuovo"`
	Began    time.Time `json:"inizio"`
	Switched time.Time `json:"inUsoDal,omitzero"`  // when the hub began to sign with the new key; of a revoked one before PDND honours it
	RetireAt time.Time `json:"ritiroDal,omitzero"` // when the last voucher asked for with the old key has expired
	// Revoked is set when the old key is not to be used any longer, whatever depends on it.
	Revoked bool `json:"revocata,omitempty"`
}

const stateVersion = 1

// The files beside a key.
const (
	nextSuffix  = ".nuova"          // the private key that will take its place
	oldSuffix   = ".precedente"     // the private key it took the place of
	stateSuffix = ".rotazione.json" // State
)

// ErrState reports a state that this program cannot have written.
var ErrState = bilingual.New("lo stato della rotazione non si può leggere", "the state of the rotation cannot be read")

// readState returns the rotation of a key that is under way, nil when there is none.
func readState(file string) (*State, error) {
	data, err := os.ReadFile(file + stateSuffix) //nolint:gosec // G304: beside a key that the configuration names
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	return parseState(data)
}

func parseState(data []byte) (*State, error) {
	var s State
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil || s.Version != stateVersion || s.NewKID == "" || s.OldKID == "" || s.NewKID == s.OldKID {
		return nil, ErrState
	}
	switch s.Phase {
	case Made, Uploaded, Ready, Switched:
		return &s, nil
	case Retired:
	}
	return nil, ErrState
}

// writeState replaces the state at once: whoever reads it after a crash has the one before
// or this one.
func writeState(file string, s State) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return replace(file+stateSuffix, append(data, '\n'))
}

// replace writes a file beside its place and moves it there.
func replace(path string, data []byte) error {
	temporary := path + ".tmp"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // G304: beside a key that the configuration names
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return move(temporary, path)
}

// move renames a file and makes the renaming durable.
func move(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// remove takes a file away that may be gone already.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
