// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/spool"
	"github.com/snodo-pa/snodo/registry"
)

// uploadsHeld bounds the uploads that the process holds at once, in bytes on disk: there is room for at least uploadsAtOnce
// of the longest length.
const (
	uploadsHeld   = 1 << 30
	uploadsAtOnce = 4
)

// newRoom makes the room for the uploads of all exposed e-services, and tells the longest request that one of them takes.
func newRoom(exposed map[string]*registry.Exposure, maxBody int64) (room *spool.Room, longest int64) {
	longest = maxBody
	for _, e := range exposed {
		longest = max(longest, e.Limits.Body, e.Limits.Upload)
	}
	return spool.NewRoom(max(uploadsHeld, uploadsAtOnce*longest)), longest
}

// Peers that send or read a body for longer than the server allows a whole exchange must keep going: a piece within
// paceWait, and paceRate bytes a second on average.
const (
	paceWait = 30 * time.Second
	paceRate = 32 << 10
)

// pace says until when a peer has to move the next piece of a body.
type pace struct {
	began time.Time
	wait  time.Duration
	moved int64
}

// deadline is the earlier of what one piece may take and of what all of them so far may have taken.
func (p *pace) deadline(now time.Time) time.Time {
	whole := p.began.Add(p.wait + time.Duration(p.moved/paceRate)*time.Second)
	if next := now.Add(p.wait); next.Before(whole) {
		return next
	}
	return whole
}

// arriving is a body that its peer sends at its own pace, within longest.
type arriving struct {
	from    io.Reader
	control *http.ResponseController
	pace    pace
	last    time.Time
}

// newArriving takes the deadlines of the server, which are for whole exchanges, from a request: that of the answer begins
// when the answer is there.
func newArriving(c *gin.Context, wait, longest time.Duration) *arriving {
	now := time.Now()
	a := &arriving{
		from: c.Request.Body, control: http.NewResponseController(c.Writer),
		pace: pace{began: now, wait: wait}, last: now.Add(longest),
	}
	_ = a.control.SetWriteDeadline(time.Time{}) // a connection without deadlines has no others either
	return a
}

// Read reads the next piece.
func (a *arriving) Read(b []byte) (int, error) {
	until := a.pace.deadline(time.Now())
	if a.last.Before(until) {
		until = a.last
	}
	_ = a.control.SetReadDeadline(until)
	n, err := a.from.Read(b)
	a.pace.moved += int64(n)
	return n, err
}

// end takes the deadline of reading away: a peer that waits for the answer sends nothing, and the server, which goes on
// reading to see it leave, would take a deadline that goes by for that.
func (a *arriving) end() { _ = a.control.SetReadDeadline(time.Time{}) }

// spool reads a body that memory may have no room for: 413 beyond most, 408 from a peer that stops sending, 503 when the
// uploads under way leave no room, 400 when it ends early. What of it stays in memory takes room among the bodies that are
// held whole, until the request has been answered.
func (a *API) spool(c *gin.Context, most int64, eservice, sender string) (gateway.Upload, error) {
	r, head := requestOf(c), int64(spool.DefaultMemory)
	if announced := c.Request.ContentLength; announced >= 0 {
		head = min(announced, head)
	}
	if err := r.book(head, eservice, sender); err != nil {
		return nil, err
	}
	body := newArriving(c, a.wait, gateway.LongestUpload)
	upload, err := spool.Read(body, spool.Options{
		Room: a.uploads, Place: eservice, Sender: sender, Most: most, Announced: c.Request.ContentLength, Rand: a.Rand,
	})
	switch {
	case err == nil:
		body.end()
		r.settle(min(upload.Len(), head))
		return upload, nil
	case errors.Is(err, spool.ErrTooLong):
		return nil, tooLarge(most)
	case errors.Is(err, spool.ErrNoRoom), errors.Is(err, spool.ErrStore):
		return nil, problem.New(problem.RuleBusy).After(retryBusy).Because(err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, problem.New(problem.RuleBodyTimeout)
	default:
		return nil, problem.New(problem.RuleIncompleteBody)
	}
}
