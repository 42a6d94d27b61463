// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

var errIdle = errors.New("the reply stalled")

// idle cancels an attempt when its body makes no progress, while it runs.
type idle struct {
	timeout time.Duration
	timer   *time.Timer
}

func newIdle(timeout time.Duration, cancel context.CancelCauseFunc) *idle {
	return &idle{timeout: timeout, timer: time.AfterFunc(timeout, func() { cancel(errIdle) })}
}

func (i *idle) progress() { i.timer.Reset(i.timeout) }
func (i *idle) stop()     { i.timer.Stop() }

// readReply reads the whole reply within limit, both as received and decoded.
func readReply(raw *http.Response, limit int64, stall *idle) (*Response, error) {
	defer stall.stop()
	if raw.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	wire, err := readBounded(progressReader{raw.Body, stall}, limit)
	if err != nil {
		return nil, err
	}
	body, err := decode(raw.Header, wire, limit)
	if err != nil {
		return nil, err
	}
	r := &Response{Status: raw.StatusCode, Header: raw.Header, Body: body, WireHeader: raw.Header, Wire: wire}
	if len(raw.Header.Values("Content-Encoding")) > 0 {
		r.Header = raw.Header.Clone() // of the body as it is now: no longer encoded, of another length
		r.Header.Del("Content-Encoding")
		r.Header.Del("Content-Length")
	}
	return r, nil
}

type progressReader struct {
	from  io.Reader
	stall *idle
}

func (p progressReader) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	if n > 0 {
		p.stall.progress()
	}
	return n, err
}

func readBounded(from io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(limit)
	}
	return data, nil
}

func tooLarge(limit int64) error {
	return &Error{Reason: ReasonTooLarge, Detail: fmt.Sprintf("the limit is %d bytes", limit)}
}

// decode undoes the content encoding. identity was asked for, yet middle boxes
// compress all the same: gzip is read within the same limit, anything else refused.
func decode(h http.Header, wire []byte, limit int64) ([]byte, error) {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(h.Values("Content-Encoding"), ",")))
	switch {
	case encoding == "" || encoding == "identity", len(wire) == 0:
		return wire, nil
	case encoding == "gzip" || encoding == "x-gzip":
	default:
		return nil, &Error{Reason: ReasonEncoding, Detail: "only identity and gzip are read"}
	}
	reader, err := gzip.NewReader(bytes.NewReader(wire))
	if err != nil {
		return nil, &Error{Reason: ReasonEncoding, Detail: "gzip header is broken"}
	}
	body, err := readBounded(reader, limit)
	if err == nil {
		err = reader.Close()
	}
	if ReasonOf(err) == ReasonTooLarge {
		return nil, err
	}
	if err != nil {
		return nil, &Error{Reason: ReasonEncoding, Detail: "gzip stream is broken or cut"}
	}
	return body, nil
}
