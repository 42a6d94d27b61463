// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package spool

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/snodo-pa/snodo/modi"
)

// options keep a little in memory, so that short bodies go to the file too.
func options(t *testing.T, announced int64) Options {
	t.Helper()
	return Options{Room: NewRoom(2 << 20), Most: 1 << 20, Announced: announced, Memory: 100, Dir: t.TempDir(), Rand: rand.Reader}
}

func text(n int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), n/16+1)[:n] }

func whole(t *testing.T, b *Body) []byte {
	t.Helper()
	r, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestBodyIsGivenBackAsItCame at the bounds of memory and of pieces, as often as it is asked for.
func TestBodyIsGivenBackAsItCame(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 100 + piece - 1, 100 + piece, 100 + piece + 1, 5*piece + 17} {
		for _, announced := range []int64{int64(n), -1} {
			want, o := text(n), options(t, announced)
			var from io.Reader = bytes.NewReader(want)
			if n < 3*piece {
				from = iotest.OneByteReader(from)
			}
			b, err := Read(from, o)
			if err != nil {
				t.Fatalf("%d bytes: %v", n, err)
			}
			if b.Len() != int64(n) || !bytes.Equal(whole(t, b), want) || !bytes.Equal(whole(t, b), want) {
				t.Errorf("%d bytes: not what came", n)
			}
			for _, alg := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
				got, err := b.Digest(alg)
				same, _ := modi.Bytes(want).Digest(alg)
				if err != nil || !bytes.Equal(got, same) {
					t.Errorf("%d bytes: %s is wrong, %v", n, alg, err)
				}
			}
			if _, err := b.Digest(crypto.SHA1); err == nil {
				t.Error("a weak digest was made")
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestRoomIsBookedAndGivenBack: by what is announced, else by the longest; what is not used comes back at once.
func TestRoomIsBookedAndGivenBack(t *testing.T) {
	o := options(t, 600)
	o.Room, o.Most = NewRoom(2000), 900
	first, err := Read(bytes.NewReader(text(600)), o)
	if err != nil || o.Room.Used() != 600 {
		t.Fatalf("%d held, %v", o.Room.Used(), err)
	}
	if _, err := Read(bytes.NewReader(text(401)), with(o, 401)); !errors.Is(err, ErrNoRoom) {
		t.Errorf("beyond the room: %v", err)
	}
	if _, err := Read(bytes.NewReader(text(1)), with(o, -1)); !errors.Is(err, ErrNoRoom) {
		t.Errorf("a length that is not announced is the longest: %v", err)
	}
	if err := errors.Join(first.Close(), first.Close()); err != nil || o.Room.Used() != 0 {
		t.Errorf("%d held after it was closed twice, %v", o.Room.Used(), err)
	}
	second, err := Read(bytes.NewReader(text(7)), with(o, -1))
	if err != nil || o.Room.Used() != 7 {
		t.Errorf("%d held, %v", o.Room.Used(), err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// TestNobodyTakesAllTheRoom: half of it is for others, however much one sender announces; two senders, who take half each
// where nobody looks, and all that send to one place, leave something for who has nothing yet.
func TestNobodyTakesAllTheRoom(t *testing.T) {
	type body struct {
		place, sender string
		length        int64
		want          error
	}
	for name, bodies := range map[string][]body{
		"one sender":                    {{"x", "a", 400, nil}, {"x", "a", 101, ErrNoRoom}, {"x", "a", 100, nil}, {"y", "a", 1, ErrNoRoom}, {"y", "b", 500, nil}, {"y", "c", 1, ErrNoRoom}},
		"one body":                      {{"x", "a", 501, ErrNoRoom}, {"x", "a", 500, nil}},
		"two senders":                   {{"x", "a", 250, nil}, {"x", "a", 250, nil}, {"y", "b", 250, nil}, {"y", "b", 250, ErrNoRoom}, {"z", "c", 250, nil}},
		"many senders to one place":     {{"x", "a", 250, nil}, {"x", "b", 250, nil}, {"x", "c", 250, nil}, {"x", "d", 250, ErrNoRoom}, {"y", "e", 250, nil}},
		"one sender to many places":     {{"x", "a", 250, nil}, {"y", "a", 250, nil}, {"z", "a", 1, ErrNoRoom}, {"z", "b", 500, nil}},
		"a body of no length is a body": {{"x", "a", 0, nil}, {"x", "a", 600, ErrNoRoom}, {"x", "b", 501, ErrNoRoom}, {"y", "b", 500, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, 0)
			o.Room = NewRoom(1000)
			var held []*Body
			for _, c := range bodies {
				o.Place, o.Sender, o.Announced = c.place, c.sender, c.length
				b, err := Read(bytes.NewReader(text(int(c.length))), o)
				if !errors.Is(err, c.want) {
					t.Errorf("%d bytes of %s to %s: %v, want %v", c.length, c.sender, c.place, err, c.want)
				}
				if err == nil {
					held = append(held, b)
				}
			}
			for _, b := range held {
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			}
			if o.Room.Used() != 0 || len(o.Room.taken) != 0 {
				t.Errorf("%d bytes held, %d holders remembered", o.Room.Used(), len(o.Room.taken))
			}
		})
	}
}

func with(o Options, announced int64) Options { o.Announced = announced; return o }

// TestRefusedBodiesHoldNothing: neither room nor a file.
func TestRefusedBodiesHoldNothing(t *testing.T) {
	cut := errors.New("cut")
	for name, c := range map[string]struct {
		from      io.Reader
		announced int64
		change    func(*Options)
		want      error
	}{
		"announced too long":        {nil, 501, nil, ErrTooLong},
		"longer than taken":         {bytes.NewReader(text(501)), -1, nil, ErrTooLong},
		"longer than announced":     {bytes.NewReader(text(401)), 400, nil, ErrTooLong},
		"cut in memory":             {io.MultiReader(bytes.NewReader(text(9)), iotest.ErrReader(cut)), -1, nil, cut},
		"cut after memory":          {io.MultiReader(bytes.NewReader(text(100)), iotest.ErrReader(cut)), -1, nil, cut},
		"cut in the file":           {io.MultiReader(bytes.NewReader(text(300)), iotest.ErrReader(cut)), -1, nil, cut},
		"cut by the peer":           {io.MultiReader(bytes.NewReader(text(300)), iotest.ErrReader(io.ErrUnexpectedEOF)), -1, nil, io.ErrUnexpectedEOF},
		"no key":                    {bytes.NewReader(text(300)), -1, func(o *Options) { o.Rand = strings.NewReader("") }, ErrStore},
		"no directory for the file": {bytes.NewReader(text(300)), -1, func(o *Options) { o.Dir += "/absent" }, ErrStore},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, c.announced)
			o.Most = 500
			if c.change != nil {
				c.change(&o)
			}
			if _, err := Read(c.from, o); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if o.Room.Used() != 0 {
				t.Errorf("%d bytes held", o.Room.Used())
			}
		})
	}
}

// TestFileSaysNothing: it has no name, and what is in it is not what came, twice the same body included.
func TestFileSaysNothing(t *testing.T) {
	o := options(t, -1)
	secret := bytes.Repeat([]byte("codice fiscale  "), 2*piece/16)
	var stored [2][]byte
	for i := range stored {
		b, err := Read(bytes.NewReader(secret), o)
		if err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(o.Dir); err != nil || len(left) != 0 {
			t.Errorf("the file has a name: %v, %v", left, err)
		}
		stored[i] = make([]byte, piece)
		if _, err := b.rest.file.ReadAt(stored[i], 0); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(stored[i], secret[:16]) {
			t.Error("the file holds the body in the clear")
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	if bytes.Equal(stored[0], stored[1]) {
		t.Error("two bodies share a key")
	}
}

// TestChangedFileIsNotHandedOn: a bit, a piece for another, an end that is missing.
func TestChangedFileIsNotHandedOn(t *testing.T) {
	stored := int64(piece + 16)
	for name, change := range map[string]func(f *os.File) error{
		"a bit": func(f *os.File) error {
			return flip(f, stored+5)
		},
		"a piece for another": func(f *os.File) error {
			first := make([]byte, stored)
			if _, err := f.ReadAt(first, 0); err != nil {
				return err
			}
			_, err := f.WriteAt(first, stored)
			return err
		},
		"the end": func(f *os.File) error { return f.Truncate(stored + 40) },
	} {
		t.Run(name, func(t *testing.T) {
			b, err := Read(bytes.NewReader(text(100+2*piece)), options(t, -1))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = b.Close() }()
			if err := change(b.rest.file); err != nil {
				t.Fatal(err)
			}
			r, err := b.Open()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if !errors.Is(err, ErrStore) || len(got) != 100+piece {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if _, err := b.Digest(crypto.SHA512); !errors.Is(err, ErrStore) {
				t.Errorf("a digest of what was changed: %v", err)
			}
		})
	}
}

func flip(f *os.File, at int64) error {
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		return err
	}
	b[0] ^= 1
	_, err := f.WriteAt(b, at)
	return err
}

func TestClosedBodyIsNotRead(t *testing.T) {
	b, err := Read(bytes.NewReader(text(100+2*piece)), options(t, -1))
	if err != nil {
		t.Fatal(err)
	}
	open, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(open); !errors.Is(err, ErrClosed) {
		t.Errorf("a reader that was open: %v", err)
	}
	if _, err := b.Open(); !errors.Is(err, ErrClosed) {
		t.Errorf("opened: %v", err)
	}
	if _, err := b.Digest(crypto.SHA384); !errors.Is(err, ErrClosed) {
		t.Errorf("digested: %v", err)
	}
}

func TestReadersDoNotDisturbEachOther(t *testing.T) {
	want := text(3*piece + 100)
	b, err := Read(bytes.NewReader(want), options(t, int64(len(want))))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if r, err := b.Open(); err != nil {
				t.Error(err)
			} else if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	all.Wait()
}

// endless gives zeros without holding them.
type endless struct{}

func (endless) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestMemoryDoesNotFollowTheLength: 64 MiB are read, digested and read back through a fixed amount of memory.
func TestMemoryDoesNotFollowTheLength(t *testing.T) {
	const length, allowed = 64 << 20, 2 << 20
	o := Options{Room: NewRoom(2 * length), Most: length, Announced: length, Dir: t.TempDir(), Rand: rand.Reader}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b, err := Read(io.LimitReader(endless{}, length), o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); n != length || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > allowed {
		t.Errorf("%d bytes were allocated, live or not", grown)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// FuzzBodyIsGivenBackAsItCame whatever it is and however much of it stays in memory.
func FuzzBodyIsGivenBackAsItCame(f *testing.F) {
	f.Add([]byte(""), uint8(0))
	f.Add([]byte("abc"), uint8(2))
	f.Add(text(piece+50), uint8(49))
	dir := filepath.Clean(f.TempDir())
	f.Fuzz(func(t *testing.T, content []byte, memory uint8) {
		o := Options{Room: NewRoom(2 << 30), Most: 1 << 30, Announced: -1, Memory: int64(memory) + 1, Dir: dir, Rand: rand.Reader}
		b, err := Read(bytes.NewReader(content), o)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(whole(t, b), content) {
			t.Error("not what came")
		}
		if err := b.Close(); err != nil || o.Room.Used() != 0 {
			t.Errorf("%d held, %v", o.Room.Used(), err)
		}
	})
}
