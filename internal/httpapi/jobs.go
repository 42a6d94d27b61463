// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/problem"
)

// JobQueue shows what the hub does later and takes an operator's decision on dead letters; *jobs.Queue is the one.
type JobQueue interface {
	// Get returns a job; jobs.ErrNotFound is a "no".
	Get(ctx context.Context, id string) (jobs.Info, error)
	// Dead lists dead letters in order of enqueue.
	Dead(ctx context.Context, q jobs.DeadQuery) ([]jobs.Info, error)
	// Stats counts the jobs that have not ended, and the dead letters, by kind.
	Stats(ctx context.Context) ([]jobs.KindStats, error)
	// Retry makes a dead letter due now; jobs.ErrNotFound and jobs.ErrNotDead are a "no".
	Retry(ctx context.Context, id string) error
	// Discard gives a dead letter up; jobs.ErrReason is a "no" too.
	Discard(ctx context.Context, id, reason string) error
}

// Lavoro is a job as operators see it: neither what it holds nor its key.
type Lavoro struct {
	ID         string     `json:"id"`
	Tipo       string     `json:"tipo"`
	Ente       string     `json:"ente,omitempty"`
	Ambiente   string     `json:"ambiente,omitempty"`
	Stato      string     `json:"stato"`
	Tentativi  int        `json:"tentativi"`
	Massimo    int        `json:"massimo"`
	Codice     string     `json:"codice,omitempty"` // of the last failure
	Motivo     string     `json:"motivo,omitempty"` // why it was discarded
	Accodato   time.Time  `json:"accodato"`
	Prossimo   time.Time  `json:"prossimo"`
	Concluso   *time.Time `json:"concluso,omitempty"`
	ScadeEntro *time.Time `json:"scadeEntro,omitempty"`
}

// LavoriTipo counts the jobs of a kind.
type LavoriTipo struct {
	Tipo       string `json:"tipo"`
	Pronti     int    `json:"pronti"`
	InAttesa   int    `json:"inAttesa"`
	InCorso    int    `json:"inCorso"`
	Fermi      int    `json:"fermi"`
	PiuVecchio string `json:"piuVecchio,omitempty"` // since when the oldest of those ready waits, RFC 3339
}

// Lavori is the queue at a glance: the dead letters one by one, everything else by number.
type Lavori struct {
	Fermi []Lavoro     `json:"fermi"`
	Tipi  []LavoriTipo `json:"tipi"`
}

func (a *API) listJobs(c *gin.Context) {
	requestOf(c).operation = "lavori"
	limit, _ := strconv.Atoi(c.Query("limite")) // anything but a number means the default
	dead, err := a.Jobs.Dead(c.Request.Context(), jobs.DeadQuery{
		Kind: c.Query("tipo"), Ente: c.Query("ente"), After: c.Query("dopo"), Limit: min(limit, 1000),
	})
	if err != nil {
		a.fail(c, jobProblem(err))
		return
	}
	stats, err := a.Jobs.Stats(c.Request.Context())
	if err != nil {
		a.fail(c, jobProblem(err))
		return
	}
	out := Lavori{Fermi: make([]Lavoro, 0, len(dead)), Tipi: make([]LavoriTipo, 0, len(stats))}
	for _, i := range dead {
		out.Fermi = append(out.Fermi, lavoroOf(i))
	}
	for _, s := range stats {
		t := LavoriTipo{Tipo: s.Kind, Pronti: s.Due, InAttesa: s.Waiting, InCorso: s.Running, Fermi: s.Dead}
		if !s.OldestDue.IsZero() {
			t.PiuVecchio = s.OldestDue.UTC().Format(time.RFC3339)
		}
		out.Tipi = append(out.Tipi, t)
	}
	a.write(c, http.StatusOK, mediaJSON, out)
}

func (a *API) showJob(c *gin.Context) {
	requestOf(c).operation = "lavoro"
	a.answerJob(c, c.Param("id"))
}

func (a *API) retryJob(c *gin.Context) {
	requestOf(c).operation = "lavoro ripetuto"
	if err := a.Jobs.Retry(c.Request.Context(), c.Param("id")); err != nil {
		a.fail(c, jobProblem(err))
		return
	}
	a.answerJob(c, c.Param("id"))
}

func (a *API) discardJob(c *gin.Context) {
	requestOf(c).operation = "lavoro abbandonato"
	var in struct {
		Motivo string `json:"motivo"`
	}
	if err := a.decodeManagement(c, &in); err != nil {
		a.fail(c, err)
		return
	}
	if err := a.Jobs.Discard(c.Request.Context(), c.Param("id"), in.Motivo); err != nil {
		a.fail(c, jobProblem(err))
		return
	}
	a.answerJob(c, c.Param("id"))
}

// answerJob answers with the job as it is now.
func (a *API) answerJob(c *gin.Context, id string) {
	found, err := a.Jobs.Get(c.Request.Context(), id)
	if err != nil {
		a.fail(c, jobProblem(err))
		return
	}
	a.write(c, http.StatusOK, mediaJSON, lavoroOf(found))
}

func jobProblem(err error) error {
	switch {
	case errors.Is(err, jobs.ErrNotFound):
		return problem.New(problem.RuleUnknownJob)
	case errors.Is(err, jobs.ErrNotDead):
		return problem.New(problem.RuleJobNotDead)
	case errors.Is(err, jobs.ErrReason):
		return problem.New(problem.RuleDiscardReason)
	default:
		return problem.New(problem.RuleStore).Because(err)
	}
}

func lavoroOf(i jobs.Info) Lavoro {
	instant := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	return Lavoro{
		ID: i.ID, Tipo: i.Kind, Ente: i.Ente, Ambiente: i.Environment, Stato: string(i.State), Tentativi: i.Attempt,
		Massimo: i.MaxAttempts, Codice: i.Code, Motivo: i.Reason, Accodato: i.EnqueuedAt.UTC(), Prossimo: i.RunAt.UTC(),
		Concluso: instant(i.EndedAt), ScadeEntro: instant(i.Deadline),
	}
}
