// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// retryRunning is how long a caller waits while its first request still runs.
const retryRunning = 2 * time.Second

const maxIdempotencyKey = 128

// keptAnswer is what is kept under a key: the answer, and whom the evidence of its next delivery is about.
type keptAnswer struct {
	Answer   *Acquired `json:"answer"`
	Subjects []string  `json:"subjects"`
}

// recall looks an Idempotency-Key up. The same request gets the first answer again, without a second acquisition: it
// passed route, authorise and validate, so it may still see it. The delivery is evidence of its own under the exchange
// of the first one. Another request under the key is refused, and so is one whose first try may have acted unseen.
func (o *Out) recall(ctx context.Context, x *acquiring) error {
	key := x.in.IdempotencyKey
	if key == "" {
		return nil
	}
	if o.Answers == nil || len(key) > maxIdempotencyKey || !printableASCII(key) {
		return problem.New(problem.RuleIdempotencyKey)
	}
	digest, err := x.digest()
	if err != nil {
		return err
	}
	stored, claim, err := o.Answers.Begin(ctx, x.in.Caller, key, digest)
	switch {
	case errors.Is(err, ErrAnswerRunning):
		return problem.New(problem.RuleIdempotencyInProgress).After(retryRunning)
	case errors.Is(err, ErrAnswerMismatch):
		return problem.New(problem.RuleIdempotencyMismatch)
	case errors.Is(err, ErrAnswerUnknown):
		return problem.New(problem.RuleIdempotencyUnknown)
	case err != nil:
		return problem.New(problem.RuleStore).Because(err)
	case stored == nil:
		x.claim = claim
		return nil
	}
	var kept keptAnswer
	if err := json.Unmarshal(stored, &kept); err != nil || kept.Answer == nil {
		return problem.New(problem.RuleStore).Because(errors.New("stored answer cannot be read"))
	}
	x.recalled, x.id, x.dati = kept.Answer, cmp.Or(kept.Answer.Correlazione, kept.Answer.Provenienza.Scambio), kept.Answer.Dati
	x.waits = kept.Answer.Scade
	x.concerns(kept.Subjects...)
	return nil
}

// digest tells one request from another: everything that decides the answer is in it, also the fields that the
// procedimento allows today, so that a kept answer never shows more than they do.
func (x *acquiring) digest() ([32]byte, error) {
	text, err := json.Marshal(struct {
		Servizio, Operazione string
		Contesto             Contesto
		Richiesta            json.RawMessage
		Campi                []string
		Dichiarato           json.RawMessage `json:",omitempty"`
	}{x.in.Servizio, x.in.Operazione, x.in.Contesto, x.in.Richiesta, slices.Sorted(slices.Values(x.fields)), x.in.Dichiarato})
	if err != nil {
		return [32]byte{}, errors.New("request cannot be encoded")
	}
	return sha256.Sum256(text), nil
}

// remember keeps the answer under its key. A failed request gives the key back, except when it acted, or may have, and
// its answer is withheld: then a second try must not pass.
func (o *Out) remember(ctx context.Context, x *acquiring) error {
	if x.claim == nil {
		return x.err
	}
	var err error
	switch {
	case x.err == nil:
		var text []byte
		if text, err = encodeJSON(keptAnswer{Answer: x.answer, Subjects: x.subjects}); err == nil {
			err = x.claim.Complete(ctx, text)
		}
	case withheld(x.err), x.mayHaveActed():
		err = x.claim.Doom(ctx)
	default:
		err = x.claim.Abandon(ctx)
	}
	if err != nil {
		// The answer is stored as evidence and may be delivered: only its repetition is lost.
		o.Logger.LogAttrs(ctx, slog.LevelWarn, "risposta non memorizzata per Idempotency-Key",
			slog.String("scambio", x.id), slog.String("errore", err.Error()))
	}
	return x.err
}

// mayHaveActed tells whether a call that must not be made twice reached the registry, or may have: an answer that nobody
// could use, none at all, or a fault of what stands behind a gateway. A refusal, 503 included, is no act.
func (x *acquiring) mayHaveActed() bool {
	if x.operation.Idempotent || x.operation.Method == http.MethodGet {
		return false
	}
	return slices.ContainsFunc(x.calls.All(), func(c registry.CallRecord) bool {
		switch {
		case c.Service != x.in.Servizio:
			return false
		case c.Status == 0:
			return !slices.Contains(neverSent(), outbound.Reason(c.Fault))
		default:
			return c.Status < 300 || c.Status >= 500 && c.Status != http.StatusServiceUnavailable
		}
	})
}

// neverSent are the reasons for which no byte of a call has left.
func neverSent() []outbound.Reason {
	return []outbound.Reason{
		outbound.ReasonAddress, outbound.ReasonName, outbound.ReasonRefused, outbound.ReasonCertificate, outbound.ReasonTLS,
		outbound.ReasonPrepare,
	}
}

// withheld tells the failures after which the registry has answered and the application has nothing.
func withheld(err error) bool {
	rule := problem.Explain(err).Row.Rule
	return rule == problem.RuleOutcomeNotStored || rule == problem.RuleNotAttested
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
