// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// Streamer sends one request and hands the reply on as it comes, beside Doer, for the operations of BULK_RESOURCE_REST;
// *outbound.Client is the one. ctx ends with the reading of the body.
type Streamer interface {
	// Stream returns when the head of the reply is there, whatever its status; an error means that none came.
	Stream(ctx context.Context, req *http.Request) (*outbound.Stream, error)
}

// maxStreamError bounds the body of an answer that tells an error of a bulk operation, in bytes: it is read whole.
const maxStreamError = 1 << 20

// forwardStream calls the procedure as forward does, and has its answer when the head is there. A representation is then
// read piece by piece while it is written to the caller, within no deadline but that of each piece; anything else is read
// whole and goes the way of every answer.
func (i *In) forwardStream(budget context.Context, x *serving) error {
	ctx, cancel := context.WithCancel(x.whole)
	req, err := x.backEndRequest(ctx)
	if err != nil {
		cancel()
		return err
	}
	within := context.AfterFunc(budget, cancel)
	stream, err := x.exposed.procedure.Stream(ctx, req)
	within()
	if err != nil {
		cancel()
		if budget.Err() != nil {
			return budget.Err()
		}
		return i.backEndError(x, err)
	}
	x.stream = &streaming{Stream: stream, end: cancel}
	if status := x.stream.Status; status == http.StatusOK || status == http.StatusPartialContent || status == http.StatusNotModified {
		return nil
	}
	return x.readStream()
}

// readStream turns an answer that is no representation into a whole one.
func (x *serving) readStream() error {
	defer func() {
		x.stream.close()
		x.stream = nil
	}()
	body, err := io.ReadAll(io.LimitReader(x.stream.Body, maxStreamError+1))
	if err != nil {
		return problem.New(problem.RuleBackEndUnavailable).Because(&registry.Fault{Kind: registry.ErrUnavailable, Err: err})
	}
	if len(body) > maxStreamError {
		return problem.New(problem.RuleBackEndBadAnswer)
	}
	x.answer = &outbound.Response{Status: x.stream.Status, Header: x.stream.Header, Body: body}
	return nil
}

// streaming is a representation on its way. A nil one is none.
type streaming struct {
	*outbound.Stream
	end context.CancelFunc
}

func (s *streaming) close() {
	if s != nil {
		_ = s.Body.Close() // it is given up: there is nobody to tell
		s.end()
	}
}

// judgeStream holds the head of a representation against the OpenAPI document and against what was asked, and builds the
// reply from it.
func (i *In) judgeStream(ctx context.Context, x *serving) error {
	s := x.stream
	if s.Status == http.StatusPartialContent && (x.in.Header.Get("Range") == "" || s.Header.Get("Content-Range") == "") {
		return problem.Newf(problem.RuleBackEndBadAnswer, "La procedura ha risposto con una parte che non le è stata chiesta.",
			"The procedure answered with a part that it was not asked for.")
	}
	if err := i.deviates(ctx, x, x.match.CheckHead(s.Status, s.Header)); err != nil {
		return err
	}
	x.reply = &Reply{Status: s.Status, Header: http.Header{}}
	copyHeaders(x.reply.Header, s.Header, append(answerHeaders(), "Accept-Ranges", "Content-Range", "Content-Disposition"))
	switch {
	case s.Status == http.StatusNotModified:
		s.close()
		x.stream = nil
	case x.in.Method == http.MethodHead:
		if length := s.Header.Get("Content-Length"); length != "" {
			x.reply.Header.Set("Content-Length", length)
		}
	default:
		x.reply.Length = s.Length
	}
	return nil
}

// signStream signs a representation by the digest that the procedure tells of it: nobody has read it yet. What is then
// handed on is held against the digest, and cut when it is another. A part is not signed (guideline, INTEGRITY_REST: not
// for Range).
func (i *In) signStream(x *serving) error {
	if !x.terms.signs() || x.reply.Status != http.StatusOK {
		return nil
	}
	declared, err := declaredDigest(x.stream.Header)
	if err != nil {
		if x.in.Method == http.MethodHead {
			return nil // there is no body to sign
		}
		i.Observer.badAnswer(x.exposed.recipe.Name)
		return problem.Newf(problem.RuleBackEndBadAnswer,
			"La procedura non dà in Digest l'impronta SHA-256 di ciò che invia, e la risposta va firmata.",
			"The procedure does not give in Digest the SHA-256 of what it sends, and the answer has to be signed.").Because(err)
	}
	x.stream.Body = newChecked(x.stream.Body, declared)
	return i.signReply(x, x.reply, declared, x.voucher.ClientID)
}

// handOver gives the reply its stream, which takes the place among the calls under way along; HEAD and an answer that is
// withheld have none.
func (i *In) handOver(x *serving, r *Reply) {
	switch {
	case x.stream == nil:
		x.leave()
	case x.err != nil || x.in.Method == http.MethodHead:
		x.stream.close()
		x.leave()
	default:
		h := &handed{streaming: x.stream, over: func(read int64, end error) {
			x.leave()
			i.streamed(x, read, end)
		}}
		h.limit = time.AfterFunc(streamLasts(x.reply.Length), h.expire)
		r.Stream, r.Length = h, x.reply.Length
	}
}

// A stream holds a place among the calls under way for an hour, and beyond it for as long as its length takes at a rate that
// is no slow line's. What is missing then can be asked for by Range.
const (
	streamTime = time.Hour
	streamRate = 1 << 20 // bytes a second
)

// streamLasts is how long a stream of so many bytes may last; a length below 0 is not known.
func streamLasts(length int64) time.Duration {
	return streamTime + time.Duration(max(length, 0)/streamRate)*time.Second
}

// errLongStream is what a stream gives when its time is over.
var errLongStream = errors.New("the stream took too long")

// handed is a stream in the hands of the caller of Serve. It is for one reader.
type handed struct {
	*streaming
	over func(read int64, end error) // once

	read int64
	end  error // io.EOF once all of it was read, nil when the reader gave it up

	limit *time.Timer
	late  atomic.Bool // the time is over
}

// expire ends the reading.
func (h *handed) expire() {
	h.late.Store(true)
	h.streaming.end()
}

// Read reads the next piece.
func (h *handed) Read(b []byte) (int, error) {
	n, err := h.Body.Read(b)
	if h.late.Load() && !errors.Is(err, io.EOF) {
		err = errLongStream
	}
	h.read += int64(n)
	if err != nil {
		h.end = err
	}
	return n, err
}

// Close gives up what was not read.
func (h *handed) Close() error {
	h.limit.Stop()
	h.close()
	if h.over != nil {
		h.over(h.read, h.end)
		h.over = nil
	}
	return nil
}

// streamed tells of a representation that did not reach its end. Its outcome is evidence already, as one that was begun:
// there is no record that could say afterwards how much of it went out.
func (i *In) streamed(x *serving, read int64, end error) {
	if errors.Is(end, io.EOF) {
		return
	}
	level, who, why := slog.LevelInfo, "fruitore", ""
	switch {
	case errors.Is(end, errLongStream):
		who = "durata"
	case end != nil && x.whole.Err() == nil: // else the caller left, and the reading ended with it
		level, who, why = slog.LevelWarn, "procedura", end.Error()
		i.Observer.badAnswer(x.exposed.recipe.Name)
	}
	i.Logger.LogAttrs(context.WithoutCancel(x.whole), level, "risposta interrotta",
		slog.String("scambio", x.id), slog.String("ente", x.exposed.ente.CodiceIPA), slog.String("servizio", x.exposed.recipe.Name),
		slog.String("da", who), slog.Int64("byte", read), slog.String("errore", why))
}

// errOtherBody is what the end of a stream gives when its digest is not the one that was signed.
var errOtherBody = errors.New("the body is not the one that the procedure told the digest of")

// declaredLength reads the length that a head tells; 1 stands for one that it does not.
func declaredLength(h http.Header) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(h.Get("Content-Length")), 10, 64)
	if err != nil {
		return 1
	}
	return n
}
