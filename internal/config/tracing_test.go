// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
)

func TestTracingSaysWhoSends(t *testing.T) {
	c, err := config.Load(changed(t, edit{enteFile, "clients:\n", "tracing:\n  locale: {invia: snodo, dal: \"2026-11-02\", altri: tracing}\nclients:\n"}))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]config.Tracing{"locale": {Invia: config.TracingSnodo, Dal: "2026-11-02", Altri: "tracing"}}
	if diff := cmp.Diff(want, c.Enti["c_bf01"].Tracing); diff != "" {
		t.Error(diff)
	}
	if c.Hub.EventsEvery != time.Minute {
		t.Errorf("eventsEvery %v", c.Hub.EventsEvery)
	}
	for _, b := range c.Enti["c_bf01"].Consumes {
		if b.Reserve() != config.DefaultReserve {
			t.Errorf("reserve of %s: %d", b.Recipe, b.Reserve())
		}
	}
}

func TestRefusesTracingThatNobodyCouldSend(t *testing.T) {
	for name, test := range map[string]struct {
		edit edit
		want string
	}{
		"nobody sends": {
			edit{enteFile, "clients:\n", "tracing: {locale: {dal: \"2026-11-02\"}}\nclients:\n"},
			"enti/c_bf01/ente.yaml:LINE: tracing.locale.invia is missing: write one of snodo, altri",
		},
		"no first day": {
			edit{enteFile, "clients:\n", "tracing: {locale: {invia: altri}}\nclients:\n"},
			"enti/c_bf01/ente.yaml:LINE: tracing.locale.dal is missing",
		},
		"no day": {
			edit{enteFile, "clients:\n", "tracing: {locale: {invia: altri, dal: 2/11/2026}}\nclients:\n"},
			"enti/c_bf01/ente.yaml:LINE: tracing.locale.dal is not a day YYYY-MM-DD",
		},
		"no client to send with": {
			edit{enteFile, "clients:\n", "tracing: {produzione: {invia: snodo, dal: \"2026-11-02\"}}\nclients:\n"},
			"enti/c_bf01/ente.yaml:LINE: tracing.produzione is sent with apiClients.produzione, which is missing",
		},
		"no URL": {
			edit{profileFile, "apiAudience:", "tracingURL: tracing\napiAudience:"},
			"locale.yaml:7: tracingURL is not an absolute URL",
		},
		"events asked all the time": {
			edit{"snodo.yaml", "masterKeyFile:", "eventsEvery: 1ms\nmasterKeyFile:"},
			"snodo.yaml:LINE: eventsEvery is 1ms: write a duration from 1s to 1h0m0s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := lineNumber.ReplaceAllString(faultsOf(t, changed(t, test.edit)), ":LINE:")
			if diff := cmp.Diff(lineNumber.ReplaceAllString(test.want, ":LINE:")+"\n", got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

var lineNumber = regexp.MustCompile(`:(\d+|LINE):`)
