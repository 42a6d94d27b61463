// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const checkpointOrigin = "snodo/prova/c_z001"

// signedBy signs the text of a checkpoint, with its own key when there is none given.
func signedBy(t *testing.T, text string, keys ...string) []byte {
	t.Helper()
	var signers []note.Signer
	for _, skey := range keys {
		s, err := note.NewSigner(skey)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, s)
	}
	msg, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func noteKeys(t *testing.T, name string) (skey, vkey string) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	return skey, vkey
}

// TestACheckpointHasOneSpelling refuses every text that says the same in another way: a
// checkpoint is compared and kept as bytes (c2sp.org/tlog-checkpoint).
func TestACheckpointHasOneSpelling(t *testing.T) {
	root := tlog.RecordHash([]byte("leaf"))
	good := formatCheckpoint(checkpointOrigin, 7, root)
	got, err := parseCheckpoint(good, checkpointOrigin)
	if err != nil || got.Size != 7 || got.Root != root {
		t.Fatalf("%+v, %v", got, err)
	}
	lines := strings.Split(strings.TrimSuffix(good, "\n"), "\n")
	for name, text := range map[string]string{
		"nothing":               "",
		"another origin":        strings.Replace(good, "c_z001", "c_z002", 1),
		"an origin that begins": strings.Replace(good, checkpointOrigin, checkpointOrigin+"2", 1),
		"no end of line":        strings.TrimSuffix(good, "\n"),
		"one line more":         good + "extra\n",
		"an empty line more":    good + "\n",
		"no root":               lines[0] + "\n" + lines[1] + "\n",
		"a negative size":       lines[0] + "\n-7\n" + lines[2] + "\n",
		"a sign":                lines[0] + "\n+7\n" + lines[2] + "\n",
		"a zero before":         lines[0] + "\n07\n" + lines[2] + "\n",
		"a space":               lines[0] + "\n 7\n" + lines[2] + "\n",
		"in hex":                lines[0] + "\n0x7\n" + lines[2] + "\n",
		"too large":             lines[0] + "\n9223372036854775808\n" + lines[2] + "\n",
		"a short root":          lines[0] + "\n7\n" + lines[2][4:] + "\n",
		"a root in hex":         lines[0] + "\n7\n" + fmt.Sprintf("%x", root[:]) + "\n",
		"a root without pad":    lines[0] + "\n7\n" + strings.TrimRight(lines[2], "=") + "\n",
		"carriage returns":      strings.ReplaceAll(good, "\n", "\r\n"),
	} {
		if c, err := parseCheckpoint(text, checkpointOrigin); err == nil {
			t.Errorf("%s: taken as %+v", name, c)
		}
	}
}

// TestOneKeyOfTheLogSignsACheckpoint: any of the keys that the log has had, alone and in
// canonical form; a forger's, none, or one more are refused.
func TestOneKeyOfTheLogSignsACheckpoint(t *testing.T) {
	text := formatCheckpoint(checkpointOrigin, 7, tlog.RecordHash([]byte("leaf")))
	current, currentV := noteKeys(t, checkpointOrigin)
	retired, retiredV := noteKeys(t, checkpointOrigin)
	forger, _ := noteKeys(t, checkpointOrigin)
	other, _ := noteKeys(t, "snodo/prova/c_z002")
	good := signedBy(t, text, current)
	for name, c := range map[string]struct {
		msg   []byte
		vkeys []string
		by    string // the key that is told, "" when it is refused
		fault string
	}{
		"the key of the log":     {good, []string{currentV}, currentV, ""},
		"one of two":             {good, []string{retiredV, currentV}, currentV, ""},
		"a retired key":          {signedBy(t, text, retired), []string{currentV, retiredV}, retiredV, ""},
		"a forger of its name":   {signedBy(t, text, forger), []string{currentV, retiredV}, "", "no key of the log"},
		"the key of another":     {signedBy(t, text, other), []string{currentV}, "", "no key of the log"},
		"no keys at all":         {good, nil, "", "no key of the log"},
		"two signatures":         {signedBy(t, text, current, retired), []string{currentV}, "", "exactly one signature"},
		"a stranger's beside it": {signedBy(t, text, current, other), []string{currentV}, "", "exactly one signature"},
		"another size":           {[]byte(strings.Replace(string(good), "\n7\n", "\n8\n", 1)), []string{currentV}, "", "does not hold"},
		"a changed signature":    {damaged(t, good), []string{currentV}, "", "does not hold"},
		"cut":                    {good[:len(good)-1], []string{currentV}, "", "does not hold"},
		"no signature":           {[]byte(text), []string{currentV}, "", "does not hold"},
		"something after it":     {append(slices.Clone(good), "x\n"...), []string{currentV}, "", "does not hold"},
		"a key that is none":     {good, []string{"x"}, "", "verifier key"},
		"signed, but no checkpoint": {
			signedBy(t, "some other note\n", current), []string{currentV}, currentV, "not a checkpoint of",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, by, err := openCheckpoint(c.msg, checkpointOrigin, c.vkeys)
			if c.fault != "" {
				if err == nil || !strings.Contains(err.Error(), c.fault) {
					t.Errorf("%v, expected %q", err, c.fault)
				}
				return
			}
			if err != nil || by != c.by || got.Size != 7 || string(got.Note) != string(c.msg) {
				t.Errorf("%+v by %s, %v", got, by, err)
			}
		})
	}
}

// damaged changes one bit of the signature, keeping its spelling canonical.
func damaged(t *testing.T, msg []byte) []byte {
	t.Helper()
	at := strings.LastIndexByte(string(msg), ' ') + 1
	sig, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(msg[at:])))
	if err != nil {
		t.Fatal(err)
	}
	sig[20] ^= 1
	return append(slices.Clone(msg[:at]), base64.StdEncoding.EncodeToString(sig)+"\n"...)
}

// hashes are the stored hashes of a log of leaves.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		if i >= int64(len(h)) {
			return nil, errors.New("no such hash")
		}
		out = append(out, h[i])
	}
	return out, nil
}

// logOf is a log of so many leaves, of which one is different from the log's own.
func logOf(t *testing.T, n, changed int64) (hashes, func(size int64) Checkpoint) {
	t.Helper()
	var h hashes
	for i := range n {
		leaf := fmt.Sprint("leaf ", i)
		if i == changed {
			leaf = "forged"
		}
		stored, err := tlog.StoredHashes(i, []byte(leaf), h)
		if err != nil {
			t.Fatal(err)
		}
		h = append(h, stored...)
	}
	return h, func(size int64) Checkpoint {
		root, err := tlog.TreeHash(size, h)
		if err != nil {
			t.Fatal(err)
		}
		return Checkpoint{Size: size, Root: root}
	}
}

// TestALogExtendsWhatWasSigned at every size, and no longer when a leaf that was signed
// has changed or gone.
func TestALogExtendsWhatWasSigned(t *testing.T) {
	const size = 13
	read, at := logOf(t, size, -1)
	now := at(size)
	for signed := range int64(size + 1) {
		last := Checkpoint{}
		if signed > 0 {
			last = at(signed)
		}
		if err := extends(last, size, now.Root, read); err != nil {
			t.Errorf("signed over %d: %v", signed, err)
		}
	}
	for changed := range int64(size) {
		forged, forgedAt := logOf(t, size, changed)
		for signed := int64(1); signed <= size; signed++ {
			err := extends(at(signed), size, forgedAt(size).Root, forged)
			if got := errors.Is(err, ErrTampered); got != (changed < signed) {
				t.Errorf("leaf %d changed, signed over %d: %v", changed, signed, err)
			}
		}
	}
	short, shortAt := logOf(t, size-1, -1)
	if err := extends(now, size-1, shortAt(size-1).Root, short); !errors.Is(err, ErrTampered) {
		t.Errorf("the last leaf is gone: %v", err)
	}
	if err := extends(at(5), size, now.Root, hashes{}); err == nil || errors.Is(err, ErrTampered) {
		t.Errorf("hashes that cannot be read are no tampering: %v", err)
	}
}
