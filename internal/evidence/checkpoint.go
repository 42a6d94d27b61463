// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const levelAlarm = slog.LevelError

func attrEnte(ente string) slog.Attr { return slog.String("ente", ente) }

func attrError(err error) slog.Attr { return slog.String("error", err.Error()) }

// formatCheckpoint returns the text of a checkpoint: origin, size and root, one a line (c2sp.org/tlog-checkpoint).
func formatCheckpoint(origin string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
}

// openCheckpoint verifies a checkpoint note under one of the verifier keys and returns it with the key that signed it.
// Exactly one signature is accepted, in its only spelling.
func openCheckpoint(msg []byte, origin string, vkeys []string) (c Checkpoint, vkey string, err error) {
	for _, vkey = range vkeys {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return Checkpoint{}, "", fmt.Errorf("verifier key: %w", err)
		}
		n, err := note.Open(msg, note.VerifierList(v))
		var unknown *note.UnverifiedNoteError
		if errors.As(err, &unknown) {
			continue
		}
		if err != nil {
			return Checkpoint{}, "", fmt.Errorf("signature does not hold: %w", err)
		}
		if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 || string(msg) != canonicalNote(n) {
			return Checkpoint{}, "", errors.New("not exactly one signature in canonical form")
		}
		c, err = parseCheckpoint(n.Text, origin)
		c.Note = msg
		return c, vkey, err
	}
	return Checkpoint{}, "", errors.New("no key of the log has signed it")
}

func canonicalNote(n *note.Note) string {
	sig, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil {
		return ""
	}
	return n.Text + "\n— " + n.Sigs[0].Name + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
}

func parseCheckpoint(text, origin string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != origin {
		return Checkpoint{}, fmt.Errorf("not a checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, errors.New("size is not a number")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || formatCheckpoint(origin, size, root) != text {
		return Checkpoint{}, errors.New("not in canonical form")
	}
	return Checkpoint{Size: size, Root: root}, nil
}

// Checkpoint returns the signed state of the log of an ente with all entries durable now in it, signing one when the
// last does not cover them. Before signing it proves that the log extends the last checkpoint; when it does not, the
// error wraps [ErrTampered] and nothing is signed. A log that does not exist is [ErrNotFound].
func (l *Log) Checkpoint(ctx context.Context, ente string) (Checkpoint, error) {
	l.checkpoints.Lock()
	defer l.checkpoints.Unlock()
	head, err := l.head(ctx, ente)
	if err != nil {
		return Checkpoint{}, err
	}
	signers, err := l.signers(ente)
	if err != nil {
		return Checkpoint{}, err
	}
	last, err := l.lastCheckpoint(ctx, ente, signers)
	if err != nil {
		return Checkpoint{}, err
	}
	read := hashReader(l.tiles(ctx, ente))
	root, err := tlog.TreeHash(head.Size, read)
	if err != nil {
		return Checkpoint{}, readError("compute root of the log of "+ente, err)
	}
	if err := extends(last, head.Size, root, read); err != nil {
		return Checkpoint{}, readError("log of "+ente, err)
	}
	if last.Size == head.Size && last.Note != nil {
		return last, nil
	}
	return l.sign(ctx, signers.Current, Checkpoint{Ente: ente, Size: head.Size, Root: root})
}

// signers returns the seal of an ente and checks that it is the seal of that log.
func (l *Log) signers(ente string) (Signers, error) {
	s, err := l.cfg.Signers(ente)
	if err != nil {
		return Signers{}, fmt.Errorf("%w: seal of %s: %w", ErrUnavailable, ente, err)
	}
	if origin := Origin(l.cfg.Hub, ente); s.Current == nil || s.Current.Name() != origin {
		return Signers{}, fmt.Errorf("%w: the seal of %s does not sign for %s", ErrUnavailable, ente, origin)
	}
	return s, nil
}

// lastCheckpoint returns the largest stored checkpoint, as its signed note has it: the other columns could have been
// altered together with the log. Without any it returns the zero Checkpoint.
func (l *Log) lastCheckpoint(ctx context.Context, ente string, signers Signers) (Checkpoint, error) {
	stored, err := l.store.LastCheckpoint(ctx, ente)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: read last checkpoint: %w", ErrUnavailable, err)
	}
	if stored.Size == 0 {
		return Checkpoint{}, nil
	}
	c, _, err := openCheckpoint(stored.Note, Origin(l.cfg.Hub, ente), signers.keys())
	if err != nil || c.Size != stored.Size {
		return Checkpoint{}, fmt.Errorf("%w: the checkpoint of %s over %d entries is not one that was signed",
			ErrTampered, ente, stored.Size)
	}
	c.Ente = ente
	return c, nil
}

// sign signs a checkpoint and keeps it, outside the database first: a note that only the sink has is harmless, one
// that only the database has could be rolled back unseen.
func (l *Log) sign(ctx context.Context, signer *Signer, c Checkpoint) (Checkpoint, error) {
	var err error
	text := formatCheckpoint(signer.Name(), c.Size, c.Root)
	if c.Note, err = note.Sign(&note.Note{Text: text}, signer); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: sign checkpoint of %s: %w", ErrUnavailable, c.Ente, err)
	}
	if l.cfg.Sink != nil {
		err := l.cfg.Sink.Write(ctx, c.Note)
		l.health.sunk(err)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("%w: checkpoint sink: %w", ErrUnavailable, err)
		}
	}
	if err := l.store.PutCheckpoint(ctx, c); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: store checkpoint: %w", ErrUnavailable, err)
	}
	return c, nil
}

// extends proves that a tree of that size and root contains all that the last checkpoint signed.
func extends(last Checkpoint, size int64, root tlog.Hash, read tlog.HashReader) error {
	if last.Size == 0 {
		return nil
	}
	if last.Size > size {
		return fmt.Errorf("%w: %d entries, but a checkpoint over %d was signed", ErrTampered, size, last.Size)
	}
	proof, err := tlog.ProveTree(size, last.Size, read)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, size, root, last.Size, last.Root); err != nil {
		return fmt.Errorf("%w: the log does not extend its checkpoint of size %d", ErrTampered, last.Size)
	}
	return nil
}

// checkpointLoop signs at intervals, when a log has grown by CheckpointEvery, and once more at the end, when the
// committer has stored its last batch.
func (l *Log) checkpointLoop() {
	ticker := time.NewTicker(l.cfg.CheckpointInterval)
	defer ticker.Stop()
	signed := make(map[string]int64)
	for {
		select {
		case <-ticker.C:
		case <-l.kick:
		case <-l.stop:
			return
		}
		l.checkpointAll(signed)
	}
}

// checkpointAll signs every log that has grown since the sizes in signed, and updates them.
func (l *Log) checkpointAll(signed map[string]int64) {
	ctx, cancel := context.WithTimeout(context.Background(), l.cfg.CheckpointInterval)
	defer cancel()
	heads, err := l.store.Heads(ctx)
	if err != nil {
		l.cfg.Logger.LogAttrs(ctx, levelAlarm, "evidence checkpoint not signed", attrError(err))
		return
	}
	for _, h := range heads {
		if signed[h.Ente] == h.Size {
			continue
		}
		c, err := l.Checkpoint(ctx, h.Ente)
		if err != nil {
			l.cfg.Logger.LogAttrs(ctx, levelAlarm, "evidence checkpoint not signed", attrEnte(h.Ente), attrError(err))
			continue
		}
		signed[h.Ente] = c.Size
	}
}
