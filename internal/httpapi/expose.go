// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/gateway"
)

// expose hands a request to the pipeline and writes what comes back, byte for byte: the digest of an answer covers it.
// The pipeline reads the body once it knows who calls; only one that announces too much is refused at the door.
func (a *API) expose(c *gin.Context) {
	r := requestOf(c)
	if c.Request.ContentLength > a.door {
		a.fail(c, tooLarge(a.door))
		return
	}
	uploaded := false
	in := &gateway.Inbound{
		Method: c.Request.Method, Host: c.Request.Host, Path: c.Request.URL.EscapedPath(), RawQuery: c.Request.URL.RawQuery,
		Header: c.Request.Header, RemoteIP: peer(c), RequestID: r.id,
		Open: func(most int64, eservice, sender string) ([]byte, error) {
			return a.readUpTo(c, cmp.Or(most, a.maxBody), eservice, sender)
		},
	}
	if c.Request.ContentLength != 0 { // else there is nothing to come
		in.Spool = func(most int64, eservice, sender string) (gateway.Upload, error) {
			uploaded = true
			return a.spool(c, cmp.Or(most, a.maxBody), eservice, sender)
		}
	}
	reply, err := a.In.Serve(c.Request.Context(), in)
	if uploaded { // that of the server was taken away
		_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(a.wait))
	}
	r.note(reply.Access)
	h := c.Writer.Header()
	for name, values := range reply.Header {
		h[name] = values
	}
	if err != nil {
		r.counted = reply.Access.Ente != "" // else it led nowhere
		if reply.Status == 0 {
			a.fail(c, err)
			return
		}
		if _, ok := a.announce(c, err); !ok {
			return
		}
	}
	c.Status(reply.Status)
	switch {
	case reply.Stream != nil:
		a.stream(c, reply)
	case len(reply.Body) == 0:
		c.Writer.WriteHeaderNow()
	default:
		if _, err := c.Writer.Write(reply.Body); err != nil {
			c.Abort() // the peer has gone; its outcome is evidence already
		}
	}
}

// streamPiece is the most of a stream that is held at once.
const streamPiece = 64 << 10

// stream hands an answer on as it comes. The deadlines of the server are for a whole exchange: here they are for each piece,
// and for a pace, so that a peer that reads slowly is not cut and one that hardly reads keeps no place of the e-service. An
// answer that breaks off cuts the connection, so that the peer cannot take it for a whole one.
func (a *API) stream(c *gin.Context, reply *gateway.Reply) {
	defer func() { _ = reply.Stream.Close() }()
	if reply.Length >= 0 {
		c.Writer.Header().Set("Content-Length", strconv.FormatInt(reply.Length, 10))
	}
	c.Writer.WriteHeaderNow()
	deadline := http.NewResponseController(c.Writer)
	going := pace{began: time.Now(), wait: a.wait}
	piece := make([]byte, streamPiece)
	for {
		read := time.Now()
		n, err := reply.Stream.Read(piece)
		now := time.Now()
		going.began = going.began.Add(now.Sub(read)) // the back end's time is not the peer's
		if n > 0 {
			_ = deadline.SetWriteDeadline(going.deadline(now)) // a writer without deadlines has those of its server
			if _, failed := c.Writer.Write(piece[:n]); failed != nil {
				c.Abort()
				return
			}
			going.moved += int64(n)
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			_ = deadline.SetWriteDeadline(time.Unix(1, 0)) // what would end the answer well can no longer be written
			c.Abort()
			return
		}
	}
}
