// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/gateway"
)

// expose reads a request whole, hands it to the pipeline and writes what comes back, byte for byte: the digest of an
// answer covers it.
func (a *API) expose(c *gin.Context) {
	r := requestOf(c)
	body, err := a.readBody(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	reply, err := a.In.Serve(c.Request.Context(), &gateway.Inbound{
		Method: c.Request.Method, Path: c.Request.URL.EscapedPath(), RawQuery: c.Request.URL.RawQuery,
		Header: c.Request.Header, Body: body, RemoteIP: peer(c), RequestID: r.id,
	})
	r.note(reply.Access)
	h := c.Writer.Header()
	for name, values := range reply.Header {
		h[name] = values
	}
	if err != nil {
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
