// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
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
	limits := x.exposed.recipe.Limits
	upload, err := x.in.Spool(cmp.Or(limits.Upload, limits.Body), x.share(), x.sender())
	if err != nil {
		return err
	}
	x.upload, x.arrived = upload, true
	return nil
}

// sender is who calls.
func (x *serving) sender() string { return x.voucher.ConsumerID }

// afterArrival begins the time of an exchange whose body has arrived.
func (i *In) afterArrival(x *serving) (context.Context, context.CancelFunc) {
	x.arrived = false
	return context.WithTimeout(x.whole, i.Deadline)
}

// foresee judges an upload by its head, all but the digest of what is not here yet, and uses up what was made for it alone.
// That has to be now, while it is accepted: used up at the end of an upload that takes an hour, it would be good once more
// for whoever begins another before it is too old, the first use being forgotten by then. An upload that comes to nothing
// has used it up too.
func (i *In) foresee(ctx context.Context, x *serving) error {
	if !x.uploads() {
		return nil
	}
	x.ahead = true
	err := i.prove(ctx, x)
	x.ahead = false
	if err != nil {
		return err
	}
	return i.once(ctx, x)
}

// remain asks once more what may have changed while an upload arrived: whether what the voucher rests on is active, and
// whether the ente admits who calls.
func (i *In) remain(ctx context.Context, x *serving) error {
	if x.upload == nil {
		return nil
	}
	if err := i.stand(ctx, x); err != nil {
		return err
	}
	return i.choose(ctx, x)
}

// settle gives what was uploaded a place among the calls under way. Until it was here it had one among the arrivals alone,
// so that slow senders keep nobody from reading; now it waits for one, and is not sent again for want of it. It keeps its
// place among the arrivals meanwhile: no more of them wait than there are.
func (i *In) settle(ctx context.Context, x *serving) error {
	if x.upload == nil || x.seat == nil {
		return nil
	}
	seat, ok := x.exposed.places.wait(ctx, x.sender())
	if !ok {
		return problem.New(problem.RuleConcurrency).After(retryConcurrency)
	}
	x.leave()
	x.seat = seat
	return nil
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

// sendingPiece is how much of a request a back end takes within its deadline.
const sendingPiece = 1 << 20

// sentAtOnce is a body that makes no progress, but is sent in one piece. It is less than a spool keeps in memory: to read
// it back cannot fail.
const sentAtOnce = 64 << 10

// sending is the body of a request on its way to the back end.
type sending struct {
	progress func() // a piece was taken, or the last one

	mu    sync.Mutex
	fault error // of reading it back
}

// of is the request with a body that tells the progress. A small one is left as it is: net/http sends it together with
// the head, and the deadline is for all of it, connecting included.
func (s *sending) of(ctx context.Context, req *http.Request) *http.Request {
	out := req.WithContext(ctx)
	if req.Body == nil || req.Body == http.NoBody || 0 < req.ContentLength && req.ContentLength <= sentAtOnce {
		return out
	}
	out.Body = &sendingReader{ReadCloser: req.Body, of: s}
	if open := req.GetBody; open != nil {
		out.GetBody = func() (io.ReadCloser, error) {
			r, err := open()
			if err != nil {
				return nil, s.keep(err)
			}
			return &sendingReader{ReadCloser: r, of: s}, nil
		}
	}
	return out
}

func (s *sending) keep(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
	return err
}

// broken is what kept the body from being read back while it was sent: no fault of the back end.
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
