// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package segnatura

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/registry"
)

// protocol is a back end that keeps what it gets.
type protocol struct{ got []string }

func (p *protocol) Do(_ context.Context, req *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	body, err := io.ReadAll(req.Body)
	p.got = append(p.got, string(body))
	return &outbound.Response{Status: http.StatusOK}, err
}

const contract = `{"openapi":"3.0.3","info":{"title":"x","version":"1.0.0"},"paths":{"/messaggi":{"post":{"operationId":"submit_messaggio",
"requestBody":{"content":{"application/json":{"schema":{"type":"object"}}}},"responses":{"200":{"description":"x"}}}},"/altro":{"post":{"operationId":"altro",
"requestBody":{"content":{"application/json":{"schema":{"type":"object"}}}},"responses":{"200":{"description":"x"}}}}}}`

func received(t *testing.T, path, body string) (*outbound.Response, *protocol) {
	t.Helper()
	behind := &protocol{}
	recipe := &registry.Exposure{Document: []byte(contract), Operations: map[string]registry.ExposureOperation{"submit_messaggio": {Check: registry.CheckSegnatura}}}
	doer, err := Receive(behind, recipe, "c_vs02", "http://protocollo.example/api/")
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://protocollo.example/api"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := doer.Do(t.Context(), req, outbound.Exchange{})
	if err != nil {
		t.Fatal(err)
	}
	return answer, behind
}

func messageOf(t *testing.T, segnatura string, files []File) string {
	t.Helper()
	type file struct {
		Nome      string `json:"nome_file"`
		Contenuto []byte `json:"contenuto"`
	}
	m := struct {
		Segnatura []byte `json:"segnatura"`
		File      []file `json:"file"`
	}{Segnatura: []byte(segnatura)}
	for _, f := range files {
		m.File = append(m.File, file{f.Name, f.Content})
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAMessageThatHoldsTogetherReachesTheProtocol(t *testing.T) {
	body := messageOf(t, good(), goodFiles())
	answer, behind := received(t, "/messaggi", body)
	if answer.Status != 200 || len(behind.got) != 1 || behind.got[0] != body {
		t.Errorf("%d, %d messages", answer.Status, len(behind.got))
	}
	if _, behind := received(t, "/altro", "{}"); len(behind.got) != 1 {
		t.Error("an operation without a segnatura was held back")
	}
}

func TestAFileThatWasChangedIsAnAnomaly(t *testing.T) {
	files := goodFiles()
	files[0].Content = []byte("altra lettera")
	answer, behind := received(t, "/messaggi", messageOf(t, good(), files))
	if answer.Status != 200 || len(behind.got) != 0 || !strings.Contains(string(answer.Body), anomaliaImpronte) || !strings.Contains(string(answer.Body), `"numero_registrazione":"0012345"`) {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}

func TestAMessageThatIsNoneIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"no base64":       `{"segnatura":"<xml>"}`,
		"no segnatura":    `{}`,
		"no XML":          messageOf(t, "segnatura", nil),
		"old edition":     messageOf(t, strings.Replace(good(), "3.0.0", "2.0.0", 1), goodFiles()),
		"somebody else's": messageOf(t, strings.ReplaceAll(good(), "c_vs02", "c_zz99"), goodFiles()),
		"no object":       `[]`,
		"another name":    strings.Replace(messageOf(t, good(), goodFiles()), `"segnatura"`, `"Segnatura"`, 1),
		"both names":      strings.Replace(messageOf(t, "x", goodFiles()), `{`, `{"SEGNATURA":"`+base64.StdEncoding.EncodeToString([]byte(good()))+`",`, 1),
		"twice":           strings.Replace(messageOf(t, good(), goodFiles()), `{`, `{"segnatura":"eA==",`, 1),
		"no files":        `{"segnatura":"eA==","file":{}}`,
		"a nameless file": strings.Replace(messageOf(t, good(), goodFiles()), `"nome_file"`, `"Nome_File"`, 1),
		"a file unread":   strings.Replace(messageOf(t, good(), goodFiles()), `"contenuto"`, `"CONTENUTO"`, 1),
	} {
		answer, behind := received(t, "/messaggi", body)
		var problem struct {
			Status     int
			Detail     string
			Violations []map[string]string
		}
		if err := json.Unmarshal(answer.Body, &problem); err != nil || answer.Status != 422 || problem.Status != 422 || len(problem.Violations) == 0 || len(behind.got) != 0 {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
		}
	}
}

func TestWithoutTheCheckTheBackEndIsAsItWas(t *testing.T) {
	behind := &protocol{}
	doer, err := Receive(behind, &registry.Exposure{Document: []byte("no document")}, "c_vs02", "http://x.example")
	if err != nil || doer != gateway.Doer(behind) {
		t.Errorf("%v, %v", doer, err)
	}
	checked := &registry.Exposure{Document: []byte("openapi: ["), Operations: map[string]registry.ExposureOperation{"x": {Check: registry.CheckSegnatura}}}
	if _, err := Receive(behind, checked, "c_vs02", "http://x.example"); err == nil {
		t.Error("a document that does not compile")
	}
	if _, err := Receive(behind, checked, "c_vs02", "://"); err == nil {
		t.Error("a back end that is no address")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("gone") }

func TestABodyThatEndsEarlyIsNoMessage(t *testing.T) {
	recipe := &registry.Exposure{Document: []byte(contract), Operations: map[string]registry.ExposureOperation{"submit_messaggio": {Check: registry.CheckSegnatura}}}
	doer, err := Receive(&protocol{}, recipe, "c_vs02", "http://x.example")
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x.example/messaggi", broken{})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := doer.Do(t.Context(), req, outbound.Exchange{}); err == nil {
		t.Errorf("answered %d", answer.Status)
	}
}
