// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// TestThePageShowsAViewThatIsRead and describes every key of the format.
func TestThePageShowsAViewThatIsRead(t *testing.T) {
	data, err := os.ReadFile("../../docs/backends.md")
	if err != nil {
		t.Fatal(err)
	}
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	document, err := schema.Compile(exposes["stato-istanza"].Document)
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(data), "```yaml\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("the page shows no view")
	}
	for _, block := range blocks {
		view, _, _ := strings.Cut(block, "```")
		if _, err := Read("docs/backends.md", []byte(view), document.Without("/status"), nil); err != nil {
			t.Errorf("%v\n%s", err, view)
		}
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[Format](), reflect.TypeFor[Source](), reflect.TypeFor[Operation]()} {
		for i := range typ.NumField() {
			if key := typ.Field(i).Tag.Get("yaml"); !strings.Contains(string(data), "."+key+"`") && !strings.Contains(string(data), "`"+key+"`") && !strings.Contains(string(data), "\n"+key+":") {
				t.Errorf("key %s is not described", key)
			}
		}
	}
}
