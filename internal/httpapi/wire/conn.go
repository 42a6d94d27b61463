// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package wire

import (
	"errors"
	"net"
)

// ErrFraming is what a handler reads when the framing of a request body breaks: the body can never be completed.
var ErrFraming = errors.New("request body framing is malformed")

// readSize is how much is asked of the connection at once.
const readSize = 8192

// Conn is a server connection whose requests are watched. Like every net.Conn it may be read by one goroutine while
// another writes.
type Conn struct {
	net.Conn
	watch  *watcher
	buffer [readSize]byte
}

// NewConn watches c. maxHead is the MaxHeaderBytes of the server: a longer head is left to it, which answers 431 and
// closes.
func NewConn(c net.Conn, maxHead int) *Conn { return &Conn{Conn: c, watch: newWatcher(maxHead)} }

// Read returns bytes whose framing is understood. The head of a request is held back until it is whole, so deadlines of
// the server apply to it as a whole.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if n := c.watch.take(p); n > 0 {
			return n, nil
		}
		if c.watch.broken {
			return 0, ErrFraming
		}
		n, err := c.Conn.Read(c.buffer[:])
		c.watch.feed(c.buffer[:n])
		if err != nil {
			// What was fed stays for the next Read: a deadline that passes is not the end of the stream.
			if taken := c.watch.take(p); taken > 0 {
				return taken, nil
			}
			return 0, err
		}
	}
}

// Listener watches every connection that the inner listener accepts.
type Listener struct {
	net.Listener
	MaxHead int
}

// Accept waits for a connection.
func (l Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return NewConn(c, l.MaxHead), nil
}
