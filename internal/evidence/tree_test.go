// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// reference is a tree kept as tlog keeps it: all stored hashes in one list.
type reference []tlog.Hash

func (r *reference) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = (*r)[index]
	}
	return out, nil
}

func (r *reference) add(t *testing.T, n int64, h tlog.Hash) {
	t.Helper()
	hashes, err := tlog.StoredHashesForRecordHash(n, h, r)
	if err != nil {
		t.Fatal(err)
	}
	*r = append(*r, hashes...)
}

func leafHash(n int64) tlog.Hash {
	return tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// stored is the tiles of a tree as a database would hold them.
type stored map[[2]int64][]byte

func (s stored) put(tiles []Tile) {
	for _, t := range tiles {
		s[[2]int64{int64(t.Level), t.N}] = append([]byte(nil), t.Data...)
	}
}

func (s stored) read(level int, n int64) ([]byte, error) { return s[[2]int64{int64(level), n}], nil }

// TestEdgeIsTheTreeOfTlog compares roots, proofs and reloaded edges with golang.org/x/mod's own tree, past two levels
// of tiles.
func TestEdgeIsTheTreeOfTlog(t *testing.T) {
	const last = 256*256 + 300
	e, tiles := &edge{}, stored{}
	var ref reference
	check := map[int64]bool{
		0: true, 1: true, 2: true, 255: true, 256: true, 257: true, 511: true, 512: true, 1000: true,
		65535: true, 65536: true, 65537: true, last: true,
	}
	for n := int64(0); n <= last; n++ {
		if check[n] {
			checkTree(t, n, e, tiles, &ref)
		}
		full, err := e.append(leafHash(n))
		if err != nil {
			t.Fatal(err)
		}
		ref.add(t, n, leafHash(n))
		tiles.put(full)
		tiles.put(e.growing())
	}
}

func checkTree(t *testing.T, size int64, e *edge, tiles stored, ref *reference) {
	t.Helper()
	want, err := tlog.TreeHash(size, ref)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.root(); err != nil || got != want {
		t.Errorf("size %d: root %v, %v, want %v", size, got, err, want)
	}
	loaded, err := loadEdge(size, tiles.read)
	if err != nil {
		t.Fatalf("size %d: load: %v", size, err)
	}
	if got, err := loaded.root(); err != nil || got != want {
		t.Errorf("size %d: root of the loaded edge %v, %v, want %v", size, got, err, want)
	}
	if got, err := tlog.TreeHash(size, hashReader(tiles.read)); err != nil || got != want {
		t.Errorf("size %d: root from the tiles %v, %v, want %v", size, got, err, want)
	}
	for _, index := range []int64{0, size / 3, size - 1} {
		if size == 0 {
			continue
		}
		proof, err := tlog.ProveRecord(size, index, hashReader(tiles.read))
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, size, want, index, leafHash(index)); err != nil {
			t.Errorf("size %d: entry %d: %v", size, index, err)
		}
	}
}

func TestCloneOfAnEdgeIsApart(t *testing.T) {
	e := &edge{}
	for n := range int64(10) {
		if _, err := e.append(leafHash(n)); err != nil {
			t.Fatal(err)
		}
	}
	before, err := e.root()
	if err != nil {
		t.Fatal(err)
	}
	c := e.clone()
	for n := int64(10); n < 300; n++ {
		if _, err := c.append(leafHash(n)); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := e.root(); err != nil || after != before || e.size != 10 {
		t.Error("appending to a copy changed the original")
	}
}

// TestDamagedTilesAreNotExtended: a log whose tiles do not fit its size is never appended to or signed.
func TestDamagedTilesAreNotExtended(t *testing.T) {
	e, tiles := &edge{}, stored{}
	for n := range int64(300) {
		full, err := e.append(leafHash(n))
		if err != nil {
			t.Fatal(err)
		}
		tiles.put(full)
	}
	tiles.put(e.growing())
	for name, damage := range map[string]func(stored){
		"missing tile":  func(s stored) { delete(s, [2]int64{0, 1}) },
		"cut tile":      func(s stored) { s[[2]int64{0, 1}] = s[[2]int64{0, 1}][:32] },
		"longer tile":   func(s stored) { s[[2]int64{0, 1}] = append(s[[2]int64{0, 1}], make([]byte, 32)...) },
		"half a hash":   func(s stored) { s[[2]int64{0, 1}] = s[[2]int64{0, 1}][:33] },
		"missing level": func(s stored) { delete(s, [2]int64{1, 0}) },
	} {
		bad := stored{}
		for k, v := range tiles {
			bad[k] = append([]byte(nil), v...)
		}
		damage(bad)
		if _, err := loadEdge(300, bad.read); !errors.Is(err, ErrTampered) {
			t.Errorf("%s: %v, want ErrTampered", name, err)
		}
	}
	if _, err := tlog.TreeHash(300, hashReader(stored{}.read)); !errors.Is(err, ErrTampered) {
		t.Errorf("root without tiles: %v, want ErrTampered", err)
	}
	broken := errors.New("disk")
	fails := func(int, int64) ([]byte, error) { return nil, broken }
	if _, err := loadEdge(300, fails); !errors.Is(err, broken) {
		t.Errorf("load from a broken disk: %v", err)
	}
	if _, err := tlog.TreeHash(300, hashReader(fails)); !errors.Is(err, broken) {
		t.Errorf("root from a broken disk: %v", err)
	}
}
