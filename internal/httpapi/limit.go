// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"net"
	"sync"
)

// MaxConnections is how many connections one listener holds open at once. Further ones wait in the queue of the kernel
// until one closes: each costs a few kilobytes, and strangers open them. It is a constant because what a process can
// bear follows from its open files (ulimit -n), of which three listeners take no more than three times this.
const MaxConnections = 4096

// limited is a listener that holds at most cap(slots) connections, and of one address no more than its share.
type limited struct {
	net.Listener
	shares *shares
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func limit(l net.Listener, most int, share Share) *limited {
	return &limited{Listener: l, shares: newShares(share), slots: make(chan struct{}, most), closed: make(chan struct{})}
}

// Accept waits for a free place, then for a connection. Close ends both waits. A connection beyond the share of its
// address is closed at once, unread.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			<-l.slots
			return nil, err
		}
		giveBack, ok := l.shares.take(c.RemoteAddr())
		if ok {
			return &limitedConn{Conn: c, release: func() { giveBack(); <-l.slots }}, nil
		}
		_ = c.Close() // nobody is told: it was never served
	}
}

// Close closes the listener; open connections go on.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// limitedConn gives its place back when it is closed, once.
type limitedConn struct {
	net.Conn
	release func()
	once    sync.Once
}

// Close closes the connection.
func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.release)
	return err
}
