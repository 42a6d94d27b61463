// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

var errDisk = errors.New("disk")

// A faultyStore is a real store whose answers are lost while broken is set; with late, after the work was done.
type faultyStore struct {
	evidence.Store
	broken, late atomic.Bool
	hold         chan struct{} // when not nil, a transaction waits for it
}

func (s *faultyStore) fails() error {
	if s.broken.Load() {
		return errDisk
	}
	return nil
}

func (s *faultyStore) Update(ctx context.Context, enti []string, fn func(evidence.Tx) error) error {
	if s.hold != nil {
		<-s.hold
	}
	if err := s.fails(); err != nil && !s.late.Load() {
		return err
	}
	if err := s.Store.Update(ctx, enti, fn); err != nil {
		return err
	}
	return s.fails()
}

func (s *faultyStore) Heads(ctx context.Context) ([]evidence.Head, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Store.Heads(ctx)
}

func (s *faultyStore) Rows(ctx context.Context, f evidence.Filter) ([]evidence.Row, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Store.Rows(ctx, f)
}

func (s *faultyStore) Open(ctx context.Context, ente string, before time.Time) ([]evidence.Row, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	return s.Store.Open(ctx, ente, before)
}

func (s *faultyStore) Erase(ctx context.Context, e evidence.Erasure) (int, error) {
	if err := s.fails(); err != nil {
		return 0, err
	}
	return s.Store.Erase(ctx, e)
}

func newFaultyStore(t *testing.T) *faultyStore {
	t.Helper()
	return &faultyStore{Store: storetest.SQLite(t).Migrated(t, time.Now).Evidence()}
}

// TestBrokenStoreIsDontKnow: every question to a store that does not answer is ErrUnavailable, never "no".
func TestBrokenStoreIsDontKnow(t *testing.T) {
	store := newFaultyStore(t)
	cfg, _ := evidencetest.Config(t)
	l := evidencetest.Start(t, store, cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 1)
	store.broken.Store(true)
	ctx, ente := t.Context(), evidencetest.EnteA
	for name, ask := range map[string]func() error{
		"Append":           func() error { return second(l.Append(ctx, evidencetest.Intent(ente, "x"))) },
		"Get":              func() error { return second(l.Get(ctx, ente, 0)) },
		"List":             func() error { return second(l.List(ctx, evidence.Query{Ente: ente})) },
		"Heads":            func() error { return second(l.Heads(ctx)) },
		"OpenIntents":      func() error { return second(l.OpenIntents(ctx, ente)) },
		"Checkpoint":       func() error { return second(l.Checkpoint(ctx, ente)) },
		"InclusionProof":   func() error { return second(l.InclusionProof(ctx, ente, 0, 1)) },
		"CloseUnknown":     func() error { return second(l.CloseUnknown(ctx, time.Now())) },
		"Erase":            func() error { return second(l.Erase(ctx, ente, evidencetest.CodiceFiscale)) },
		"EraseExchange":    func() error { return second(l.EraseExchange(ctx, ente, "x")) },
		"Prune":            func() error { return second(l.Prune(ctx, time.Now())) },
		"Export":           func() error { return l.Export(ctx, evidence.ExportQuery{Ente: ente}, io.Discard) },
		"Export of nobody": func() error { return l.Export(ctx, evidence.ExportQuery{Ente: "c_z999"}, io.Discard) },
	} {
		if err := ask(); !errors.Is(err, evidence.ErrUnavailable) || !errors.Is(err, errDisk) || errors.Is(err, evidence.ErrNotFound) {
			t.Errorf("%s = %v, want ErrUnavailable", name, err)
		}
	}
	store.broken.Store(false)
	if r := evidencetest.MustAppend(t, l, evidencetest.Intent(ente, "after")); r.Index != 2 {
		t.Errorf("index after the failure: %d, want 2", r.Index)
	}
}

// TestLostAnswerOfACommit: the store did commit, and the hub cannot know. The log goes on from what is stored.
func TestLostAnswerOfACommit(t *testing.T) {
	store := newFaultyStore(t)
	cfg, keys := evidencetest.Config(t)
	l := evidencetest.Start(t, store, cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 1)
	store.late.Store(true)
	store.broken.Store(true)
	if _, err := l.Append(t.Context(), evidencetest.Intent(evidencetest.EnteA, "lost")); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("Append = %v, want ErrUnavailable", err)
	}
	store.broken.Store(false)
	if r := evidencetest.MustAppend(t, l, evidencetest.Intent(evidencetest.EnteA, "next")); r.Index != 3 {
		t.Errorf("next index %d, want 3", r.Index)
	}
	file := evidencetest.Export(t, l, evidence.ExportQuery{Ente: evidencetest.EnteA, Sides: true})
	if _, err := verify(file, keys.Trust(t, evidencetest.EnteA)); err != nil {
		t.Error(err)
	}
	if n, err := l.CloseUnknown(t.Context(), time.Now().Add(time.Second)); n != 2 || err != nil {
		t.Errorf("CloseUnknown = %d, %v, want both open intents", n, err)
	}
}

// TestQueueIsBounded: a store that hangs makes callers fail, not pile up.
func TestQueueIsBounded(t *testing.T) {
	store := newFaultyStore(t)
	store.hold = make(chan struct{})
	cfg, _ := evidencetest.Config(t)
	cfg.MaxPending, cfg.MaxBatch = 2, 1
	l := evidencetest.Start(t, store, cfg)
	var wg sync.WaitGroup
	var stored, refused atomic.Int32
	for i := range 10 {
		wg.Go(func() {
			_, err := l.Append(t.Context(), evidencetest.Intent(evidencetest.EnteA, fmt.Sprint(i)))
			switch {
			case err == nil:
				stored.Add(1)
			case errors.Is(err, evidence.ErrUnavailable):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	waitFor(t, "callers to be refused", func() bool { return refused.Load() >= 7 })
	close(store.hold)
	wg.Wait()
	if stored.Load() > 3 || stored.Load()+refused.Load() != 10 {
		t.Errorf("%d stored, %d refused: want at most one in work and two waiting", stored.Load(), refused.Load())
	}
}

func TestInvalidRecordIsNotStored(t *testing.T) {
	l, _ := newLog(t)
	for name, change := range map[string]func(*evidence.Record){
		"a credential kept whole": func(r *evidence.Record) {
			r.Side.Proofs = []evidence.Proof{{Token: evidence.TokenVoucher, Compact: "a.b.c"}}
		},
		"a payload that is not JSON": func(r *evidence.Record) {
			r.Side.Proofs = []evidence.Proof{{Token: evidence.TokenVoucher, Payload: []byte("m.rossi")}}
		},
		"a side too long": func(r *evidence.Record) {
			r.Side.Messages = []evidence.Message{{Body: make([]byte, evidence.MaxSide)}}
		},
		"a leaf too long": func(r *evidence.Record) { r.Exchange = strings.Repeat("x", evidence.MaxLeaf) },
	} {
		r := evidencetest.Intent(evidencetest.EnteA, "x")
		change(&r)
		_, err := l.Append(t.Context(), r)
		if !errors.Is(err, evidence.ErrInvalid) || errors.Is(err, evidence.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "m.rossi") {
			t.Errorf("%s: the error quotes the record: %v", name, err)
		}
	}
	if heads, err := l.Heads(t.Context()); err != nil || len(heads) != 0 {
		t.Errorf("Heads() = %v, %v, want nothing stored", heads, err)
	}
}

func TestClosedLogRefuses(t *testing.T) {
	cfg, _ := evidencetest.Config(t)
	var sink evidencetest.MemorySink
	cfg.Sink = &sink
	l := evidencetest.Start(t, storetest.SQLite(t).Migrated(t, time.Now).Evidence(), cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 1)
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(sink.Notes()); n != 1 {
		t.Errorf("%d checkpoints were signed at the end, want 1", n)
	}
	if _, err := l.Append(t.Context(), evidencetest.Intent(evidencetest.EnteA, "x")); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("Append to a closed log = %v, want ErrUnavailable", err)
	}
}

func TestCheckpointsAreSignedWithoutBeingAsked(t *testing.T) {
	for name, set := range map[string]func(*evidence.Config){
		"after some entries": func(c *evidence.Config) { c.CheckpointEvery = 4 },
		"after some time":    func(c *evidence.Config) { c.CheckpointInterval = time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			cfg, _ := evidencetest.Config(t)
			var sink evidencetest.MemorySink
			cfg.Sink = &sink
			set(&cfg)
			l := evidencetest.Start(t, storetest.SQLite(t).Migrated(t, time.Now).Evidence(), cfg)
			evidencetest.Fill(t, l, evidencetest.EnteA, 2)
			waitFor(t, "a checkpoint", func() bool { return len(sink.Notes()) > 0 })
		})
	}
}

// TestCheckpointMustLeaveTheDatabase: what only the database has could be rolled back unseen.
func TestCheckpointMustLeaveTheDatabase(t *testing.T) {
	cfg, _ := evidencetest.Config(t)
	var sink evidencetest.MemorySink
	cfg.Sink = &sink
	store := storetest.SQLite(t).Migrated(t, time.Now).Evidence()
	l := evidencetest.Start(t, store, cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 1)
	sink.Fail(errDisk)
	if _, err := l.Checkpoint(t.Context(), evidencetest.EnteA); !errors.Is(err, evidence.ErrUnavailable) || !errors.Is(err, errDisk) {
		t.Errorf("Checkpoint = %v, want ErrUnavailable", err)
	}
	if c, err := store.LastCheckpoint(t.Context(), evidencetest.EnteA); err != nil || c.Note != nil {
		t.Errorf("the database has a checkpoint that the sink has not: %v", err)
	}
	sink.Fail(nil)
	if _, err := l.Checkpoint(t.Context(), evidencetest.EnteA); err != nil {
		t.Error(err)
	}
}

// TestNotReadyWhileRecordsCannotBeKept: the probe says so, and a hub that is sent nothing meanwhile recovers.
func TestNotReadyWhileRecordsCannotBeKept(t *testing.T) {
	store := newFaultyStore(t)
	cfg, _ := evidencetest.Config(t)
	clock := replaytest.NewClock()
	var sink evidencetest.MemorySink
	cfg.Clock, cfg.Sink = clock.Now, &sink
	l := evidencetest.Start(t, store, cfg)
	expect := func(when string, want error) {
		t.Helper()
		if err := l.Ready(t.Context()); !errors.Is(err, want) || (want == nil && err != nil) {
			t.Errorf("%s: Ready = %v, want %v", when, err, want)
		}
	}
	intend := func(exchange string) error {
		return second(l.Append(t.Context(), evidencetest.Intent(evidencetest.EnteA, exchange)))
	}
	expect("at start", nil)
	store.broken.Store(true)
	if err := intend("lost"); err == nil {
		t.Fatal("a broken store kept a record")
	}
	expect("after a failed append", errDisk)
	clock.Advance(time.Minute)
	expect("a minute later", nil)
	if err := intend("lost too"); err == nil {
		t.Fatal("a broken store kept a record")
	}
	store.broken.Store(false)
	expect("before the next append", errDisk)
	if err := intend("kept"); err != nil {
		t.Fatal(err)
	}
	expect("after it", nil)
	sink.Fail(errDisk)
	if _, err := l.Checkpoint(t.Context(), evidencetest.EnteA); err == nil {
		t.Fatal("a broken sink took a checkpoint")
	}
	clock.Advance(time.Hour)
	expect("without a sink", errDisk)
	sink.Fail(nil)
	if _, err := l.Checkpoint(t.Context(), evidencetest.EnteA); err != nil {
		t.Fatal(err)
	}
	expect("with the sink again", nil)
}

func TestEnteWithoutSealKeepsEvidenceUnsigned(t *testing.T) {
	cfg, keys := evidencetest.Config(t)
	var logged syncBuffer
	cfg.Logger = slog.New(slog.NewJSONHandler(&logged, nil))
	cfg.CheckpointEvery = 1
	cfg.Signers = func(ente string) (evidence.Signers, error) {
		if ente == evidencetest.EnteA {
			return evidence.Signers{}, errDisk
		}
		return keys.Signers(evidencetest.EnteA) // the seal of somebody else
	}
	l := evidencetest.Start(t, storetest.SQLite(t).Migrated(t, time.Now).Evidence(), cfg)
	for _, ente := range []string{evidencetest.EnteA, evidencetest.EnteB} {
		evidencetest.Fill(t, l, ente, 1)
		if _, err := l.Checkpoint(t.Context(), ente); !errors.Is(err, evidence.ErrUnavailable) {
			t.Errorf("Checkpoint of %s = %v, want ErrUnavailable", ente, err)
		}
	}
	waitFor(t, "the alarm", func() bool { return strings.Contains(logged.String(), `"ente":"c_z002"`) })
}

func TestConfigIsChecked(t *testing.T) {
	store := newFaultyStore(t)
	for name, change := range map[string]func(*evidence.Config){
		"no hub":               func(c *evidence.Config) { c.Hub = "" },
		"hub with white space": func(c *evidence.Config) { c.Hub = "a b" },
		"hub with plus":        func(c *evidence.Config) { c.Hub = "a+b" },
		"no sealer":            func(c *evidence.Config) { c.Sealer = nil },
		"no signers":           func(c *evidence.Config) { c.Signers = nil },
		"no clock":             func(c *evidence.Config) { c.Clock = nil },
		"no randomness":        func(c *evidence.Config) { c.Rand = nil },
		"no logger":            func(c *evidence.Config) { c.Logger = nil },
	} {
		cfg, _ := evidencetest.Config(t)
		change(&cfg)
		if l, err := evidence.Open(store, cfg); err == nil {
			t.Errorf("%s: accepted", name)
			_ = l.Close()
		}
	}
}

// TestOtherMasterKeySealsNothingAway: the log stays readable and whole, its side records are reported as sealed.
func TestOtherMasterKeySealsNothingAway(t *testing.T) {
	store := storetest.SQLite(t).Migrated(t, time.Now).Evidence()
	cfg, keys := evidencetest.Config(t)
	l := evidencetest.Start(t, store, cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 1)
	other, _ := evidencetest.Config(t)
	other.Signers = keys.Signers
	stranger := evidencetest.Start(t, store, other)
	if got, err := stranger.Get(t.Context(), evidencetest.EnteA, 0); err != nil || got.SideState != evidence.SideSealed || got.Side != nil {
		t.Errorf("Get = %s, %v, want a sealed side", got.SideState, err)
	}
	file := evidencetest.Export(t, stranger, evidence.ExportQuery{Ente: evidencetest.EnteA, Sides: true})
	if report, err := verify(file, keys.Trust(t, evidencetest.EnteA)); err != nil || report.Withheld != 2 {
		t.Errorf("Verify = %+v, %v, want two side records withheld", report, err)
	}
}

func TestFileSinkAppends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "checkpoints")
	for _, n := range []string{"first\n\n— a b\n", "second\n"} {
		s, err := evidence.OpenFileSink(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), []byte(n)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Write(t.Context(), []byte("late")); err == nil {
			t.Error("a closed sink took a note")
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	var got []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var line struct{ Checkpoint string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		got = append(got, line.Checkpoint)
	}
	if len(got) != 2 || got[0] != "first\n\n— a b\n" || got[1] != "second\n" {
		t.Errorf("the file holds %q", got)
	}
	if _, err := evidence.OpenFileSink(filepath.Join(path, "below a file")); err == nil {
		t.Error("a sink was opened where it cannot be")
	}
}

// waitFor polls until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for !holds() {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("waited too long for %s", what)
		}
	}
}

// A syncBuffer is a text that goroutines write and a test reads.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
