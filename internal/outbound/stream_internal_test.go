// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// pieces gives one byte after the time that the peer takes for it, or what ends the exchange first.
type pieces struct {
	ctx  context.Context
	take []time.Duration
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.take) == 0 {
		return 0, io.EOF
	}
	next := time.NewTimer(p.take[0])
	defer next.Stop()
	select {
	case <-next.C:
		p.take = p.take[1:]
		b[0] = 'a'
		return 1, nil
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
}

func (p *pieces) Close() error { return nil }

// TestOnlyThePeerIsWaitedFor: the idle timeout runs while the peer is read from. A consumer that takes its time between two
// pieces is no fault of the peer; a peer that takes too long for one is cut, however quick the consumer is.
func TestOnlyThePeerIsWaitedFor(t *testing.T) {
	const idle = 10 * time.Second
	for name, c := range map[string]struct {
		peer     []time.Duration
		consumer time.Duration
		want     int
		reason   Reason
	}{
		"slow consumer":             {[]time.Duration{0, 0, 0}, 5 * idle, 3, ""},
		"slow consumer, slow peer":  {[]time.Duration{idle - 1, idle - 1}, 5 * idle, 2, ""},
		"peer that stalls":          {[]time.Duration{0, idle + 1, 0}, 0, 1, ReasonTimeout},
		"peer that stalls at first": {[]time.Duration{idle + 1}, 3 * idle, 0, ReasonTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				body := newStreamBody(ctx, &pieces{ctx, c.peer}, idle, cancel)
				defer func() { _ = body.Close() }()
				got, piece := 0, make([]byte, 4)
				for {
					time.Sleep(c.consumer)
					n, err := body.Read(piece)
					got += n
					if err == nil {
						continue
					}
					if got != c.want || ReasonOf(err) != c.reason || c.reason == "" && !errors.Is(err, io.EOF) {
						t.Errorf("%d pieces, %v", got, err)
					}
					return
				}
			})
		})
	}
}
