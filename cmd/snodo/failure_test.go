// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// With --output json what goes wrong is JSON too, also where the command line itself could
// not be read: one line of standard error with what happened and what to do.
func TestErrorsAreJSONWhereJSONWasAsked(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "assente.json")
	for name, c := range map[string]struct {
		args          []string
		title, remedy string
	}{
		"a file that is not there":  {[]string{"modi", "verify", "--pattern", "VOUCHER", "--audience", "a", "--keys", missing}, "assente.json", "snodo modi verify --help"},
		"no key":                    {[]string{"modi", "verify", "--pattern", "INTEGRITY_REST_02", "--audience", "a"}, "--keys FILE", "ripetere"},
		"not a message":             {[]string{"modi", "sign", "--pattern", "DPOP", "--key", missing}, "assente.json", "snodo modi sign --help"},
		"an unknown option":         {[]string{"modi", "verify", "--patern", "VOUCHER"}, "--patern", "--help"},
		"an option that is missing": {[]string{"modi", "verify"}, "--pattern", "--help"},
		"an unknown command":        {[]string{"modi", "verifi"}, "verifi", "--help"},
	} {
		t.Run(name, func(t *testing.T) {
			const token = "POST / HTTP/1.1\r\nHost: h\r\nAgid-JWT-Signature: eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Im5IU3ZiRVZVOUliNm9ZVnFlV3cwY1FtTjRtbnZCN0pMeTlWN3Bra1pUSG8ifQ.e30.AAAA\r\n\r\n"
			code, out, diagnostics := command(t, token, append(c.args, "--output", "json")...)
			var got failure
			decoder := json.NewDecoder(strings.NewReader(diagnostics))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&got); err != nil || code != exitUndecided || out != "" || strings.Count(diagnostics, "\n") != 1 {
				t.Fatalf("exit code %d, %v: %s%s", code, err, out, diagnostics)
			}
			if !strings.Contains(got.Title, c.title) || !strings.Contains(got.Remedy, c.remedy) {
				t.Errorf("%+v", got)
			}
			_, _, plain := command(t, token, c.args...)
			if plain != "snodo: "+got.Title+"\n" {
				t.Errorf("in words %q, as JSON %q", plain, got.Title)
			}
		})
	}
}

// Where a rule was broken, its remedy is told.
func TestTheRemedyIsThatOfTheRule(t *testing.T) {
	cmd := &cobra.Command{Use: "snodo"}
	for lang, want := range map[string]func(modi.Text) string{"it": func(x modi.Text) string { return x.IT }, "en": func(x modi.Text) string { return x.EN }} {
		a := &app{lang: lang}
		for _, c := range []struct {
			err  error
			rule modi.RuleID
		}{
			{problem.New(problem.RuleUnknownEnte), problem.RuleUnknownEnte},
			{modi.Refuse(modi.Violation{Rule: modi.IntegrityExpired}), modi.IntegrityExpired},
		} {
			row, ok := problem.Lookup(c.rule)
			if got := a.remedy(cmd, c.err); !ok || got != want(row.Remedy) || got == "" {
				t.Errorf("%s: %q", c.rule, got)
			}
		}
		if got := a.remedy(cmd, errors.New("anything")); !strings.Contains(got, "snodo --help") {
			t.Errorf("%q", got)
		}
	}
}
