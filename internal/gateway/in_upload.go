// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
)

// Upload is the body of a request that memory may have no room for; *spool.Body is the one. It is here to its end before
// anything of it is judged, so that its digest is known before anything is forwarded.
type Upload interface {
	modi.Body
	// Close frees what it takes. Readers that are open fail from then on.
	Close() error
}

// LongestUpload is the longest that a body may take to arrive.
const LongestUpload = time.Hour

// uploads tells whether the body is one that the document says nothing of but its media type, for a procedure that is
// handed it as it is. What an interaction keeps, a check reads or a view answers is held whole, within limits.body.
func (x *serving) uploads() bool {
	return x.in.Spool != nil && !x.terms.whole && x.exposed.url != viewURL && x.match.TakesBinary(x.in.Header)
}

// receiveUpload has the body read as it comes. It takes its own time: the exchange is what comes after it.
func (i *In) receiveUpload(x *serving) error {
	limits, sender := x.exposed.recipe.Limits, ""
	if x.voucher != nil {
		sender = x.voucher.ConsumerID
	}
	upload, err := x.in.Spool(cmp.Or(limits.Upload, limits.Body), sender)
	if err != nil {
		return err
	}
	x.upload, x.arrived = upload, true
	return nil
}

// afterArrival begins the time of an exchange whose body has arrived.
func (i *In) afterArrival(x *serving) (context.Context, context.CancelFunc) {
	x.arrived = false
	return context.WithTimeout(context.WithValue(x.whole, uploadKey{}, true), i.Deadline)
}

// settle gives what was uploaded a place among the calls under way. Until it was here it had one among the arrivals alone,
// so that slow senders keep nobody from reading; now it waits for one, and is not sent again for want of it.
func (i *In) settle(ctx context.Context, x *serving) error {
	if x.upload == nil || x.seat == nil {
		return nil
	}
	x.leave()
	select {
	case x.exposed.places <- struct{}{}:
		x.seat = x.exposed.places
		return nil
	case <-ctx.Done():
		return problem.New(problem.RuleConcurrency).After(retryConcurrency)
	}
}

// drop frees what was uploaded.
func (x *serving) drop() {
	if x.upload != nil {
		_ = x.upload.Close() // a file without a name, which nobody reads any more
	}
}

// body is that of the request, wherever it is.
func (x *serving) body() modi.Body {
	if x.upload != nil {
		return x.upload
	}
	return modi.Bytes(x.in.Body)
}

// judging is the clock by which the tokens of a request are judged. Those of an upload are as old as they were when it
// began: a caller with a slow line cannot make them younger.
func (i *In) judging(x *serving) modi.Clock {
	if x.upload == nil {
		return i.Clock
	}
	return func() time.Time { return x.began }
}

// uploadKey marks the context of an exchange whose body was uploaded.
type uploadKey struct{}

// lasting remembers the tokens of uploads for as long as another upload with the same may be on its way: it began when
// they were still accepted.
type lasting struct{ replay.Cache }

// Use marks keys as used.
func (l lasting) Use(ctx context.Context, expires time.Time, keys ...replay.Key) error {
	if ctx.Value(uploadKey{}) != nil {
		expires = expires.Add(LongestUpload)
	}
	return l.Cache.Use(ctx, expires, keys...)
}

// forwardUpload hands an upload on. The deadline of the back end is for each piece that it takes, and for its answer once
// it has them all: how long the whole lasts depends on the length.
func (i *In) forwardUpload(x *serving) error {
	ctx, cancel := context.WithCancel(x.whole)
	defer cancel()
	late := time.AfterFunc(x.exposed.deadline, cancel)
	defer late.Stop()
	x.upload = &sending{Upload: x.upload, progress: func() { late.Reset(x.exposed.deadline) }}
	return i.ask(ctx, x.whole, x)
}

// lost is what kept an upload from being read back while it was sent: no fault of the back end.
func (x *serving) lost() error {
	if s, ok := x.upload.(*sending); ok {
		return s.broken()
	}
	return nil
}

// sendingPiece is how much of an upload a back end takes within its deadline.
const sendingPiece = 1 << 20

// sending is an upload on its way to the back end.
type sending struct {
	Upload
	progress func() // a piece was taken, or the last one

	mu    sync.Mutex
	fault error // of reading it back
}

// Open returns a reader that tells the progress.
func (s *sending) Open() (io.ReadCloser, error) {
	r, err := s.Upload.Open()
	if err != nil {
		return nil, s.keep(err)
	}
	return &sendingReader{ReadCloser: r, of: s}, nil
}

func (s *sending) keep(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
	return err
}

// broken is what kept the upload from being read back.
func (s *sending) broken() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

type sendingReader struct {
	io.ReadCloser
	of    *sending
	taken int
}

// Read reads the next bytes.
func (r *sendingReader) Read(b []byte) (int, error) {
	n, err := r.ReadCloser.Read(b)
	r.taken += n
	if r.taken >= sendingPiece || errors.Is(err, io.EOF) {
		r.taken = 0
		r.of.progress()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, r.of.keep(err)
	}
	return n, err
}
