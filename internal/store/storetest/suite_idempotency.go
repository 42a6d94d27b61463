// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
)

func idempotencyKey(key string) store.IdempotencyKey {
	return store.IdempotencyKey{Ente: "c_z001", Application: "anagrafe", Key: key}
}

func digest(request string) [sha256.Size]byte { return sha256.Sum256([]byte(request)) }

// begin claims a key for a request and wants the claim.
func begin(t *testing.T, i *store.Idempotency, key, request string) *store.Claim {
	t.Helper()
	begun, err := i.Begin(t.Context(), idempotencyKey(key), digest(request))
	if err != nil || begun.Claim == nil || begun.Answer != nil {
		t.Fatalf("Begin = %+v, %v, want a claim", begun, err)
	}
	return begun.Claim
}

func complete(t *testing.T, i *store.Idempotency, c *store.Claim, answer string) {
	t.Helper()
	if err := i.Complete(t.Context(), c, []byte(answer)); err != nil {
		t.Fatal(err)
	}
}

func testRepeatedRequest(t *testing.T, db Database) {
	i := db.Migrated(t, time.Now).Idempotency(Sealer(t))
	claim := begin(t, i, "k1", "request")
	if _, err := i.Begin(t.Context(), idempotencyKey("k1"), digest("request")); !errors.Is(err, store.ErrInProgress) {
		t.Errorf("while the first is in progress: %v, want ErrInProgress", err)
	}
	complete(t, i, claim, "answer")
	for range 2 {
		begun, err := i.Begin(t.Context(), idempotencyKey("k1"), digest("request"))
		if err != nil || begun.Claim != nil || string(begun.Answer) != "answer" {
			t.Errorf("afterwards: %+v, %v, want the first answer", begun, err)
		}
	}
	if err := i.Complete(t.Context(), claim, []byte("second")); !errors.Is(err, store.ErrClaimLost) {
		t.Errorf("Complete twice = %v, want ErrClaimLost", err)
	}
}

func testIdempotencyMismatch(t *testing.T, db Database) {
	i := db.Migrated(t, time.Now).Idempotency(Sealer(t))
	claim := begin(t, i, "k1", "request")
	for _, state := range []string{"in progress", "answered"} {
		if _, err := i.Begin(t.Context(), idempotencyKey("k1"), digest("other")); !errors.Is(err, store.ErrMismatch) {
			t.Errorf("%s: %v, want ErrMismatch", state, err)
		}
		if state == "in progress" {
			complete(t, i, claim, "answer")
		}
	}
}

func testIdempotencyScopes(t *testing.T, db Database) {
	i := db.Migrated(t, time.Now).Idempotency(Sealer(t))
	for _, k := range []store.IdempotencyKey{
		{Ente: "c_z001", Application: "anagrafe", Key: "k"},
		{Ente: "c_z002", Application: "anagrafe", Key: "k"},
		{Ente: "c_z001", Application: "scuola", Key: "k"},
		{Ente: "c_z001", Application: "anagrafek"},
	} {
		if begun, err := i.Begin(t.Context(), k, digest("request")); err != nil || begun.Claim == nil {
			t.Errorf("Begin(%+v) = %+v, %v, want a claim", k, begun, err)
		}
	}
}

func testOneClaimWins(t *testing.T, db Database) {
	sealer := Sealer(t)
	stores := []*store.Store{db.Migrated(t, time.Now), db.Open(t, time.Now)}
	var won atomic.Int32
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			_, err := stores[w%2].Idempotency(sealer).Begin(t.Context(), idempotencyKey("k1"), digest("request"))
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, store.ErrInProgress):
				t.Errorf("caller %d: %v, want ErrInProgress", w, err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d callers got the claim, want 1", won.Load())
	}
}

func testAbandonedClaim(t *testing.T, db Database) {
	i := db.Migrated(t, time.Now).Idempotency(Sealer(t))
	claim := begin(t, i, "k1", "request")
	if err := i.Abandon(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	// Another request may use the key too: nothing was done under it.
	second := begin(t, i, "k1", "other")
	if err := i.Abandon(t.Context(), claim); err != nil {
		t.Errorf("abandon twice: %v", err)
	}
	complete(t, i, second, "answer")
}

func testClaimRunsOut(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	i := db.Migrated(t, clock.Now).Idempotency(Sealer(t))
	dead := begin(t, i, "k1", "request")
	clock.Advance(store.DefaultIdempotencyLease - time.Second)
	if _, err := i.Begin(t.Context(), idempotencyKey("k1"), digest("request")); !errors.Is(err, store.ErrInProgress) {
		t.Errorf("before the lease ends: %v, want ErrInProgress", err)
	}
	clock.Advance(time.Second)
	if _, err := i.Begin(t.Context(), idempotencyKey("k1"), digest("other")); !errors.Is(err, store.ErrMismatch) {
		t.Errorf("another request after the lease: %v, want ErrMismatch", err)
	}
	live := begin(t, i, "k1", "request")
	if err := i.Complete(t.Context(), dead, []byte("late")); !errors.Is(err, store.ErrClaimLost) {
		t.Errorf("the dead process answers: %v, want ErrClaimLost", err)
	}
	complete(t, i, live, "answer")
}

func testDoomedRequest(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	i := db.Migrated(t, clock.Now).Idempotency(Sealer(t))
	claim := begin(t, i, "k1", "request")
	if err := i.Doom(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	for _, wait := range []time.Duration{0, store.DefaultIdempotencyLease, store.IdempotencyLife - store.DefaultIdempotencyLease - time.Second} {
		clock.Advance(wait)
		if begun, err := i.Begin(t.Context(), idempotencyKey("k1"), digest("request")); !errors.Is(err, store.ErrUnknown) {
			t.Errorf("%s later: %+v, %v, want ErrUnknown", wait, begun, err)
		}
		if _, err := i.Begin(t.Context(), idempotencyKey("k1"), digest("other")); !errors.Is(err, store.ErrMismatch) {
			t.Errorf("another request %s later: %v, want ErrMismatch", wait, err)
		}
	}
	if err := i.Complete(t.Context(), claim, []byte("late")); !errors.Is(err, store.ErrClaimLost) {
		t.Errorf("Complete after Doom = %v, want ErrClaimLost", err)
	}
	if err := i.Doom(t.Context(), claim); !errors.Is(err, store.ErrClaimLost) {
		t.Errorf("Doom twice = %v, want ErrClaimLost", err)
	}
	if err := i.Abandon(t.Context(), claim); err != nil {
		t.Errorf("Abandon after Doom: %v", err)
	}
	if _, err := i.Begin(t.Context(), idempotencyKey("k1"), digest("request")); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("Abandon has freed a doomed key: %v", err)
	}
	clock.Advance(time.Second)
	complete(t, i, begin(t, i, "k1", "request"), "answer")
}

func testAnswerExpires(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	i := db.Migrated(t, clock.Now).Idempotency(Sealer(t))
	complete(t, i, begin(t, i, "k1", "request"), "answer")
	complete(t, i, begin(t, i, "k2", "request"), "answer")
	clock.Advance(store.IdempotencyLife - time.Second)
	if n, err := i.Purge(t.Context(), clock.Now()); n != 0 || err != nil {
		t.Errorf("Purge while the answers live = %d, %v", n, err)
	}
	clock.Advance(time.Second)
	complete(t, i, begin(t, i, "k1", "other request"), "new answer")
	if n, err := i.Purge(t.Context(), clock.Now()); n != 1 || err != nil {
		t.Errorf("Purge = %d, %v, want 1", n, err)
	}
}

func testAnswerEncrypted(t *testing.T, db Database) {
	const personal = "BNCMRC85C12D612U"
	i := db.Migrated(t, time.Now).Idempotency(Sealer(t))
	complete(t, i, begin(t, i, "k1", "request"), personal)
	raw, err := sql.Open(db.Driver, db.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	var scope, request, key, answer []byte
	row := raw.QueryRowContext(t.Context(), "SELECT scope, request, answer_key, answer FROM idempotency")
	if err := row.Scan(&scope, &request, &key, &answer); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(answer, []byte(personal)) || len(key) == 0 || len(answer) == 0 {
		t.Error("the answer is stored in clear")
	}
}

func testAnswerOtherKey(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	i := s.Idempotency(Sealer(t))
	complete(t, i, begin(t, i, "k1", "request"), "answer")
	_, err := s.Idempotency(Sealer(t)).Begin(t.Context(), idempotencyKey("k1"), digest("request"))
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Begin under another master key = %v, want ErrUnavailable", err)
	}
}
