// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package wire

import "bytes"

// state is where in the stream the next byte stands.
type state uint8

const (
	inHead      state = iota // request line and header fields
	inBody                   // of a known length
	inChunkSize              // line before a chunk
	inChunkData              // chunk and its CRLF
	inTrailer                // trailer fields after the last chunk
	passing                  // not watched any more: the server refuses what it has and closes
	dropping                 // after the poison: nothing more reaches the server
)

const (
	// slop is what net/http reads beyond MaxHeaderBytes before it answers 431.
	slop = 8192
	// maxLine bounds a chunk-size line, maxTrailer all trailer fields together.
	maxLine    = 256
	maxTrailer = 8192
	// maxKept is how much room for ready a connection keeps from one request to the next.
	maxKept = 16 << 10
)

// poison is a request line that net/http cannot parse: it answers 400 with Connection: close and reads no more.
const poison = "\x00\r\n\r\n"

// watcher follows the requests of one connection through its bytes, however they are split.
type watcher struct {
	maxHead int
	state   state
	held    []byte // bytes of a head, chunk-size line or trailer that is not whole yet
	ready   []byte // bytes the server may read, from taken on
	taken   int
	left    int64 // bytes left of a body or chunk with its CRLF
	broken  bool  // the body under way can never be completed
}

func newWatcher(maxHead int) *watcher { return &watcher{maxHead: maxHead + slop} }

// take moves ready bytes to p.
func (w *watcher) take(p []byte) int {
	n := copy(p, w.ready[w.taken:])
	if w.taken += n; w.taken == len(w.ready) {
		w.ready, w.taken = w.ready[:0], 0
		if cap(w.ready) > maxKept {
			w.ready = nil
		}
	}
	return n
}

// feed takes bytes off the wire.
func (w *watcher) feed(b []byte) {
	for len(b) > 0 && !w.broken {
		switch w.state {
		case inHead:
			b = w.head(b)
		case inBody:
			b = w.counted(b, inHead)
		case inChunkSize:
			b = w.line(b, w.chunkSize)
		case inChunkData:
			b = w.chunkData(b)
		case inTrailer:
			b = w.line(b, w.trailerLine)
		case passing:
			w.ready = append(w.ready, b...)
			b = nil
		case dropping:
			b = nil
		}
	}
}

// head collects a head up to its empty line.
func (w *watcher) head(b []byte) []byte {
	head, from, held := b, 0, len(w.held)
	if held > 0 {
		w.held = append(w.held, b...)
		head, from = w.held, max(0, held-3) // the terminator may straddle two reads
	}
	end := headEnd(head, from)
	if end < 0 {
		if held == 0 {
			w.held = bytes.Clone(b) // b is the reader's
		}
		if len(w.held) > w.maxHead {
			w.release(len(w.held))
			w.state = passing // the server answers 431 and closes
		}
		return nil
	}
	rest := b[len(b)-(len(head)-end):]
	framing, ok := readHead(head[:end])
	if !ok {
		w.ready = append(w.ready, poison...)
		w.held, w.state = nil, dropping
		return nil
	}
	w.ready, w.held = append(w.ready, head[:end]...), nil
	switch {
	case framing.chunked:
		w.state = inChunkSize
	case framing.length > 0:
		w.state, w.left = inBody, framing.length
	}
	return rest
}

// headEnd is the index after the first empty line, or -1. A bare line feed ends a line here too, so that readHead sees
// and refuses what net/http would accept.
func headEnd(b []byte, from int) int {
	for i := from; i < len(b); i++ {
		next := bytes.IndexByte(b[i:], '\n')
		if next < 0 {
			return -1
		}
		i += next
		switch {
		case i+1 < len(b) && b[i+1] == '\n':
			return i + 2
		case i+2 < len(b) && b[i+1] == '\r' && b[i+2] == '\n':
			return i + 3
		case i == 0, i == 1 && b[0] == '\r': // an empty first line
			return i + 1
		}
	}
	return -1
}

// release lets the server read the first n held bytes and forgets the rest.
func (w *watcher) release(n int) {
	w.ready = append(w.ready, w.held[:n]...)
	w.held = nil
}

// counted passes bytes of known length on.
func (w *watcher) counted(b []byte, then state) []byte {
	n := min(int64(len(b)), w.left)
	w.ready = append(w.ready, b[:n]...)
	if w.left -= n; w.left == 0 {
		w.state = then
	}
	return b[n:]
}

// chunkData passes a chunk on and wants CRLF as its last two bytes.
func (w *watcher) chunkData(b []byte) []byte {
	for len(b) > 0 && w.left > 0 {
		if w.left > 2 {
			n := min(int64(len(b)), w.left-2)
			w.ready = append(w.ready, b[:n]...)
			w.left -= n
			b = b[n:]
			continue
		}
		if want := "\r\n"[2-w.left]; b[0] != want {
			w.broken = true
			return nil
		}
		w.ready = append(w.ready, b[0])
		w.left--
		b = b[1:]
	}
	if w.left == 0 {
		w.state = inChunkSize
	}
	return b
}

// line collects one line ending in CRLF and hands it, without the ending, to read, which tells whether it is in order.
func (w *watcher) line(b []byte, read func(line []byte) bool) []byte {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		w.held = append(w.held, b...)
		w.broken = len(w.held) > maxLine
		return nil
	}
	w.held = append(w.held, b[:i+1]...)
	line, ended := bytes.CutSuffix(w.held, []byte("\r\n"))
	if !ended || len(line) > maxLine || bytes.IndexByte(line, '\r') >= 0 || !read(line) {
		w.broken = true
		return nil
	}
	w.release(len(w.held))
	return b[i+1:]
}

func (w *watcher) chunkSize(line []byte) bool {
	size, ok := parseChunkSize(line)
	if !ok {
		return false
	}
	if size == 0 {
		w.state, w.left = inTrailer, maxTrailer
		return true
	}
	w.state, w.left = inChunkData, size+2
	return true
}

func (w *watcher) trailerLine(line []byte) bool {
	if len(line) == 0 {
		w.state = inHead
		return true
	}
	w.left -= int64(len(line))
	_, _, ok := parseField(line)
	return ok && w.left > 0
}
