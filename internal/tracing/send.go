// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/registry"
)

// What an operator sees of a day that was not sent.
const (
	codeUnavailable = "tracing/unavailable" // no answer, or none that can be read
	codePending     = "tracing/pending"     // PDND has not looked at the file yet
	codeRefused     = "tracing/refused"     // PDND refuses this very file: see its faults
	codeForeign     = "tracing/other-sender"
	codeOtherFile   = "tracing/other-file"
	codeIncomplete  = "tracing/incomplete" // the evidence of the day is no longer whole, and PDND has a fuller file
	codeSettings    = "tracing/settings"
)

// waits between two looks at a day.
const (
	waitPending = 5 * time.Minute
	waitAgain   = time.Minute
)

var (
	errPending    = errors.New("PDND has not looked at the file yet")
	errRefused    = errors.New("PDND refuses the file")
	errForeign    = errors.New("another system has sent the file of this day")
	errIncomplete = errors.New("evidence of this day was erased, and PDND has a file with more requests")
	errAgain      = errors.New("PDND knows the day in another state than a moment ago")
)

// settle brings one day a step nearer to its end: nil when PDND has imported the present
// file. Its errors say to package jobs whether to come back. forced is when a person asked to
// send even a file that PDND has refused; zero when nobody did.
func (d *Desk) settle(ctx context.Context, ente, environment, day string, forced time.Time) error {
	c, err := d.client(ente, environment)
	if err != nil {
		return jobs.Permanent(jobs.Coded(codeSettings, err))
	}
	mine, err := d.o.Store.TracingOf(ctx, ente, environment, day)
	if errors.Is(err, store.ErrNotFound) {
		mine, err = store.TracingDay{Ente: ente, Environment: environment, Day: day}, nil
	}
	if err != nil {
		return err
	}
	s := &sending{desk: d, client: c, mine: mine, force: mine.ChangedAt.Before(forced)}
	theirs, found, err := c.find(ctx, day)
	if err == nil && found && theirs.State != Missing {
		err = s.known(ctx, theirs)
	} else if err == nil {
		err = s.submit(ctx)
	}
	var refused *RefusedError
	if errors.As(err, &refused) {
		return s.refused(ctx, refused)
	}
	return err
}

// sending is one day under way.
type sending struct {
	desk   *Desk
	client *client
	file   File             // once make has made it
	mine   store.TracingDay // what the hub has noted
	force  bool             // a refused file is sent again as it is

	announced bool // file is about to be sent
}

// make makes the present file, which reads every side record of the day: only when it is needed.
func (s *sending) make(ctx context.Context) (err error) {
	s.file, err = s.desk.Export(ctx, s.mine.Ente, s.mine.Environment, s.mine.Day)
	var other *OtherFileError
	if errors.As(err, &other) || errors.Is(err, ErrDay) || errors.Is(err, ErrUnknown) {
		return jobs.Permanent(jobs.Coded(codeOtherFile, err))
	}
	return err
}

// known decides what to do about a day that PDND knows.
func (s *sending) known(ctx context.Context, theirs remote) error {
	switch {
	case s.mine.Digest == "":
		return s.foreign(ctx, theirs)
	case theirs.State == Pending:
		return s.pending(ctx, theirs.ID, waitPending)
	}
	if err := s.make(ctx); err != nil {
		return err
	}
	// Of a request without answer, or refused, it is not known whose file PDND has of the day.
	unsure := State(s.mine.State) == Sending || State(s.mine.State) == Refused
	same := s.mine.Digest == s.file.Digest && !unsure
	switch {
	case theirs.State.Final() && same:
		return s.done(ctx, theirs)
	case theirs.State.Final() && s.file.Lost > 0 && s.file.Requests < s.mine.Requests:
		return s.incomplete(ctx, theirs)
	case theirs.State.Final():
		return s.again(ctx, "replace", theirs.ID)
	case theirs.State == Failed && same && !s.force:
		return s.failed(ctx, theirs)
	case theirs.State == Failed:
		return s.again(ctx, "recover", theirs.ID)
	}
	return fmt.Errorf("PDND Tracing: unknown state of a day")
}

// foreign notes that somebody else sends.
func (s *sending) foreign(ctx context.Context, theirs remote) error {
	if err := s.note(ctx, theirs.ID, OtherSender, nil); err != nil {
		return err
	}
	return jobs.Permanent(jobs.Coded(codeForeign, errForeign))
}

// incomplete leaves PDND the file that it has imported: evidence of the day was erased since, and the present file would
// take requests away from it.
func (s *sending) incomplete(ctx context.Context, theirs remote) error {
	if err := s.note(ctx, theirs.ID, theirs.State, nil); err != nil {
		return err
	}
	return jobs.Permanent(jobs.Coded(codeIncomplete, errIncomplete))
}

// pending comes back for what PDND says of the file. That it has it is noted once, and not where a request was refused:
// it may have another.
func (s *sending) pending(ctx context.Context, id string, wait time.Duration) error {
	var err error
	if state := State(s.mine.State); state != Refused && (state != Pending || s.mine.TracingID != id) {
		err = s.note(ctx, id, Pending, nil)
	}
	return errors.Join(err, jobs.Retry(jobs.Coded(codePending, errPending), wait))
}

// announce notes that the present file is about to be sent.
func (s *sending) announce(ctx context.Context, id string) error {
	s.announced = true
	s.mine.Digest, s.mine.Lines, s.mine.Requests = s.file.Digest, s.file.Lines, s.file.Requests
	return s.note(ctx, id, Sending, nil)
}

func (s *sending) submit(ctx context.Context) error {
	if err := s.make(ctx); err != nil {
		return err
	}
	if err := s.announce(ctx, ""); err != nil {
		return err
	}
	id, err := s.client.submit(ctx, s.file.Day, s.file.CSV)
	if err != nil {
		return err
	}
	return s.sent(ctx, id)
}

func (s *sending) again(ctx context.Context, how, id string) error {
	if err := s.announce(ctx, id); err != nil {
		return err
	}
	if err := s.client.again(ctx, how, id, s.file.CSV); err != nil {
		return err
	}
	return s.sent(ctx, id)
}

// sent notes that PDND has the file, and comes back for what it says of it.
func (s *sending) sent(ctx context.Context, id string) error {
	s.log(ctx, slog.LevelInfo, "tracing inviato a PDND", id)
	if s.file.Lost > 0 {
		s.log(ctx, slog.LevelWarn, "tracing: prove che non si possono più contare", id, slog.Int64("quante", s.file.Lost))
	}
	return s.pending(ctx, id, waitAgain)
}

// done notes that PDND has imported the file, with what it warns of.
func (s *sending) done(ctx context.Context, theirs remote) error {
	var faults []Fault
	if theirs.State == Warning {
		var err error
		if faults, err = s.client.faults(ctx, theirs.ID); err != nil {
			return err
		}
	}
	return s.note(ctx, theirs.ID, theirs.State, faults)
}

// failed notes why PDND has imported nothing of the present file. Another attempt with the
// same file would fail in the same way.
func (s *sending) failed(ctx context.Context, theirs remote) error {
	faults, err := s.client.faults(ctx, theirs.ID)
	if err == nil {
		err = s.note(ctx, theirs.ID, Failed, faults)
	}
	if err != nil {
		return err
	}
	s.log(ctx, slog.LevelError, "tracing rifiutato da PDND", theirs.ID, slog.Int("errori", len(faults)))
	return jobs.Permanent(jobs.Coded(codeRefused, errRefused))
}

// refused reads a "no" to a request: some only say that the day has moved on meanwhile.
func (s *sending) refused(ctx context.Context, r *RefusedError) error {
	switch r.Code {
	case codeExists, codeUpdate, codeMissing:
		return jobs.Retry(jobs.Coded(codePending, fmt.Errorf("%w: %w", errAgain, r)), waitAgain)
	case codeFuture: // PDND's day is behind that of Italy
		return jobs.Retry(jobs.Coded(codePending, r), time.Hour)
	}
	if s.announced { // else it was a question, and nothing is known of the day
		code := registry.SafeWord(r.Code)
		if err := s.note(ctx, s.mine.TracingID, Refused, []Fault{{Severity: "INVALID", Code: code}}); err != nil {
			return err
		}
		s.log(ctx, slog.LevelError, "tracing rifiutato da PDND", s.mine.TracingID, slog.String("codice", code))
	}
	return jobs.Permanent(jobs.Coded(codeRefused, r))
}

func (s *sending) note(ctx context.Context, id string, state State, faults []Fault) error {
	s.mine.TracingID, s.mine.State, s.mine.Faults, s.mine.ChangedAt = id, string(state), "", s.desk.o.Clock()
	if len(faults) > 0 {
		text, err := json.Marshal(faults)
		if err != nil {
			return fmt.Errorf("faults: %w", err)
		}
		s.mine.Faults = string(text)
	}
	return s.desk.o.Store.PutTracing(ctx, s.mine)
}

func (s *sending) log(ctx context.Context, level slog.Level, text, id string, more ...slog.Attr) {
	attrs := append([]slog.Attr{
		slog.String("ente", s.mine.Ente), slog.String("ambiente", s.mine.Environment), slog.String("giorno", s.mine.Day),
		slog.String("tracingId", id), slog.Int64("righe", s.file.Lines), slog.Int64("richieste", s.file.Requests),
	}, more...)
	s.desk.o.Logger.LogAttrs(ctx, level, text, attrs...)
}

// client speaks to PDND Tracing for an ente that has said that this hub sends.
func (d *Desk) client(ente, environment string) (*client, error) {
	known := d.o.Config.Enti[ente]
	platform, base := d.o.Platforms[environment], d.o.Config.Environments[environment].TracingURL
	if known == nil || platform == nil {
		return nil, ErrUnknown
	}
	if known.Tracing[environment].Invia != config.TracingSnodo {
		return nil, ErrOff
	}
	if base == "" {
		return nil, fmt.Errorf("environment %s has no tracingURL", environment)
	}
	who, err := d.o.Credentials(ente, environment)
	if err != nil {
		return nil, err
	}
	c := &client{platform: platform, who: who, http: who.HTTP, base: base}
	if c.http == nil {
		c.http = d.o.HTTP
	}
	return c, nil
}
