// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"encoding/json"
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

// keysOf collects the YAML keys of a type and of all the types it holds, which may hold it in turn.
func keysOf(t reflect.Type, into map[string]bool, seen map[reflect.Type]bool) {
	kind := t.Kind()
	if kind == reflect.Pointer || kind == reflect.Slice || kind == reflect.Map {
		keysOf(t.Elem(), into, seen)
		return
	}
	if kind != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if tag := f.Tag.Get("yaml"); tag != "" && tag != "-" {
			into[tag] = true
			keysOf(f.Type, into, seen)
		}
	}
}

func TestEveryKeyIsDocumented(t *testing.T) {
	keys := map[string]bool{}
	for _, v := range []any{
		config.Hub{},
		config.Environment{},
		config.Ente{},
		config.AdminClient{},
		config.Procedimento{},
		config.Consume{},
		config.Expose{},
		registry.Exposure{},
	} {
		keysOf(reflect.TypeOf(v), keys, map[reflect.Type]bool{})
	}
	if len(keys) < 80 {
		t.Fatalf("only %d keys found: the test no longer sees the types", len(keys))
	}
	text := page(t)
	for key := range keys {
		if !regexp.MustCompile("`([a-zA-Z.*…]*\\.)?" + regexp.QuoteMeta(key) + "(\\.[^`]+)?`").MatchString(text) {
			t.Errorf("key %s is not described in docs/configuration.md", key)
		}
	}
}

// TestEveryKeyOfARecipeIsDocumented on the page or, as editors show it, in the JSON Schema of recipes.
func TestEveryKeyOfARecipeIsDocumented(t *testing.T) {
	keys := map[string]bool{}
	keysOf(reflect.TypeFor[registry.Recipe](), keys, map[reflect.Type]bool{})
	data, err := registry.RecipeSchema()
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	describedIn(schema, described)
	text := page(t)
	for key := range keys {
		if !described[key] && !strings.Contains(text, "`"+key+"`") {
			t.Errorf("key %s is described neither in docs/configuration.md nor in the schema of recipes", key)
		}
	}
	if !strings.Contains(text, "adapters/recipe.schema.json") {
		t.Error("docs/configuration.md does not lead to the schema of recipes")
	}
}

// describedIn collects the properties of a JSON Schema that have a description.
func describedIn(node any, into map[string]bool) {
	switch n := node.(type) {
	case []any:
		for _, item := range n {
			describedIn(item, into)
		}
	case map[string]any:
		properties, _ := n["properties"].(map[string]any)
		for name, property := range properties {
			if p, ok := property.(map[string]any); ok && p["description"] != nil {
				into[name] = true
			}
		}
		for _, item := range n {
			describedIn(item, into)
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

		"limits.connectionsPerAddress": config.DefaultPerAddress,

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
