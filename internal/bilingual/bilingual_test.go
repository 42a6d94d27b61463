// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package bilingual

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestErrorsAreToldInTheLanguageAsked(t *testing.T) {
	missing := New("chiave assente", "key not found")
	foreign := errors.New("store busy")
	_, absent := os.Open(filepath.Join(t.TempDir(), "x", "y"))
	var where *fs.PathError
	if !errors.As(absent, &where) {
		t.Fatal(absent)
	}
	path := where.Path
	for name, c := range map[string]struct {
		err    error
		it, en string
	}{
		"a sentinel":            {missing, "chiave assente", "key not found"},
		"wrapped in one":        {Errorf("%w: il file %s", "%w: file %s", missing, "a.pem"), "chiave assente: il file a.pem", "key not found: file a.pem"},
		"wrapped by fmt":        {fmt.Errorf("clients.a.key: %w", missing), "clients.a.key: chiave assente", "clients.a.key: key not found"},
		"joined":                {errors.Join(missing, foreign), "chiave assente\nbase occupata", "key not found\nstore busy"},
		"of the system":         {absent, "open " + path + ": il file o la cartella non c'è", "open " + path + ": no such file or directory"},
		"inside one of two":     {Errorf("prima %w", "first %w", fmt.Errorf("poi %w", missing)), "prima poi chiave assente", "first poi key not found"},
		"of a context":          {fmt.Errorf("call: %w", context.DeadlineExceeded), "call: tempo massimo superato", "call: context deadline exceeded"},
		"known to who tells it": {fmt.Errorf("open: %w", foreign), "open: base occupata", "open: store busy"},
		"known, inside one":     {Errorf("apertura: %w", "open: %w", foreign), "apertura: base occupata", "open: store busy"},
		"known to nobody":       {errors.New("odd"), "odd", "odd"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := In(c.err, "it", Known{Is: foreign, IT: "base occupata"}); got != c.it {
				t.Errorf("in Italian: %q, want %q", got, c.it)
			}
			if got := In(c.err, "en"); got != c.en || got != c.err.Error() {
				t.Errorf("in English: %q, want %q", got, c.en)
			}
		})
	}
}

func TestWhatIsWrappedIsFound(t *testing.T) {
	missing := New("assente", "absent")
	err := Errorf("%s: %w", "%s: %w", "x", Errorf("poi %w", "then %w", missing))
	if !errors.Is(err, missing) {
		t.Errorf("%v does not wrap %v", err, missing)
	}
}
