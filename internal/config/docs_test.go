// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
)

func page(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// keysOf collects the YAML keys of a type and of all the types it holds.
func keysOf(t reflect.Type, into map[string]bool) {
	kind := t.Kind()
	if kind == reflect.Pointer || kind == reflect.Slice || kind == reflect.Map {
		keysOf(t.Elem(), into)
		return
	}
	if kind != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if tag := f.Tag.Get("yaml"); tag != "" && tag != "-" {
			into[tag] = true
			keysOf(f.Type, into)
		}
	}
}

func TestEveryKeyIsDocumented(t *testing.T) {
	keys := map[string]bool{}
	for _, v := range []any{
		config.Hub{},
		config.Environment{},
		config.Ente{},
		config.Procedimento{},
		config.Consume{},
		config.Expose{},
		registry.Recipe{},
		registry.Exposure{},
	} {
		keysOf(reflect.TypeOf(v), keys)
	}
	if len(keys) < 100 {
		t.Fatalf("only %d keys found: the test no longer sees the types", len(keys))
	}
	text := page(t)
	for key := range keys {
		if !regexp.MustCompile("`([a-zA-Z.*…]*\\.)?" + regexp.QuoteMeta(key) + "(\\.[^`]+)?`").MatchString(text) {
			t.Errorf("key %s is not described in docs/configuration.md", key)
		}
	}
}

func TestDocumentedDefaultsAreTheRealOnes(t *testing.T) {
	text := page(t)
	guard := registry.GuardSettings{}.WithDefaults()
	for key, want := range map[string]any{
		"listeners.applicazioni":   config.DefaultApplicazioni,
		"listeners.esposizione":    config.DefaultEsposizione,
		"store.kind":               config.DefaultStoreKind,
		"store.path":               config.DefaultStorePath,
		"evidence.checkpointFile":  config.DefaultCheckpointFile,
		"evidence.checkpointEvery": config.DefaultCheckpointEvery,
		"limits.body":              config.DefaultBody,
		"limits.request":           config.DefaultRequest,
		"problemBase":              config.DefaultProblemBase,
		"backEnd.deadline":         config.DefaultBackEndDeadline,
		"applicazioni.*.operatori": config.DefaultOperatori,
		"guard.failures":           guard.Failures,
		"guard.ratio":              guard.Ratio,
		"guard.minCalls":           guard.MinCalls,
		"guard.window":             guard.Window,
		"guard.openFor":            guard.OpenFor,
		"guard.probes":             guard.Probes,
		"guard.deadline":           guard.Deadline,
		"guard.attempts":           guard.Attempts,
		"produce.backDate":         registry.DefaultBackDate,
		"produce.lifetime":         registry.DefaultLifetime,
		"evidence.keep":            registry.KeepProofs,
		"responsePolicy":           registry.PolicyRefuse,
		"listeners.gestione":       "socket " + config.DefaultGestione,
	} {
		row := regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(key) + "` \\| ([^|]*) \\|").FindStringSubmatch(text)
		if row == nil {
			t.Errorf("there is no row for %s with its default", key)
			continue
		}
		got := strings.ReplaceAll(row[1], "`", "")
		if d, ok := want.(time.Duration); ok {
			if parsed, err := time.ParseDuration(got); err != nil || parsed != d {
				t.Errorf("default of %s is documented as %s, it is %s", key, got, d)
			}
		} else if got != fmt.Sprint(want) {
			t.Errorf("default of %s is documented as %s, it is %v", key, got, want)
		}
	}
}
