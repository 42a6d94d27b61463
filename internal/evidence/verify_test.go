// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

func day() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }

// newLog returns a log over a new SQLite store.
func newLog(t testing.TB) (*evidence.Log, *evidencetest.Keys) {
	t.Helper()
	cfg, keys := evidencetest.Config(t)
	return evidencetest.Start(t, storetest.SQLite(t).Migrated(t, time.Now).Evidence(), cfg), keys
}

// aFile is the export of entries 3 to 6 of a log of 9 with checkpoints over 2, 4, 7 and 9 entries, one side record
// erased and one entry without.
func aFile(t testing.TB) (file []byte, keys *evidencetest.Keys) {
	t.Helper()
	l, keys := newLog(t)
	for i := range 9 {
		r := evidencetest.Intent(evidencetest.EnteA, fmt.Sprintf("x%d", i))
		r.Instant = day().Add(time.Duration(i) * time.Hour)
		if i == 4 {
			r.Side, r.Subjects = evidence.Side{}, nil
		}
		evidencetest.MustAppend(t, l, r)
		if size := i + 1; size == 2 || size == 4 || size == 7 {
			if _, err := l.Checkpoint(t.Context(), evidencetest.EnteA); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := l.EraseExchange(t.Context(), evidencetest.EnteA, "x5"); err != nil {
		t.Fatal(err)
	}
	return evidencetest.Export(t, l, evidence.ExportQuery{
		Ente: evidencetest.EnteA, From: day().Add(3 * time.Hour), To: day().Add(7 * time.Hour), Sides: true,
	}), keys
}

func verify(file []byte, trust evidence.Trust) (evidence.Report, error) {
	return evidence.Verify(bytes.NewReader(file), trust)
}

func asAltered(err error) *evidence.AlteredError {
	var altered *evidence.AlteredError
	errors.As(err, &altered)
	return altered
}

func asUntrusted(err error) *evidence.UntrustedError {
	var untrusted *evidence.UntrustedError
	errors.As(err, &untrusted)
	return untrusted
}

func TestVerifyAcceptsAMiddleRange(t *testing.T) {
	file, keys := aFile(t)
	report, err := verify(file, keys.Trust(t, evidencetest.EnteA))
	if err != nil {
		t.Fatal(err)
	}
	if report.Size != 9 || report.From != 3 || report.To != 7 || report.Checkpoints != 3 {
		t.Errorf("report: %+v, want entries 3 to 6 of 9 under three checkpoints", report)
	}
	if report.Sides != 2 || report.Erased != 1 || report.Origin != evidence.Origin(evidencetest.Hub, evidencetest.EnteA) {
		t.Errorf("report: %+v, want two side records and one erased", report)
	}
}

// TestVerifyNamesEveryChangedByte changes each byte of a file, in one of three ways by turns.
func TestVerifyNamesEveryChangedByte(t *testing.T) {
	file, keys := aFile(t)
	trust := keys.Trust(t, evidencetest.EnteA)
	line := 1
	for i, original := range file {
		file[i] = original ^ [...]byte{0x01, 0x20, 0x80}[i%3]
		_, err := verify(file, trust)
		checkNamed(t, err, line, fmt.Sprintf("byte %d, line %d, %q to %q", i, line, original, file[i]))
		file[i] = original
		if original == '\n' {
			line++
		}
	}
}

// checkNamed wants the fault in the line that was changed, or in a checkpoint that covers it.
func checkNamed(t *testing.T, err error, line int, what string) {
	t.Helper()
	altered := asAltered(err)
	if altered == nil {
		t.Fatalf("%s: Verify = %v, want AlteredError", what, err)
	}
	const header, checkpoints, before, entries = 1, 4, 5, 9 // last line of each part
	switch {
	case line <= header:
		// The header has the keys and the sizes: a change may show in the lines that it rules.
	case line <= checkpoints:
		if altered.Checkpoint < 0 || altered.Line != line {
			t.Errorf("%s: %v, want this checkpoint", what, err)
		}
	case line <= before || line > entries:
		if altered.Checkpoint < 0 && altered.Index < 0 {
			t.Errorf("%s: %v, want an entry or the checkpoint over it", what, err)
		}
	default:
		if want := int64(line - before + 2); altered.Index != want || altered.Line != line {
			t.Errorf("%s: %v, want entry %d", what, err, want)
		}
	}
	if strings.Contains(err.Error(), "m.rossi") {
		t.Errorf("%s: the error quotes the file", what)
	}
}

func TestVerifyRefusesEveryTruncation(t *testing.T) {
	file, keys := aFile(t)
	trust := keys.Trust(t, evidencetest.EnteA)
	for n := 0; n < len(file); n++ {
		if n%5 != 0 && file[n] != '\n' && (n == 0 || file[n-1] != '\n') {
			continue // every end of a line, and one place in five
		}
		if _, err := verify(file[:n], trust); asAltered(err) == nil {
			t.Fatalf("the first %d of %d bytes: %v, want AlteredError", n, len(file), err)
		}
	}
}

func TestVerifyRefusesMovedLines(t *testing.T) {
	file, keys := aFile(t)
	trust := keys.Trust(t, evidencetest.EnteA)
	lines := bytes.SplitAfter(file, []byte("\n"))
	lines = lines[:len(lines)-1]
	try := func(what string, changed [][]byte) {
		t.Helper()
		if _, err := verify(slices.Concat(changed...), trust); asAltered(err) == nil {
			t.Errorf("%s: %v, want AlteredError", what, err)
		}
	}
	for i := range lines {
		try(fmt.Sprintf("line %d removed", i+1), slices.Delete(slices.Clone(lines), i, i+1))
		try(fmt.Sprintf("line %d twice", i+1), slices.Insert(slices.Clone(lines), i, lines[i]))
		if i > 0 {
			swapped := slices.Clone(lines)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			try(fmt.Sprintf("lines %d and %d swapped", i, i+1), swapped)
		}
	}
	for _, tail := range []string{"\n", " ", "x", "{}\n", string(lines[0])} {
		try("something after the end", append(slices.Clone(lines), []byte(tail)))
	}
}

func TestVerifyTellsWhoSigned(t *testing.T) {
	file, keys := aFile(t)
	signers, err := keys.Signers(evidencetest.EnteA)
	if err != nil {
		t.Fatal(err)
	}
	key := signers.Current.VerifierKey()
	fingerprint, err := evidence.Fingerprint(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{key, fingerprint, strings.ToUpper(fingerprint), " " + key + "\n"} {
		trust, err := evidence.ParseTrust(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verify(file, trust); err != nil {
			t.Errorf("trusted by %q: %v", text, err)
		}
	}
	for name, trust := range map[string]evidence.Trust{
		"no key": {}, "key of another ente": keys.Trust(t, evidencetest.EnteB),
	} {
		untrusted := asUntrusted(second(verify(file, trust)))
		if untrusted == nil || untrusted.Fingerprint != fingerprint || untrusted.Key != key {
			t.Errorf("%s: %v, want UntrustedError with the key of the file", name, untrusted)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestVerifyDoesNotTrustAForger: somebody who rewrites a log and signs it with a key of their own gets a consistent
// file, and no more.
func TestVerifyDoesNotTrustAForger(t *testing.T) {
	_, keys := aFile(t)
	forged, _ := aFile(t) // the same hub and ente under other keys
	if err := second(verify(forged, keys.Trust(t, evidencetest.EnteA))); asUntrusted(err) == nil {
		t.Errorf("Verify = %v, want UntrustedError", err)
	}
}

func TestVerifyAfterAChangeOfSeal(t *testing.T) {
	cfg, keys := evidencetest.Config(t)
	store := storetest.SQLite(t).Migrated(t, time.Now).Evidence()
	old, err := keys.Signers(evidencetest.EnteA)
	if err != nil {
		t.Fatal(err)
	}
	before := evidencetest.Start(t, store, cfg)
	evidencetest.Fill(t, before, evidencetest.EnteA, 1)
	if err := before.Close(); err != nil { // signs the last checkpoint with the old seal
		t.Fatal(err)
	}
	next := &evidencetest.Keys{}
	cfg.Signers = func(ente string) (evidence.Signers, error) {
		s, err := next.Signers(ente)
		s.Retired = []string{old.Current.VerifierKey()}
		return s, err
	}
	after := evidencetest.Start(t, store, cfg)
	evidencetest.Fill(t, after, evidencetest.EnteA, 1)
	file := evidencetest.Export(t, after, evidence.ExportQuery{Ente: evidencetest.EnteA})
	report, err := verify(file, next.Trust(t, evidencetest.EnteA))
	if err != nil || report.Checkpoints != 2 {
		t.Errorf("under the new seal: %+v, %v, want two checkpoints", report, err)
	}
	// The old seal has signed nothing over the whole range.
	if err := second(verify(file, keys.Trust(t, evidencetest.EnteA))); asUntrusted(err) == nil {
		t.Errorf("under the old seal: %v, want UntrustedError", err)
	}
}

func TestExportWithholdsSidesUnlessAsked(t *testing.T) {
	l, keys := newLog(t)
	evidencetest.Fill(t, l, evidencetest.EnteA, 2)
	file := evidencetest.Export(t, l, evidence.ExportQuery{Ente: evidencetest.EnteA})
	for _, personal := range []string{"m.rossi", "2026/42", evidencetest.CodiceFiscale, "salt"} {
		if bytes.Contains(file, []byte(personal)) {
			t.Errorf("the export holds %q", personal)
		}
	}
	if report, err := verify(file, keys.Trust(t, evidencetest.EnteA)); err != nil || report.Withheld != 4 {
		t.Errorf("Verify = %+v, %v, want 4 side records withheld", report, err)
	}
}

// What the trusted key signed is not the whole file: a tail signed by another key follows. It may be the ente's next
// seal, or anyone who holds the file.
func TestRejectsATailThatTheTrustedKeyNeverSigned(t *testing.T) {
	cfg, keys := evidencetest.Config(t)
	now := day()
	cfg.Clock = func() time.Time { return now }
	store := storetest.SQLite(t).Migrated(t, time.Now).Evidence()
	before := evidencetest.Start(t, store, cfg)
	evidencetest.Fill(t, before, evidencetest.EnteA, 1)
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := keys.Signers(evidencetest.EnteA)
	if err != nil {
		t.Fatal(err)
	}
	other := &evidencetest.Keys{}
	cfg.Signers = func(ente string) (evidence.Signers, error) {
		s, err := other.Signers(ente)
		s.Retired = []string{old.Current.VerifierKey()}
		return s, err
	}
	now = now.Add(time.Hour)
	after := evidencetest.Start(t, store, cfg)
	evidencetest.Fill(t, after, evidencetest.EnteA, 1)
	file := evidencetest.Export(t, after, evidence.ExportQuery{Ente: evidencetest.EnteA, To: day().Add(time.Minute)})
	report, err := verify(file, keys.Trust(t, evidencetest.EnteA))
	if asUntrusted(err) == nil || report.To != 2 || report.Size != 4 {
		t.Errorf("Verify = %+v, %v, want UntrustedError on entries 0-1 of 4", report, err)
	}
}

func TestExportOfAnEmptyPeriodDecidesNothing(t *testing.T) {
	l, keys := newLog(t)
	evidencetest.Fill(t, l, evidencetest.EnteA, 2)
	file := evidencetest.Export(t, l, evidence.ExportQuery{Ente: evidencetest.EnteA, To: day()})
	report, err := verify(file, keys.Trust(t, evidencetest.EnteA))
	if !errors.Is(err, evidence.ErrNoEntries) || report.From != report.To || report.Size != 4 {
		t.Errorf("Verify = %+v, %v, want no entry of a log of 4", report, err)
	}
}

func TestVerifyOfAnUnreadableFileDecidesNothing(t *testing.T) {
	file, keys := aFile(t)
	broken := errors.New("disk")
	for n := 0; n < len(file); n += 13 {
		r := iotest.OneByteReader(bytes.NewReader(file[:n]))
		_, err := evidence.Verify(&failingReader{r, broken}, keys.Trust(t, evidencetest.EnteA))
		if !errors.Is(err, broken) || asAltered(err) != nil || asUntrusted(err) != nil {
			t.Fatalf("fails after %d bytes: %v, want the error of the reader", n, err)
		}
	}
}

// TestRejectsASideRecordThatTheLeafDoesNotCommitTo: what a file says of a side record is believed only where the signed
// leaf commits to one. Otherwise whoever holds a file could add one, or claim that one was erased.
func TestRejectsASideRecordThatTheLeafDoesNotCommitTo(t *testing.T) {
	file, keys := aFile(t) // entry 4 has no side record, entry 5 an erased one
	trust := keys.Trust(t, evidencetest.EnteA)
	salt := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for name, c := range map[string]struct {
		index    int64
		from, to string // the end of the line of the entry
		reason   string
	}{
		"erased":    {4, `}`, `,"side":{"state":"erased"}}`, "mentioned where the leaf commits to none"},
		"withheld":  {4, `}`, `,"side":{"state":"withheld"}}`, "mentioned where the leaf commits to none"},
		"altered":   {4, `}`, `,"side":{"state":"altered"}}`, "mentioned where the leaf commits to none"},
		"in clear":  {4, `}`, `,"side":{"state":"present","salt":"` + salt + `","record":{}}}`, "mentioned where the leaf commits to none"},
		"left out":  {5, `,"side":{"state":"erased"}}`, `}`, "that the leaf commits to is not mentioned"},
		"brought":   {5, `{"state":"erased"}}`, `{"state":"present","salt":"` + salt + `","record":{}}}`, "not what the leaf commits to"},
		"no reason": {5, `{"state":"erased"}}`, `{"state":"lost"}}`, "unknown state"},
	} {
		t.Run(name, func(t *testing.T) {
			lines := bytes.SplitAfter(file, []byte("\n"))
			found := false
			for i, line := range lines {
				text, whole := strings.CutSuffix(string(line), c.from+"\n")
				if strings.HasPrefix(text, fmt.Sprintf(`{"index":%d,`, c.index)) && whole {
					lines[i], found = []byte(text+c.to+"\n"), true
				}
			}
			if !found {
				t.Fatalf("no entry %d that ends in %s", c.index, c.from)
			}
			_, err := verify(bytes.Join(lines, nil), trust)
			altered := asAltered(err)
			if altered == nil || altered.Index != c.index || !strings.Contains(altered.Reason, c.reason) {
				t.Errorf("Verify = %v, want entry %d: %s", err, c.index, c.reason)
			}
		})
	}
}

// A failingReader gives err where r ends.
type failingReader struct {
	r   interface{ Read([]byte) (int, error) }
	err error
}

func (f *failingReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil {
		err = f.err
	}
	return n, err
}

func TestParseTrustRefusesWhatIsNotAKey(t *testing.T) {
	_, keys := newLog(t)
	signers, err := keys.Signers(evidencetest.EnteA)
	if err != nil {
		t.Fatal(err)
	}
	key := signers.Current.VerifierKey()
	fingerprint, err := evidence.Fingerprint(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "key", fingerprint[:62], fingerprint + "00", "zz" + fingerprint[2:], strings.Replace(key, "snodo", "Snodo", 1),
		key[:len(key)-4], key + "AA==", strings.Replace(key, "+", "++", 1), "+" + key, "++",
	} {
		if _, err := evidence.ParseTrust(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestSignerIsAnEd25519NoteSigner(t *testing.T) {
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := evidence.NewSigner("hub/ente", private)
	if err != nil {
		t.Fatal(err)
	}
	want, err := note.NewEd25519VerifierKey("hub/ente", pub)
	if err != nil || s.VerifierKey() != want {
		t.Errorf("VerifierKey() = %s, want %s", s.VerifierKey(), want)
	}
	signed, err := note.Sign(&note.Note{Text: "text\n"}, s)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(want)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
		t.Errorf("a tool of another make does not accept the signature: %v", err)
	}
	for _, origin := range []string{"", "hub ente", "hub+ente", "hub\nente"} {
		if _, err := evidence.NewSigner(origin, private); err == nil {
			t.Errorf("origin %q was accepted", origin)
		}
	}
}

// FuzzVerify: whatever a file holds, Verify answers; what it accepts under the trusted key is the log that was signed.
func FuzzVerify(f *testing.F) {
	file, keys := aFile(f)
	signers, err := keys.Signers(evidencetest.EnteA)
	if err != nil {
		f.Fatal(err)
	}
	trust, err := evidence.ParseTrust(signers.Current.VerifierKey())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	for _, line := range bytes.SplitAfter(file, []byte("\n")) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := verify(data, trust)
		if err == nil && (report.Size > 9 || report.Origin != evidence.Origin(evidencetest.Hub, evidencetest.EnteA)) {
			t.Errorf("accepted a log that was never signed: %+v", report)
		}
	})
}
