// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

var update = flag.Bool("update", false, "write what the API answers into the transcripts")

// TestTranscripts plays the conversations of testdata: each file of an archive is one
// exchange, named for what it shows. It begins with who asks what,
//
//	producer POST /eservices
//
// then the body; after a line of dashes comes the whole answer. "as name" after the path
// gives the id of the answer a name, which stands for it from there on, in braces. The
// clock moves a minute with every exchange. Every play has a published e-service under a
// manual policy, "eservice" with its "descriptor".
func TestTranscripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			play := newPlay(t)
			for i, file := range archive.Files {
				asked, want, _ := strings.Cut(string(file.Data), "---\n")
				got := play.exchange(asked)
				if *update {
					archive.Files[i].Data = []byte(asked + "---\n" + got)
				} else if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", file.Name, diff)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// play is a world whose ids have names.
type play struct {
	*world
	ids map[string]string // by name
}

func newPlay(t *testing.T) *play {
	t.Helper()
	p := &play{world: newWorld(t), ids: map[string]string{
		"admin": adminID, "comuni": comuniID, "unknown": unknownID,
	}}
	p.after = time.Minute
	no := false
	p.ids["eservice"], p.ids["descriptor"] = "30000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000002"
	err := errors.Join(
		p.Platform.AddEservice(platform.Eservice{
			ID: p.ids["eservice"], ProducerID: producerID, Name: "residenza", PersonalData: &no, IsConsumerDelegable: true,
		}),
		p.Platform.AddDescriptor(platform.Descriptor{
			ID: p.ids["descriptor"], EserviceID: p.ids["eservice"], Audience: []string{"https://ente.example/v1"}, VoucherLifespan: 600,
			ApprovalPolicy: platform.Manual, DailyCallsPerConsumer: 100, DailyCallsTotal: 500,
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range tenants {
		p.ids[name], p.ids[name+" api"] = id, apiClients[name]
	}
	return p
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// exchange asks what the lines say and returns the answer as they would write it.
func (p *play) exchange(asked string) string {
	p.t.Helper()
	line, body, _ := strings.Cut(asked, "\n")
	line, name, _ := strings.Cut(line, " as ")
	fields := strings.Fields(p.spell(line))
	if len(fields) != 3 {
		p.t.Fatalf("%q does not say who asks what", line)
	}
	rec := p.call(fields[0], fields[1], fields[2], strings.TrimSpace(p.spell(body)))
	if name != "" {
		p.ids[name] = idOf(p.t, rec)
	}
	return p.told(rec)
}

// spell writes ids for their names.
func (p *play) spell(text string) string {
	for name, id := range p.ids {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	return text
}

// told is an answer with names for ids. An id without a name is written {id}; of a
// problem, whose form has tests of its own, it writes the code and the detail.
func (p *play) told(rec *httptest.ResponseRecorder) string {
	p.t.Helper()
	names := make(map[string]string, len(p.ids))
	for name, id := range p.ids {
		names[id] = "{" + name + "}"
	}
	var body bytes.Buffer
	if code, detail := codeOf(p.t, rec); code != "" {
		body.WriteString(code + " " + detail + "\n")
	} else if rec.Body.Len() > 0 {
		if err := json.Indent(&body, rec.Body.Bytes(), "", "  "); err != nil {
			p.t.Fatalf("no JSON: %s", rec.Body)
		}
		body.WriteByte('\n')
	}
	text := uuids.ReplaceAllStringFunc(body.String(), func(id string) string {
		if name, known := names[id]; known {
			return name
		}
		return "{id}"
	})
	return fmt.Sprintf("%d\n%s", rec.Code, text)
}
