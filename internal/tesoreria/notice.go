// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
)

// notice is what a webhook says: which flow, and its state. It names no person and no amount; who wants more asks.
type notice struct {
	ID          string    `json:"id"`
	Evento      string    `json:"evento"` // flusso, ordinativi, giornale, allarme
	Ente        string    `json:"ente"`
	Ambiente    string    `json:"ambiente"`
	Flusso      string    `json:"flusso,omitempty"`
	Esercizio   int       `json:"esercizio,omitempty"`
	Stato       State     `json:"stato,omitempty"`
	Codice      string    `json:"codice,omitempty"`
	Istante     time.Time `json:"istante"`
	Ordinativi  []string  `json:"ordinativi,omitempty"` // those whose state changed, as mandato/31
	Riferimento string    `json:"riferimento,omitempty"`
}

// HeaderSignature carries the HMAC-SHA256 of "instant.body" with the ente's secret, as t=<unix seconds>,v1=<hex>.
const HeaderSignature = "Snodo-Firma"

func noticeKind() jobs.Kind[notice] {
	return jobs.Kind[notice]{Name: "tesoreria/avviso", Policy: jobs.Policy{
		MaxAttempts: 12, Concurrency: 4, Timeout: 30 * time.Second, GiveUpAfter: 48 * time.Hour, Backoff: jobs.Backoff{Base: 5 * time.Second, Max: time.Hour},
	}}
}

// tell enqueues a notice where the ente wants them. The key keeps one change from being told twice.
func (d *Desk) tell(ctx context.Context, tx Tx, c Channel, n notice) error {
	known := d.channels[c.Ente]
	if known == nil || known.cfg.Avvisi == nil {
		return nil
	}
	n.Ente, n.Ambiente, n.Istante = c.Ente, c.Environment, d.Clock().UTC()
	_, err := noticeKind().EnqueueIn(ctx, d.Queue, tx, jobs.Spec{Ente: c.Ente, Environment: c.Environment, Key: n.ID, Lane: "avvisi"}, n)
	return err
}

// notify delivers a notice. 4xx but for a few is a refusal that repetition does not change.
func (d *Desk) notify(ctx context.Context, job jobs.Job[notice]) error {
	c, err := d.channel(job.Ente)
	if err != nil || c.cfg.Avvisi == nil || d.Notify == nil {
		return jobs.Permanent(jobs.Coded(CodeNotice, errors.New("the ente wants no notices any more")))
	}
	secret, err := os.ReadFile(d.Config.Path(c.cfg.Avvisi.Segreto))
	if err != nil {
		return jobs.Coded(CodeNotice, errors.New("the secret of the notices cannot be read"))
	}
	body, err := json.Marshal(job.Payload)
	if err != nil {
		return jobs.Permanent(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.Avvisi.URL, bytes.NewReader(body))
	if err != nil {
		return jobs.Permanent(jobs.Coded(CodeNotice, errors.New("the address of the notices is no URL")))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(HeaderSignature, sealNotice([]byte(strings.TrimSpace(string(secret))), d.Clock(), body))
	status, err := d.Notify(ctx, c.Ente, req)
	switch {
	case err != nil:
		return jobs.Coded(CodeNotice, err)
	case status >= 200 && status < 300:
		return nil
	}
	refused := jobs.Coded(CodeNotice, fmt.Errorf("the notice was answered %d", status))
	if status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests && status != http.StatusConflict {
		return jobs.Permanent(refused)
	}
	return refused
}

func sealNotice(secret []byte, at time.Time, body []byte) string {
	instant := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(instant + "."))
	mac.Write(body)
	return "t=" + instant + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
