// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence"
)

// TestSideRecordsAreShownWhole fills every field of a side record and wants each value in what is shown, under names
// of one language.
func TestSideRecordsAreShownWhole(t *testing.T) {
	side := evidence.Side{}
	n := 0
	fill(t, reflect.ValueOf(&side).Elem(), &n)
	shown, err := json.Marshal(riservatiOf(&side))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(side)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := leaves(t, shown), leaves(t, kept); !cmp.Equal(got, want) {
		t.Errorf("values (-want +got):\n%s", cmp.Diff(want, got))
	}
	english := map[string]bool{
		"application": true, "operator": true, "method": true, "peer": true, "retainUntil": true, "calls": true,
		"proofs": true, "digests": true, "messages": true, "service": true, "operation": true, "attempt": true,
		"status": true, "started": true, "ended": true, "rule": true, "direction": true, "call": true, "payload": true,
		"compact": true, "name": true, "algorithm": true, "value": true, "body": true, "type": true, "userLocation": true,
		"assurance": true, "responsible": true, "act": true, "target": true, "object": true, "values": true, "approval": true, "code": true,
	}
	for _, name := range names(t, shown) {
		if english[name] {
			t.Errorf("the name %q is not of this API", name)
		}
	}
	if riservatiOf(nil) != nil {
		t.Error("a side record that is not there is shown")
	}
}

func TestStatesOfSideRecords(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []evidence.SideState{
		evidence.SideNone, evidence.SidePresent, evidence.SideErased, evidence.SideSealed, evidence.SideAltered,
	} {
		word := statoRiservati(s)
		if word == string(s) || seen[word] {
			t.Errorf("state %q is shown as %q", s, word)
		}
		seen[word] = true
	}
}

// fill gives every field a value of its own.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(int64(*n), 0).UTC()))
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`"payload"`))
	case v.Type() == reflect.TypeFor[evidence.Direction]():
		v.SetString("x")
	case v.Kind() == reflect.String:
		v.SetString("value" + string(rune('A'+*n%26)) + string(rune('a'+*n/26)))
	case v.Kind() == reflect.Int:
		v.SetInt(int64(1000 + *n))
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes([]byte{byte(*n)})
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), n)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case v.Kind() == reflect.Map:
		item := reflect.New(v.Type().Elem()).Elem()
		fill(t, item, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("nome").Convert(v.Type().Key()), item)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	default:
		t.Fatalf("a field of type %s", v.Type())
	}
}

// leaves counts the values of a JSON text.
func leaves(t *testing.T, text []byte) map[string]int {
	t.Helper()
	found := map[string]int{}
	walk(t, text, func(_ string, value any) {
		switch value.(type) {
		case map[string]any, []any:
		default:
			one, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			found[string(one)]++
		}
	})
	return found
}

func names(t *testing.T, text []byte) []string {
	t.Helper()
	var found []string
	walk(t, text, func(name string, _ any) { found = append(found, name) })
	return found
}

func walk(t *testing.T, text []byte, see func(name string, value any)) {
	t.Helper()
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var visit func(name string, value any)
	visit = func(name string, value any) {
		see(name, value)
		switch v := value.(type) {
		case map[string]any:
			for n, inner := range v {
				visit(n, inner)
			}
		case []any:
			for _, inner := range v {
				visit("", inner)
			}
		}
	}
	visit("", root)
}
