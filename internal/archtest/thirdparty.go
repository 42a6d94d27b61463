// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"fmt"
	"sort"
	"strings"
)

// maxLinked is how many modules of others may be imported directly by the packages
// of the default build.
const maxLinked = 25

// buildTags are the tags that a program may be built with besides, and maxTagged how
// many modules they may add to those imported directly.
const (
	buildTags = "pkcs11,mariadb"
	maxTagged = 10
)

// confined are the modules of others that one package hides from the rest, with
// the packages that may see them. Their tests are held to it too.
var confined = map[string][]string{
	"github.com/lestrrat-go/jwx":            {"modi/internal/jose"},
	"github.com/gin-gonic/gin":              {"internal/httpapi", "internal/console"},
	"github.com/sony/gobreaker":             {"registry"},
	"github.com/hashicorp/go-retryablehttp": {"internal/outbound"},
	"modernc.org/sqlite":                    {"internal/store", "internal/backend/sqlview"},
	"github.com/jackc/pgx":                  {"internal/store", "internal/backend/sqlview"},
	"github.com/pressly/goose":              {"internal/store"},
	"github.com/spf13/cobra":                {"cmd"},
	"software.sslmate.com/src/go-pkcs12":    {"internal/keys"},
	"github.com/go-sql-driver/mysql":        {"internal/backend/sqlview"},
	"github.com/ThalesGroup/crypto11":       {"internal/keys/pkcs11"},
	"golang.org/x/crypto/ocsp":              {"internal/trust", "conformance"},
}

// onlyInTests are the modules that no program links.
var onlyInTests = []string{
	"github.com/google/go-cmp",
	"github.com/c2sp/wycheproof",
	"github.com/rogpeppe/go-internal",
}

// refused are modules that the project does without.
var refused = map[string]string{
	"github.com/stretchr/testify": "tests use the standard library and go-cmp",
	"github.com/golang/mock":      "fakes are written by hand",
	"go.uber.org/mock":            "fakes are written by hand",
	"github.com/google/uuid":      "sixteen random bytes need no dependency",
	"github.com/pkg/errors":       "fmt.Errorf wraps",
}

// checkConfinement finds imports of third-party code outside its place.
func checkConfinement(all []edge) []string {
	var found []string
	for _, e := range all {
		for module, folders := range confined {
			if within(e.to, module) && !withinAny(e.from, folders...) {
				found = append(found, fmt.Sprintf("%s imports %s: only %s may", e.from, e.to, strings.Join(folders, " and ")))
			}
		}
		for _, module := range onlyInTests {
			if within(e.to, module) && !e.test {
				found = append(found, fmt.Sprintf("%s imports %s outside tests", e.from, e.to))
			}
		}
		for module, why := range refused {
			if within(e.to, module) {
				found = append(found, fmt.Sprintf("%s imports %s: %s", e.from, e.to, why))
			}
		}
	}
	sort.Strings(found)
	return found
}

// taggedOnly are the modules that are seen only with build tags.
func taggedOnly(tagged, plain map[string][]string) map[string][]string {
	only := map[string][]string{}
	for module, by := range tagged {
		if plain[module] == nil {
			only[module] = by
		}
	}
	return only
}

// checkLinked finds too many direct dependencies.
func checkLinked(seen map[string][]string, limit int) []string {
	if len(seen) <= limit {
		return nil
	}
	var names []string
	for module := range seen {
		names = append(names, module)
	}
	sort.Strings(names)
	return []string{fmt.Sprintf("%d modules are linked directly, at most %d: %s", len(names), limit, strings.Join(names, ", "))}
}
