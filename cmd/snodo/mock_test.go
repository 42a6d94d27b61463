// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// The mocks and the hub as two processes, the way a developer runs them.
func TestMockCommandServesAHub(t *testing.T) {
	dir := filepath.Join(shortDir(t), "m")
	mocks := startProcess(t, "mock", "--dir", dir, "--port", "0", "--applicazioni", "127.0.0.1:0", "--esposizione", "127.0.0.1:0")
	eventually(t, time.Minute, "the mocks are up", func() bool { return strings.Contains(mocks.out.String(), "Ctrl-C") })
	for _, e := range ambiente.Enti() {
		for _, id := range []string{e.ConsumerClientID, e.PurposeC020, e.EserviceID, e.Audience} {
			if !strings.Contains(mocks.out.String(), id) {
				t.Errorf("%s is not printed", id)
			}
		}
	}
	loaded := mustLoad(t, dir)
	hub := startProcess(t, "serve", "--config", dir)
	manage := management.New(loaded.Path(loaded.Hub.Listeners.Gestione.Socket), "it")
	eventually(t, 30*time.Second, "the hub is ready", func() bool {
		return manage.Get(context.Background(), "/health/ready", nil, nil) == nil
	})
	ente := ambiente.BorgoFiorito()
	client, err := acquire.New("http://"+loaded.Hub.Listeners.Applicazioni.Address, newKey(t, manage, ente.CodiceIPA), "")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Acquire(t.Context(), residence(ente))
	if err != nil || answer.Status != http.StatusOK {
		t.Errorf("%v %+v", err, answer)
	}
	hub.stop(t)
	mocks.stop(t)
}

func TestMockNeverWritesOverAFolder(t *testing.T) {
	dir := shortDir(t)
	if code, _, diagnostics := (&site{world: &world{dir: dir}}).cli(t, "", "config", "check", "--config", dir); code == exitYes {
		t.Fatalf("an empty folder is valid: %s", diagnostics)
	}
	writeFile(t, filepath.Join(dir, "snodo.yaml"), "mine")
	code, _, diagnostics := (&site{world: &world{dir: dir}}).cli(t, "", "mock", "--dir", dir, "--port", "0")
	if code != exitUndecided || !strings.Contains(diagnostics, "non è vuota") {
		t.Errorf("%d %s", code, diagnostics)
	}
}
