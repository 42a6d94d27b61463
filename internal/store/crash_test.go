// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store_test

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// envVictim holds the DSN when the test binary runs as the process to be killed.
const envVictim = "SNODO_TEST_CRASH_DSN"

// fixedConfig has keys that two processes share; they protect nothing.
func fixedConfig(t testing.TB) evidence.Config {
	t.Helper()
	master, err := hex.DecodeString(strings.Repeat("07", seal.MasterKeySize))
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.New(master, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := evidence.NewSigner(evidence.Origin(evidencetest.Hub, evidencetest.EnteA),
		ed25519.NewKeyFromSeed(master))
	if err != nil {
		t.Fatal(err)
	}
	return evidence.Config{
		Hub: evidencetest.Hub, Sealer: sealer, Clock: time.Now, Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler),
		Signers: func(string) (evidence.Signers, error) { return evidence.Signers{Current: signer}, nil },
	}
}

// TestCrashVictim is not a test of its own: TestKilledProcessLosesNothing runs it in another process and kills it. It
// prints each confirmed index and number as soon as it is confirmed.
func TestCrashVictim(t *testing.T) {
	dsn := os.Getenv(envVictim)
	if dsn == "" {
		return
	}
	s, err := store.Open(t.Context(), store.Config{DSN: dsn, Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	l, err := evidence.Open(s.Evidence(), fixedConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				intent := evidencetest.Intent(evidencetest.EnteA, fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i))
				r, err := l.Append(t.Context(), intent)
				if err != nil {
					return
				}
				n, err := s.State().Next(t.Context(), evidencetest.EnteA, "anpr")
				if err != nil {
					return
				}
				mu.Lock()
				fmt.Printf("confirmed %d %d %s\n", r.Index, n, intent.Exchange)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// TestKilledProcessLosesNothing kills a writing process several times (product fault 24): what was confirmed is there,
// the log verifies, every open intent is closed once, and no number comes twice.
func TestKilledProcessLosesNothing(t *testing.T) {
	db := storetest.SQLite(t)
	db.Migrated(t, time.Now)
	db.Leave(t)
	confirmed := make(map[int64]string)
	numbers := make(map[uint64]bool)
	for range 3 {
		killWriter(t, db, confirmed, numbers)
	}
	s := db.Open(t, time.Now)
	l := evidencetest.Start(t, s.Evidence(), fixedConfig(t))
	for index, exchange := range confirmed {
		got, err := l.Get(t.Context(), evidencetest.EnteA, index)
		if err != nil || got.Exchange != exchange || got.SideState != evidence.SidePresent {
			t.Fatalf("confirmed entry %d: %+v, %v", index, got, err)
		}
	}
	next, err := s.State().Next(t.Context(), evidencetest.EnteA, "anpr")
	if err != nil || numbers[next] {
		t.Errorf("number %d came twice (%v)", next, err)
	}
	heads, err := l.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	size := heads[0].Size
	if n, err := l.CloseUnknown(t.Context(), time.Now().Add(time.Second)); int64(n) != size || err != nil {
		t.Errorf("CloseUnknown = %d, %v, want all %d intents", n, err, size)
	}
	file := evidencetest.Export(t, l, evidence.ExportQuery{Ente: evidencetest.EnteA})
	signers, err := fixedConfig(t).Signers(evidencetest.EnteA)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := evidence.ParseTrust(signers.Current.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	if report, err := evidence.Verify(bytes.NewReader(file), trust); err != nil || report.Size != 2*size {
		t.Errorf("Verify = %+v, %v", report, err)
	}
}

// killWriter runs the victim until it has confirmed some entries, kills it, and adds what it confirmed.
func killWriter(t *testing.T, db storetest.Database, confirmed map[int64]string, numbers map[uint64]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashVictim$")
	cmd.Env = append(os.Environ(), envVictim+"="+db.DSN)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 4 || fields[0] != "confirmed" {
			continue // a line cut by the kill
		}
		index, err1 := strconv.ParseInt(fields[1], 10, 64)
		number, err2 := strconv.ParseUint(fields[2], 10, 64)
		if err1 != nil || err2 != nil {
			continue
		}
		if confirmed[index] != "" || numbers[number] {
			t.Errorf("index %d or number %d was confirmed twice", index, number)
		}
		confirmed[index], numbers[number] = fields[3], true
		if seen++; seen == 100 {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the victim ended by itself: %v", err)
	}
}

// TestKilledProcessIsAnUncleanStop: the cache of used tokens notices.
func TestKilledProcessIsAnUncleanStop(t *testing.T) {
	db := storetest.SQLite(t)
	clock := replaytest.NewClock()
	if _, err := db.Migrated(t, clock.Now).Replay(t.Context()); err != nil { // as killed: never closed
		t.Fatal(err)
	}
	db.Leave(t)
	clock.Advance(time.Minute)
	c, err := db.Open(t, clock.Now).Replay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !c.NotBefore().Equal(clock.Now()) {
		t.Errorf("NotBefore = %v, want %v", c.NotBefore(), clock.Now())
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
