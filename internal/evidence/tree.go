// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// TileHeight is the height of the stored tiles: 256 hashes, as in c2sp.org/tlog-tiles.
const TileHeight = 8

const (
	tileWidth = 1 << TileHeight
	tileBytes = tileWidth * tlog.HashSize
)

// An edge is the right side of a tree: at each level the tile that is not full yet. It is all that is needed to append
// and to compute the root, and it is small: less than 8 KiB a level, one level per 8 bits of size.
type edge struct {
	size    int64
	tiles   [][]byte
	touched int // levels, from 0, whose tiles have changed since the edge was loaded or cloned
}

// readTile reads one stored tile; nil data means absent.
type readTile func(level int, n int64) ([]byte, error)

// loadEdge reads the edge of a log of the given size.
func loadEdge(size int64, read readTile) (*edge, error) {
	e := &edge{size: size}
	for level := 0; size>>(TileHeight*level) > 0; level++ {
		width := int(size>>(TileHeight*level)) % tileWidth
		var data []byte
		if width > 0 {
			stored, err := read(level, tileNumber(size, level))
			if err != nil {
				return nil, err
			}
			if len(stored) != width*tlog.HashSize {
				return nil, fmt.Errorf("%w: tile of level %d at size %d has %d bytes, want %d",
					ErrTampered, level, size, len(stored), width*tlog.HashSize)
			}
			data = stored
		}
		e.tiles = append(e.tiles, data)
	}
	return e, nil
}

// tileNumber returns the number, at its level, of the tile that is growing in a log of that size.
func tileNumber(size int64, level int) int64 { return size >> (TileHeight * (level + 1)) }

func (e *edge) clone() *edge {
	c := &edge{size: e.size, tiles: make([][]byte, len(e.tiles))}
	for i, t := range e.tiles {
		c.tiles[i] = slices.Clone(t)
	}
	return c
}

// append adds one leaf hash and returns the tiles that became full.
func (e *edge) append(h tlog.Hash) ([]Tile, error) {
	var full []Tile
	for level := 0; ; level++ {
		if level == len(e.tiles) {
			e.tiles = append(e.tiles, nil)
		}
		data := append(e.tiles[level], h[:]...)
		if len(data) < tileBytes {
			e.tiles[level] = data
			e.touched = max(e.touched, level+1)
			break
		}
		n := tileNumber(e.size, level)
		full = append(full, Tile{Level: level, N: n, Data: data})
		e.tiles[level] = nil
		var err error
		if h, err = fullTileRoot(level, n, data); err != nil {
			return nil, err
		}
	}
	e.size++
	return full, nil
}

// fullTileRoot returns the hash over a full tile: the one that the tile above holds for it.
func fullTileRoot(level int, n int64, data []byte) (tlog.Hash, error) {
	t := tlog.Tile{H: TileHeight, L: level, N: n, W: tileWidth}
	top := TileHeight*level + TileHeight - 1 // the highest level that lies inside the tile
	left, err := tlog.HashFromTile(t, data, tlog.StoredHashIndex(top, 2*n))
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("hash full tile: %w", err)
	}
	right, err := tlog.HashFromTile(t, data, tlog.StoredHashIndex(top, 2*n+1))
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("hash full tile: %w", err)
	}
	return tlog.NodeHash(left, right), nil
}

// growing returns the tiles that are not full, hold something and have changed.
func (e *edge) growing() []Tile {
	var tiles []Tile
	for level, data := range e.tiles[:e.touched] {
		if len(data) > 0 {
			tiles = append(tiles, Tile{Level: level, N: tileNumber(e.size, level), Data: data})
		}
	}
	return tiles
}

// root returns the root hash of the tree. Every complete subtree that it needs lies in the edge.
func (e *edge) root() (tlog.Hash, error) {
	return tlog.TreeHash(e.size, hashReader(func(level int, n int64) ([]byte, error) {
		if level < len(e.tiles) && n == tileNumber(e.size, level) {
			return e.tiles[level], nil
		}
		return nil, nil
	}))
}

// hashReader reads the hashes of a tree from its tiles, each tile once per call.
func hashReader(read readTile) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		type at struct {
			level int
			n     int64
		}
		seen := make(map[at][]byte)
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(TileHeight, index)
			data, ok := seen[at{t.L, t.N}]
			if !ok {
				var err error
				if data, err = read(t.L, t.N); err != nil {
					return nil, err
				}
				seen[at{t.L, t.N}] = data
			}
			if len(data) < t.W*tlog.HashSize {
				return nil, fmt.Errorf("%w: tile %s is missing or cut", ErrTampered, t.Path())
			}
			h, err := tlog.HashFromTile(t, data, index)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrTampered, err)
			}
			hashes[i] = h
		}
		return hashes, nil
	})
}
