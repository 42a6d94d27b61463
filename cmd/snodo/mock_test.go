// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
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

// TestTheMockWorldGoesOnWhereItStopped: the hub of before is answered by the mocks of now, with what was changed by hand.
func TestTheMockWorldGoesOnWhereItStopped(t *testing.T) {
	dir := filepath.Join(shortDir(t), "m")
	args := []string{"mock", "--dir", dir, "--port", "0", "--applicazioni", "127.0.0.1:0", "--esposizione", "127.0.0.1:0"}
	mocks := startProcess(t, args...)
	eventually(t, time.Minute, "the mocks are up", func() bool { return strings.Contains(mocks.out.String(), "Ctrl-C") })
	mocks.stop(t)
	before := mustLoad(t, dir)
	file := filepath.Join(dir, "enti", "c_bf01", "exposes.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, strings.Replace(string(text), "deadline: 5s", "deadline: 4s", 1))

	mocks = startProcess(t, args...)
	eventually(t, time.Minute, "the mocks are up again", func() bool { return strings.Contains(mocks.out.String(), "Ctrl-C") })
	for _, want := range []string{"La cartella è stata ripresa", "lasciato così: enti/c_bf01/exposes.yaml"} {
		if !strings.Contains(mocks.out.String(), want) {
			t.Errorf("not told: %s\n%s", want, mocks.out)
		}
	}
	loaded := mustLoad(t, dir)
	ente := ambiente.BorgoFiorito()
	if loaded.Hub.Listeners.Esposizione.Address != before.Hub.Listeners.Esposizione.Address || loaded.Enti[ente.CodiceIPA].Exposes["stato-istanza"].BackEnd.Deadline != 4*time.Second {
		t.Errorf("%+v", loaded.Enti[ente.CodiceIPA].Exposes["stato-istanza"])
	}
	hub := startProcess(t, "serve", "--config", dir)
	manage := management.New(loaded.Path(loaded.Hub.Listeners.Gestione.Socket), "it")
	eventually(t, 30*time.Second, "the hub is ready", func() bool {
		return manage.Get(context.Background(), "/health/ready", nil, nil) == nil
	})
	client, err := acquire.New("http://"+loaded.Hub.Listeners.Applicazioni.Address, newKey(t, manage, ente.CodiceIPA), "")
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := client.Acquire(t.Context(), residence(ente)); err != nil || answer.Status != http.StatusOK {
		t.Errorf("%v %+v", err, answer)
	}
	if err := hub.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "SIGHUP is noted", func() bool { return strings.Contains(hub.out.String(), "SIGHUP ricevuto e ignorato") })
	unione := regexp.MustCompile(`Unione\D*(http://\S+)`).FindStringSubmatch(mocks.out.String())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, unione[1]+"/modi/c_bf01/stato-istanza/v1/istanze/PRT-2026-0000123", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%d, %v", resp.StatusCode, err)
	}
	hub.stop(t)
	mocks.stop(t)
}

// TestTheMockSaysWhatIsWrongWithAnOwnRecipe: as config check does, and at once; and its ports stay where somebody noted them.
func TestTheMockSaysWhatIsWrongWithAnOwnRecipe(t *testing.T) {
	dir, recipes := filepath.Join(shortDir(t), "m"), t.TempDir()
	if code, _, diagnostics := (&site{world: &world{}}).cli(t, "", "new", "eservice", "--from", "stato-istanza", "--name", "stato", "--dir", recipes); code != exitYes {
		t.Fatal(diagnostics)
	}
	args := []string{"mock", "--dir", dir, "--port", "0", "--applicazioni", "127.0.0.1:0", "--esposizione", "127.0.0.1:0", "--registri", recipes}
	unione := func(wrong bool) string {
		t.Helper()
		mocks := startProcess(t, args...)
		eventually(t, time.Minute, "the mocks are up", func() bool { return strings.Contains(mocks.out.String(), "Ctrl-C") })
		mocks.stop(t)
		if said := mocks.out.String(); strings.Contains(said, "c'è da correggere") != wrong || strings.Contains(said, "oas.url/fiscal-code") != wrong {
			t.Errorf("wrong: %v, said:\n%s", wrong, said)
		}
		return regexp.MustCompile(`Unione\D*(http://\S+)`).FindString(mocks.out.String())
	}
	before := unione(false)
	document := "openapi: 3.0.3\ninfo: {title: Persone, version: '1.0'}\npaths:\n  /persone/{codiceFiscale}:\n    get:\n" +
		"      parameters: [{name: codiceFiscale, in: path, required: true, schema: {type: string}}]\n" +
		"      responses: {'200': {description: x, content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}}\n"
	file := filepath.Join(t.TempDir(), "api.yaml")
	writeFile(t, file, document)
	if code, _, diagnostics := (&site{world: &world{}}).cli(t, "", "new", "eservice", "--openapi", file, "--name", "persone", "--dir", recipes); code != exitNo {
		t.Fatal(code, diagnostics)
	}
	if after := unione(true); before == "" || after != before {
		t.Errorf("from %q to %q", before, after)
	}
}

// TestAFolderThatHoldsNoRecipesIsRefused: a wrong name is not an empty folder.
func TestAFolderThatHoldsNoRecipesIsRefused(t *testing.T) {
	for _, wrong := range []string{t.TempDir(), filepath.Join(t.TempDir(), "nessuna")} {
		code, _, diagnostics := (&site{world: &world{}}).cli(t, "", "mock", "--dir", filepath.Join(shortDir(t), "m"), "--port", "0", "--registri", wrong)
		if code != exitUndecided || !strings.Contains(diagnostics, "--registri "+wrong) {
			t.Errorf("%d %s", code, diagnostics)
		}
	}
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
