// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"bytes"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/registry"
)

func TestTheInterfaceNamesTheServerOfTheEnte(t *testing.T) {
	for name, c := range map[string]struct{ document, want string }{
		"one server": {
			"openapi: 3.0.3\nservers:\n  - url: https://a\n    description: x\npaths: {}\n",
			"openapi: 3.0.3\npaths: {}\nservers:\n  - url: \"https://ente/v1\"\n    description: Indirizzo dell'e-service\n",
		},
		"without indents":           {"servers:\n- url: https://a\n- url: https://b\npaths:\n  /x: {}\n", "paths:\n  /x: {}\nservers:\n  - url: \"https://ente/v1\"\n    description: Indirizzo dell'e-service\n"},
		"none, no end of line":      {"openapi: 3.0.3", "openapi: 3.0.3\nservers:\n  - url: \"https://ente/v1\"\n    description: Indirizzo dell'e-service\n"},
		"one of an operation stays": {"paths:\n  /x:\n    servers:\n      - url: https://c\n", "paths:\n  /x:\n    servers:\n      - url: https://c\nservers:\n  - url: \"https://ente/v1\"\n    description: Indirizzo dell'e-service\n"},
	} {
		if got := string(withServer([]byte(c.document), "https://ente/v1")); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestTheBuiltInInterfacesKeepOneServersBlock(t *testing.T) {
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range exposes {
		got := withServer(x.Document, "https://ente/v1")
		if n := bytes.Count(got, []byte("\nservers:")); n != 1 || strings.Contains(string(got), "\n  - url: https://") {
			t.Errorf("%s has %d servers blocks:\n%s", name, n, got)
		}
	}
}

func FuzzWithServer(f *testing.F) {
	f.Add("openapi: 3.0.3\nservers:\n  - url: x\n")
	f.Add("servers:")
	f.Add("#servers:\n\n- a\n")
	f.Fuzz(func(t *testing.T, document string) {
		once := withServer([]byte(document), "https://ente/v1")
		if twice := withServer(once, "https://ente/v1"); !bytes.Equal(once, twice) {
			t.Fatalf("not stable:\n%q\n%q", once, twice)
		}
	})
}
