// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// wait is the Retry-After of the suite, in seconds.
const wait = 2

// maxAttempts is how many calls one demand may cause when the service does not answer.
const maxAttempts = 5

// lateCheck is the check that a consumer which gets no answer fails when it goes on waiting.
const lateCheck = "suite.consumer/late#no-answer"

// errStillWaiting means that the time of a triggered call ran out before the consumer said
// what it made of the answer.
var errStillWaiting = errors.New("the consumer was still waiting when the time of the trigger ran out")

// conduct plays the bad weeks of PDND and of a service, one at a time.
func (c *consumer) conduct(ctx context.Context) {
	for _, one := range []struct {
		id               string
		eservice, tokens script
		judge            func(trial) (ok bool, expected, found string)
	}{
		{"suite.consumer/replayed#reply", nil, nil, nil},
		{"suite.consumer/token-refused#masked", c.good(), func(w http.ResponseWriter, _ received, _ int) error { return refuseToken(w) }, noCall},
		{"suite.consumer/token-unavailable#status-503", c.good(), status(http.StatusServiceUnavailable, nil), noCall},
		{"suite.consumer/throttled#retry-after", c.firstThen(status(http.StatusTooManyRequests, map[string]string{"Retry-After": fmt.Sprint(wait)})), nil, waited},
		{"suite.consumer/cut#half-body", c.cut, nil, refused},
		{"suite.consumer/redirect#other-host", c.redirect, nil, stayed},
		{"suite.consumer/unavailable#status-503", status(http.StatusServiceUnavailable, map[string]string{"Retry-After": "120"}), nil, fewAttempts},
		{lateCheck, hang, nil, refused},
	} {
		if !c.isPlayed(one.id) {
			continue
		}
		if one.judge == nil {
			c.replayed(ctx, one.id)
			continue
		}
		c.stage.set(one.eservice, one.tokens)
		t, err := c.trigger(ctx)
		if errors.Is(err, errStillWaiting) && one.id == lateCheck && len(t.calls) > 0 {
			c.watch.see(one.id, false, "an error within "+c.config.Trigger.timeout().String(), "still waiting", t.witness())
			continue
		}
		if err != nil {
			c.note("%s: %s", "%s: %s", one.id, told(err.Error()))
			continue
		}
		if one.tokens == nil && len(t.calls) == 0 || one.tokens != nil && len(t.tokens) == 0 {
			continue // the consumer holds back, or asks another PDND: nothing was seen
		}
		ok, expected, found := one.judge(t)
		c.watch.see(one.id, ok, expected, found, t.witness())
	}
}

// isPlayed tells whether a check is part of the run.
func (c *consumer) isPlayed(id string) bool {
	for _, one := range c.cases {
		if one.ID == id {
			return c.wanted(one)
		}
	}
	return false
}

// replayed gives the reply to one call to another one.
func (c *consumer) replayed(ctx context.Context, id string) {
	if c.subject() == "" {
		return
	}
	play := c.again(c.subject(), nil)
	first, err := c.try(ctx, play)
	if err != nil || !first.accepted {
		return
	}
	second, err := c.try(ctx, play)
	if err == nil && len(second.calls) > 0 {
		c.watch.see(id, !second.accepted, "refused", "accepted", second.witness())
	}
}

func (t trial) witness() Exchange {
	for _, list := range [][]call{t.calls, t.tokens} {
		if len(list) > 0 {
			return list[0].exchange
		}
	}
	return Exchange{}
}

func noCall(t trial) (ok bool, expected, found string) {
	return len(t.calls) == 0 && !t.accepted, "no call, and an error", t.calledThen()
}

func refused(t trial) (ok bool, expected, found string) {
	return !t.accepted, "an error", "accepted"
}

func fewAttempts(t trial) (ok bool, expected, found string) {
	return !t.accepted && len(t.calls) <= maxAttempts, fmt.Sprintf("an error after at most %d calls", maxAttempts), t.calledThen()
}

func stayed(t trial) (ok bool, expected, found string) {
	return !t.accepted && t.elsewhere == 0, "the redirect is not followed", stayedNot(t)
}

func stayedNot(t trial) string {
	if t.elsewhere == 0 {
		return "accepted"
	}
	return fmt.Sprintf("followed with tokens %d times", t.elsewhere)
}

// calledThen tells how often the consumer called, and whether it took the answer for good.
func (t trial) calledThen() string {
	if t.accepted {
		return fmt.Sprintf("%d calls, and accepted", len(t.calls))
	}
	return fmt.Sprintf("%d calls", len(t.calls))
}

func waited(t trial) (ok bool, expected, found string) {
	if len(t.calls) < 2 {
		return true, "", ""
	}
	gap := t.calls[1].at.Sub(t.calls[0].at)
	return gap >= wait*time.Second-200*time.Millisecond, fmt.Sprintf("no call for %d s", wait), "a call after " + gap.Round(time.Millisecond).String()
}

// status answers with a status and a problem document.
func status(code int, fields map[string]string) script {
	return func(w http.ResponseWriter, _ received, _ int) error {
		for name, value := range fields {
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(code)
		_, err := fmt.Fprintf(w, `{"status":%d,"title":%q}`, code, http.StatusText(code))
		return err
	}
}

// firstThen plays a script once and answers well after it.
func (c *consumer) firstThen(first script) script {
	good := c.good()
	return func(w http.ResponseWriter, r received, n int) error {
		if n == 1 {
			return first(w, r, n)
		}
		return good(w, r, n)
	}
}

// cut sends a good reply and closes the connection in the middle of the body.
func (c *consumer) cut(w http.ResponseWriter, r received, _ int) error {
	m, err := c.reply(c.subject(), nil, r)
	if err != nil {
		return err
	}
	for name, values := range m.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(m.Body)))
	w.WriteHeader(m.Status)
	if _, err := w.Write(m.Body[:len(m.Body)/2]); err != nil {
		return err
	}
	return http.NewResponseController(unwrap(w)).Flush() // the server closes a reply that is shorter than it said
}

func (c *consumer) redirect(w http.ResponseWriter, _ received, _ int) error {
	w.Header().Set("Location", c.peers.base+"/altrove/")
	w.WriteHeader(http.StatusTemporaryRedirect)
	return nil
}

// hang does not answer until the consumer gives up, or the trial is over.
func hang(w http.ResponseWriter, _ received, _ int) error {
	t, ok := w.(*teeWriter)
	if !ok {
		return errors.New("a service that hangs needs to know when the caller leaves")
	}
	select {
	case <-t.gone:
	case <-t.over:
	}
	return nil
}

func unwrap(w http.ResponseWriter) http.ResponseWriter {
	if t, ok := w.(*teeWriter); ok {
		return t.ResponseWriter
	}
	return w
}

// given tells whether somebody can be made to call.
func (t Trigger) given() bool { return t.Call != nil || t.URL != "" || len(t.Command) > 0 }

// timeout is that of one triggered call.
func (t Trigger) timeout() time.Duration { return orDefault(t.Timeout, 30*time.Second) }

// pull makes the consumer do one call and tells whether it accepted the reply. Where the
// time of the trigger runs out the error is errStillWaiting: however the call was broken
// off, that is not the consumer's own refusal.
func (c *consumer) pull(ctx context.Context) (bool, error) {
	within, cancel := context.WithTimeout(ctx, c.config.Trigger.timeout())
	defer cancel()
	accepted, err := c.pullWithin(within)
	if !accepted && ctx.Err() == nil && errors.Is(within.Err(), context.DeadlineExceeded) {
		return false, errStillWaiting
	}
	return accepted, err
}

func (c *consumer) pullWithin(ctx context.Context) (bool, error) {
	t := c.config.Trigger
	switch {
	case t.Call != nil:
		return t.Call(ctx)
	case t.URL != "":
		return c.pullURL(ctx, t)
	default:
		return pullCommand(ctx, t.Command)
	}
}

func (c *consumer) pullURL(ctx context.Context, t Trigger) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, orDefault(t.Method, http.MethodPost), t.URL, strings.NewReader(t.Body))
	if err != nil {
		return false, err
	}
	for name, value := range t.Headers {
		req.Header.Set(name, value)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return false, errors.New(reason(err))
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxReply))
	return resp.StatusCode < 300, err
}

func pullCommand(ctx context.Context, command []string) (bool, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // the command that the user names
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return false, nil
	}
	return err == nil, err
}
