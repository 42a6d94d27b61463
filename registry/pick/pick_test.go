// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pick_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry/pick"
)

func path(t *testing.T, s string) pick.Path {
	t.Helper()
	p, err := pick.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func doc(t *testing.T, s string) any {
	t.Helper()
	v, err := pick.Decode([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestGet(t *testing.T) {
	v := doc(t, `{"a":{"b":[{"c":1},{"c":null}]},"x/y":true,"s":"t"}`)
	for at, want := range map[string]any{
		"a/b/0/c": json.Number("1"), "x~1y": true, "s": "t",
		"a/b/1/c": nil, "a/b/2": nil, "a/b/-1": nil, "a/b/c": nil, "s/t": nil, "none": nil,
	} {
		got, ok := path(t, at).Get(v)
		if got != want || ok != (want != nil) {
			t.Errorf("%s is %v, %v", at, got, ok)
		}
	}
	if whole, ok := path(t, "").Get(v); !ok || cmp.Diff(v, whole) != "" {
		t.Error("the empty path is not the document")
	}
}

func TestAllGoesThroughLists(t *testing.T) {
	v := doc(t, `{"list":[{"c":"A","more":[1,2]},{"c":null},{"c":"B","more":[3]}]}`)
	for at, want := range map[string]string{
		"list/*/c": `["A","B"]`, "list/*/more/*": "[1,2,3]", "list/0/c": `["A"]`, "list/*/none": "null", "none/*": "null", "list/0/c/*": "null",
	} {
		got, err := json.Marshal(path(t, at).All(v))
		if err != nil || string(got) != want {
			t.Errorf("%s are %s, %v", at, got, err)
		}
	}
	if !path(t, "list/*/c").Wild() || path(t, "list/0").Wild() {
		t.Error("Wild is wrong")
	}
}

func TestSetMakesObjectsAndLists(t *testing.T) {
	var v any
	for _, step := range []struct {
		at    string
		value any
	}{{"a/b", 1}, {"a/list/0/x", "one"}, {"a/list/0/y", true}, {"a/list/1/x", "two"}} {
		var err error
		if v, err = path(t, step.at).Set(v, step.value); err != nil {
			t.Fatalf("%s: %v", step.at, err)
		}
	}
	got, err := json.Marshal(v)
	if want := `{"a":{"b":1,"list":[{"x":"one","y":true},{"x":"two"}]}}`; err != nil || string(got) != want {
		t.Errorf("document is %s, %v", got, err)
	}
	for _, at := range []string{"a/b", "a/b/c", "a/list/3", "a/list/x", "a", "", "a/0"} {
		if _, err := path(t, at).Set(v, "again"); !errors.Is(err, pick.ErrClash) {
			t.Errorf("%q: error is %v, want ErrClash", at, err)
		}
	}
	if _, err := path(t, "999999999").Set(nil, 1); !errors.Is(err, pick.ErrClash) {
		t.Errorf("a huge list: %v", err)
	}
}

func TestParseRefusesEmptySteps(t *testing.T) {
	for _, s := range []string{"/", "/a", "a/", "a//b"} {
		if p, err := pick.Parse(s); err == nil {
			t.Errorf("%q is %q", s, p)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "cut": `{"a":`, "two documents": "{} {}", "page": "<html>", "deep": strings.Repeat("[", 100_000),
	} {
		if v, err := pick.Decode([]byte(body)); err == nil {
			t.Errorf("%s: %v", name, v)
		}
	}
}

func TestText(t *testing.T) {
	for want, v := range map[string]any{"a": "a", "1.50": json.Number("1.50"), "true": true, "7": int64(7), "0.5": 0.5} {
		if got, ok := pick.Text(v); !ok || got != want {
			t.Errorf("%v is %q, %v", v, got, ok)
		}
	}
	for _, v := range []any{nil, []any{}, map[string]any{}} {
		if got, ok := pick.Text(v); ok {
			t.Errorf("%v is %q", v, got)
		}
	}
}

func FuzzPath(f *testing.F) {
	f.Add("a/b/0/*", `{"a":{"b":[[1]]}}`)
	f.Add("~1~0/x", `{"/~":{"x":null}}`)
	f.Fuzz(func(t *testing.T, at, body string) {
		p, err := pick.Parse(at)
		if err != nil {
			return
		}
		v, err := pick.Decode([]byte(body))
		if err != nil {
			return
		}
		got, ok := p.Get(v)
		if ok && !p.Wild() && cmp.Diff([]any{got}, p.All(v)) != "" {
			t.Errorf("Get and All differ at %q of %s", at, body)
		}
		if made, err := p.Set(nil, "x"); err == nil {
			if back, ok := p.Get(made); !ok || back != "x" {
				t.Errorf("what was set at %q is not there", at)
			}
		}
	})
}

// TestSetLeavesNoHalfDone: a clash changes nothing of what was there.
func TestSetLeavesNoHalfDone(t *testing.T) {
	v := doc(t, `{"a":{"b":1},"list":[{"x":1}]}`)
	before, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"a/b/c/d", "list/2/y", "list/x/y", "list/0/x/z"} {
		if _, err := path(t, at).Set(v, "new"); !errors.Is(err, pick.ErrClash) {
			t.Errorf("%s: error is %v", at, err)
		}
	}
	if after, err := json.Marshal(v); err != nil || string(after) != string(before) {
		t.Errorf("document is %s, %v", after, err)
	}
}
