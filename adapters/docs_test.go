// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package adapters_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/adapters"
	"github.com/snodo-pa/snodo/registry"
)

// generateEnv makes the test write the table it would compare.
const generateEnv = "SNODO_GENERATE"

// TestTableOfAdapters compares the table in docs/adapters/README.md with the recipes.
func TestTableOfAdapters(t *testing.T) {
	consumes, _, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "docs", "adapters", "README.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- table: begin -->\n", "<!-- table: end -->"
	before, rest, found := strings.Cut(string(page), begin)
	written, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the table", path)
	}
	want := table(consumes)
	if os.Getenv(generateEnv) != "" {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if written != want {
		t.Errorf("the table is not what the recipes give: run make generate. It should be\n%s", want)
	}
	for _, name := range adapters.Names() {
		if !strings.Contains(before+after, "`"+name+"`") {
			t.Errorf("adapter %s is not described", name)
		}
	}
}

// table writes one row for each recipe.
func table(consumes map[string]*registry.Recipe) string {
	var b strings.Builder
	b.WriteString("| service | what | adapter | e-service id | patterns: request → response | audience in production | operations | quota a day |\n" +
		"|---|---|---|---|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(consumes)) {
		r := consumes[name]
		env := r.Environments[registry.Produzione]
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s | %s | %s | %s |\n", name, r.Title.EN, r.Adapter,
			code(env.EserviceID), patterns(r), audience(env), operations(r), quota(r))
	}
	return b.String()
}

func code(s string) string {
	if s == "" {
		return "not published"
	}
	return "`" + s + "`"
}

func patterns(r *registry.Recipe) string {
	words := []string{"voucher"}
	for _, p := range r.Patterns.Request {
		words = append(words, "`"+string(p)+"`")
	}
	answer := "unsigned"
	if len(r.Patterns.Response) > 0 {
		answer = "`" + string(r.Patterns.Response[0]) + "`"
	}
	return strings.Join(words, ", ") + " → " + answer
}

func audience(env registry.RecipeEnvironment) string {
	if env.Audience == registry.AudienceInVoucher {
		return "not published: in the voucher"
	}
	return cmp.Or(env.Audience, "not published")
}

func operations(r *registry.Recipe) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r.Operations)) {
		names = append(names, "`"+name+"`")
	}
	return strings.Join(names, ", ")
}

func quota(r *registry.Recipe) string {
	if r.Quota.Daily == 0 {
		return "not published"
	}
	return strconv.FormatInt(r.Quota.Daily, 10)
}
