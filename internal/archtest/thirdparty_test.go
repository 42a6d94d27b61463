// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAllowedThirdPartyImports(t *testing.T) {
	all := []edge{
		{from: "modi/internal/jose", to: "github.com/lestrrat-go/jwx/v2/jws"},
		{from: "internal/httpapi", to: "github.com/gin-gonic/gin"},
		{from: "registry", to: "github.com/sony/gobreaker/v2"},
		{from: "internal/outbound", to: "github.com/hashicorp/go-retryablehttp"},
		{from: "internal/store/sqlite", to: "modernc.org/sqlite"},
		{from: "modi/token", to: "github.com/google/go-cmp/cmp", test: true},
		{from: "internal/config", to: "github.com/goccy/go-yaml"},
		{from: "internal/keys", to: "software.sslmate.com/src/go-pkcs12"},
		{from: "internal/keys/pkcs11", to: "github.com/ThalesGroup/crypto11"},
		{from: "internal/trust", to: "golang.org/x/crypto/ocsp"},
	}
	if found := checkConfinement(all); len(found) > 0 {
		t.Error(found)
	}
}

func TestRefusesThirdPartyImportsOutOfPlace(t *testing.T) {
	for _, e := range []edge{
		{from: "modi/token", to: "github.com/lestrrat-go/jwx/v2/jws"},
		{from: "mocks/pdnd", to: "github.com/lestrrat-go/jwx/v2/jws", test: true},
		{from: "internal/gateway", to: "github.com/gin-gonic/gin"},
		{from: "internal/registry", to: "github.com/sony/gobreaker/v2"},
		{from: "internal/pdnd", to: "github.com/hashicorp/go-retryablehttp"},
		{from: "internal/evidence", to: "modernc.org/sqlite"},
		{from: "internal/evidence", to: "github.com/jackc/pgx/v5/stdlib"},
		{from: "internal/evidence", to: "github.com/pressly/goose/v3"},
		{from: "internal/demo", to: "github.com/spf13/cobra"},
		{from: "modi/token", to: "github.com/google/go-cmp/cmp"},
		{from: "modi/token", to: "github.com/stretchr/testify/require", test: true},
		{from: "modi/token", to: "github.com/google/uuid"},
		{from: "internal/trust", to: "software.sslmate.com/src/go-pkcs12"},
		{from: "internal/keys", to: "github.com/ThalesGroup/crypto11"},
		{from: "internal/gateway", to: "golang.org/x/crypto/ocsp"},
	} {
		if found := checkConfinement([]edge{e}); len(found) != 1 {
			t.Errorf("%s imports %s: findings %q, expected one", e.from, e.to, found)
		}
	}
}

func TestCountsModulesImportedDirectly(t *testing.T) {
	module := func(path string) *struct{ Path string } { return &struct{ Path string }{path} }
	seen := modulesSeen([]pkg{
		{ImportPath: Module + "/a", Module: module(Module), Imports: []string{"io", "x.org/one/sub", Module + "/b"}},
		{ImportPath: Module + "/b", Module: module(Module), Imports: []string{"x.org/one"}},
		{ImportPath: "x.org/one", Module: module("x.org/one"), Imports: []string{"x.org/two"}},
		{ImportPath: "x.org/one/sub", Module: module("x.org/one")},
		{ImportPath: "x.org/two", Module: module("x.org/two")},
		{ImportPath: "io", Standard: true},
	})
	if diff := cmp.Diff(map[string][]string{"x.org/one": {"a", "b"}}, seen); diff != "" {
		t.Error(diff)
	}
	if found := checkLinked(seen, 1); len(found) != 0 {
		t.Error(found)
	}
	if found := checkLinked(seen, 0); len(found) != 1 {
		t.Errorf("findings %q, expected one", found)
	}
}

func TestTellsModulesOfBuildTagsApart(t *testing.T) {
	plain := map[string][]string{"x.org/one": {"a"}}
	tagged := map[string][]string{"x.org/one": {"a", "b"}, "x.org/two": {"b"}}
	if diff := cmp.Diff(map[string][]string{"x.org/two": {"b"}}, taggedOnly(tagged, plain)); diff != "" {
		t.Error(diff)
	}
}
