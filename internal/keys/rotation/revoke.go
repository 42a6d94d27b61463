// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rotation

import (
	"context"
	"errors"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// What remains to be done of a revocation that failed.
var (
	// ErrNotReplaced: the revoked key is out of use, here and on PDND, and the new one is not
	// honoured. Calls fail until Revoke is run again and succeeds.
	ErrNotReplaced = bilingual.New("la chiave revocata non firma più e non è più su PDND, ma la nuova non ne ha ancora preso il posto: le chiamate falliscono finché il comando, ripetuto, non riesce",
		"the revoked key signs no longer and is gone from PDND, but the new one has not taken its place yet: calls fail until the command, run again, succeeds")
	// ErrStillThere: the revoked key is out of use here and could not be taken away from PDND.
	ErrStillThere = bilingual.New("la chiave revocata non firma più qui, ma è ancora su PDND, dove chi ce l'ha può usarla: ripetere il comando o toglierla dal portale",
		"the revoked key signs no longer here but is still on PDND, where whoever has it can use it: run the command again or take it away in the portal")
	// ErrStillSigning: the revoked key is gone from PDND, and whether the hub has stopped signing
	// with it is not known.
	ErrStillSigning = bilingual.New("la chiave revocata non è più su PDND, ma non si sa se lo Snodo ha smesso di firmare con essa: ripetere il comando o riavviare lo Snodo",
		"the revoked key is gone from PDND, but whether the hub has stopped signing with it is not known: run the command again or restart the hub")
)

// Revoke stops the hub signing with the key in use, takes that away from PDND, and only then
// puts a new one in its place: what is asked of PDND between the two fails. When a rotation
// is under way its new key takes the place; when it has done so already, only the old key is
// left to take away. Run again, also by Rotate, it goes on from where it was. An error that is
// ErrStillSigning, ErrStillThere or ErrNotReplaced says what remains to be done.
func (r *Rotation) Revoke(ctx context.Context) (State, error) {
	return r.through(ctx, r.begin, r.distrust, r.withdraw, r.remaining(r.upload), r.remaining(r.wait), r.remaining(r.change), r.retire)
}

// distrust remembers that the old key goes at once: a run that dies is resumed as what it was.
func (r *Rotation) distrust(context.Context) error {
	if r.state.Revoked {
		return nil
	}
	r.state.Revoked = true
	return writeState(r.file, r.state)
}

// withdraw takes a revoked key out of use before anything else is done: first here, where the
// new one takes its place though PDND does not honour that yet, then on PDND, also when the
// hub did not answer.
func (r *Rotation) withdraw(ctx context.Context) error {
	if !r.state.Revoked {
		return nil
	}
	stopped := r.putInUse(ctx)
	if stopped == nil {
		stopped = writeState(r.file, r.state)
	}
	gone := r.takeAway(ctx)
	switch {
	case stopped != nil && gone != nil:
		return errors.Join(stopped, gone)
	case stopped != nil:
		return bilingual.Errorf("%w: %w", "%w: %w", ErrStillSigning, stopped)
	case gone != nil:
		return bilingual.Errorf("%w: %w", "%w: %w", ErrStillThere, gone)
	}
	return nil
}

// remaining says, of a step that failed after a key was revoked, what is left to do.
func (r *Rotation) remaining(step func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := step(ctx)
		if err == nil || !r.state.Revoked {
			return err
		}
		return bilingual.Errorf("%w: %w", "%w: %w", ErrNotReplaced, err)
	}
}
