// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/gateway"
)

// expose hands a request to the pipeline and writes what comes back, byte for byte: the digest of an answer covers it.
// The pipeline reads the body once it knows who calls; only one that announces too much is refused at the door.
func (a *API) expose(c *gin.Context) {
	r := requestOf(c)
	if c.Request.ContentLength > a.maxBody {
		a.fail(c, a.tooLarge())
		return
	}
	reply, err := a.In.Serve(c.Request.Context(), &gateway.Inbound{
		Method: c.Request.Method, Host: c.Request.Host, Path: c.Request.URL.EscapedPath(), RawQuery: c.Request.URL.RawQuery,
		Header: c.Request.Header, RemoteIP: peer(c), RequestID: r.id,
		Open: func() ([]byte, error) { return a.readBody(c) },
	})
	r.note(reply.Access)
	h := c.Writer.Header()
	for name, values := range reply.Header {
		h[name] = values
	}
	if err != nil {
		r.counted = reply.Access.Ente != "" // else it led nowhere
		a.fail(c, err)
		return
	}
	c.Status(reply.Status)
	if len(reply.Body) == 0 {
		c.Writer.WriteHeaderNow()
		return
	}
	if _, err := c.Writer.Write(reply.Body); err != nil {
		c.Abort() // the peer has gone; its outcome is evidence already
	}
}
