// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
)

// reportOf is a report with these verdicts, by id.
func reportOf(verdicts map[string]Verdict) *Report {
	r := &Report{Format: Format, Role: RoleErogatore, Target: "https://api.ente.example"}
	for _, id := range []string{"a#1", "b#1", "c#1", "d#1", "e#1", "f#1"} {
		if v, ok := verdicts[id]; ok {
			r.Results = append(r.Results, Result{Case: Case{ID: id, Title: Text{IT: "uno", EN: "one"}, Patterns: []modi.Pattern{modi.PatternVoucher}}, Verdict: v})
		}
	}
	r.close(time.Unix(1772442000, 0))
	return r
}

func TestCompare(t *testing.T) {
	before := reportOf(map[string]Verdict{"a#1": Pass, "b#1": Fail, "c#1": Pass, "d#1": Skip, "e#1": Fail})
	after := reportOf(map[string]Verdict{"a#1": Pass, "b#1": Pass, "c#1": Fail, "d#1": Unsupported, "f#1": Fail})
	d := Compare(before, after)
	names := func(list []Change) []string {
		out := []string{}
		for _, c := range list {
			out = append(out, c.ID+" "+string(c.Before)+">"+string(c.After))
		}
		return out
	}
	if diff := cmp.Diff([]string{"c#1 pass>fail", "f#1 >fail"}, names(d.Worse)); diff != "" {
		t.Errorf("worse: %s", diff)
	}
	if diff := cmp.Diff([]string{"b#1 fail>pass", "e#1 fail>"}, names(d.Better)); diff != "" {
		t.Errorf("better: %s", diff)
	}
	if diff := cmp.Diff([]string{"d#1 skip>unsupported"}, names(d.Other)); diff != "" || d.Same != 1 {
		t.Errorf("other: %s, %d", diff, d.Same)
	}
	if d.Before != Fail || d.After != Fail {
		t.Errorf("%s, %s", d.Before, d.After)
	}
}

// TestALostPassIsWorse: a case that passed and is gone, or is now skipped, is a loss.
func TestALostPassIsWorse(t *testing.T) {
	for _, after := range []map[string]Verdict{{}, {"a#1": Skip}, {"a#1": Unsupported}, {"a#1": Error}} {
		if d := Compare(reportOf(map[string]Verdict{"a#1": Pass}), reportOf(after)); len(d.Worse) != 1 {
			t.Errorf("%v: %+v", after, d)
		}
	}
}

func TestReadReport(t *testing.T) {
	r := reportOf(map[string]Verdict{"a#1": Pass, "b#1": Fail})
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadReport(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got, cmp.AllowUnexported(Case{})); diff != "" {
		t.Error(diff)
	}
	for name, text := range map[string]string{"not JSON": "x", "another format": `{"format":"altro/1"}`, "no format": "{}"} {
		if _, err := ReadReport([]byte(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// TestBadgesTellWhatWasPlayed: skipped cases do not hide that the others passed.
func TestBadgesTellWhatWasPlayed(t *testing.T) {
	r := reportOf(map[string]Verdict{"a#1": Pass, "b#1": Skip, "c#1": Unsupported})
	if len(r.Badges) != 1 || r.Badges[0].Verdict != Pass || r.Badges[0].Counts[Skip] != 1 {
		t.Errorf("%+v", r.Badges)
	}
	if r.Verdict != Skip || r.ExitCode() != ExitPass {
		t.Errorf("%s, %d", r.Verdict, r.ExitCode())
	}
	if r := reportOf(map[string]Verdict{"a#1": Skip, "b#1": Unsupported}); r.Badges[0].Verdict != Skip {
		t.Errorf("%+v", r.Badges)
	}
}

func TestTextSpeaksItalianFirst(t *testing.T) {
	text := Text{IT: "sì", EN: "yes"}
	if text.In("en") != "yes" || text.In("it") != "sì" || text.In("") != "sì" {
		t.Error(strings.Join([]string{text.In("en"), text.In("it"), text.In("")}, ", "))
	}
}
