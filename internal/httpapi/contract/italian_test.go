// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package contract

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// node is a value of the document and where it stands.
type node struct {
	at    string
	value map[string]any
}

// nodes lists every object of the document.
func nodes(t *testing.T) (root map[string]any, all []node) {
	t.Helper()
	if err := json.Unmarshal(compiled(t).JSON(), &root); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			all = append(all, node{at, v})
			for name, member := range v {
				walk(at+"/"+name, member)
			}
		case []any:
			for _, item := range v {
				walk(at+"/-", item)
			}
		}
	}
	walk("", root)
	return root, all
}

func member(v map[string]any, names ...string) map[string]any {
	for _, name := range names {
		v, _ = v[name].(map[string]any)
	}
	return v
}

// TestDocumentFollowsTheItalianRules: the rules that the guideline on interoperability and its recommendations
// (RAC_GEN_004, RAC_REST_NAME_002 and 003, RAC_REST_FORMAT_004) put on the document of an API.
func TestDocumentFollowsTheItalianRules(t *testing.T) {
	root, all := nodes(t)
	info := member(root, "info")
	for _, name := range []string{"title", "description", "version", "x-summary", "x-api-id", "termsOfService", "contact", "license"} {
		if info[name] == nil {
			t.Errorf("info lacks %s", name)
		}
	}
	if v, _ := info["version"].(string); !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(v) {
		t.Errorf("version %q", v)
	}
	servers, _ := root["servers"].([]any)
	for _, s := range servers {
		server, _ := s.(map[string]any)
		if url, _ := server["url"].(string); !strings.HasPrefix(url, "https://") || server["description"] == nil {
			t.Errorf("server %v", server)
		}
	}
	paths := member(root, "paths")
	if len(servers) == 0 || member(paths, "/status", "get") == nil {
		t.Error("no server, or no /status")
	}
	kebab := regexp.MustCompile(`^(/[a-z0-9.-]+|/\{[a-zA-Z0-9_]+\})+$`)
	for path := range paths {
		if !kebab.MatchString(path) {
			t.Errorf("path %s is not kebab-case", path)
		}
	}
	for name := range member(root, "components", "schemas") {
		if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`).MatchString(name) {
			t.Errorf("schema %s is not PascalCase", name)
		}
	}
	for _, n := range all {
		checkNode(t, n)
	}
}

func checkNode(t *testing.T, n node) {
	t.Helper()
	if kind, _ := n.value["type"].(string); (kind == "integer" || kind == "number") && n.value["format"] == nil {
		t.Errorf("%s: a number without format (RAC_REST_FORMAT_004)", n.at)
	}
	if name, isHeader := n.value["name"].(string); isHeader && n.value["in"] == "header" {
		train := regexp.MustCompile(`^[A-Z][a-zA-Z0-9]*(-[A-Z][a-zA-Z0-9]*)*$`)
		if !train.MatchString(name) || strings.HasPrefix(name, "X-") || n.value["description"] == nil ||
			slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(name)) {
			t.Errorf("%s: header %s (RAC_REST_NAME_003, RFC 6648)", n.at, name)
		}
	}
	if in, _ := n.value["in"].(string); in == "query" || in == "path" {
		name, _ := n.value["name"].(string)
		if regexp.MustCompile(`(?i)password|secret|apikey`).MatchString(name) {
			t.Errorf("%s: credentials in the URL (RAC_GEN_004)", n.at)
		}
	}
	if responses := member(n.value, "responses"); responses != nil && n.value["operationId"] != nil {
		checkOperation(t, n, responses)
	}
}

func checkOperation(t *testing.T, n node, responses map[string]any) {
	t.Helper()
	method := n.at[strings.LastIndex(n.at, "/")+1:]
	id, _ := n.value["operationId"].(string)
	if regexp.MustCompile(`^(get|post|put|delete|patch|head)`).MatchString(id) || n.value["summary"] == nil || n.value["description"] == nil ||
		n.value["tags"] == nil || n.value["security"] == nil {
		t.Errorf("%s: operationId %s, summary, description, tags or security", n.at, id)
	}
	body := member(n.value, "requestBody")
	if (method == "get" || method == "delete" || method == "head") && body != nil {
		t.Errorf("%s: a body", n.at)
	}
	if method == "patch" && (body["required"] != true || member(body, "content", "application/json") != nil) {
		t.Errorf("%s: PATCH has a body of a media type of its own (RFC 5789)", n.at)
	}
	if responses["default"] == nil {
		t.Errorf("%s: errors are not described", n.at)
	}
	for status, r := range responses {
		ref, _ := r.(map[string]any)
		name, _ := ref["$ref"].(string)
		if isError := status == "default" || status >= "400"; isError && !strings.HasPrefix(name, "#/components/responses/") {
			t.Errorf("%s %s: not one of the shared problem documents", n.at, status)
		}
		if (status == "429" || status == "503") && !strings.HasSuffix(name, "/Riprova") {
			t.Errorf("%s %s: without Retry-After", n.at, status)
		}
	}
}

func TestErrorsAreProblemDocuments(t *testing.T) {
	root, _ := nodes(t)
	for _, name := range []string{"Errore", "Riprova"} {
		content := member(root, "components", "responses", name, "content")
		if len(content) != 1 || content["application/problem+json"] == nil {
			t.Errorf("%s: %v", name, content)
		}
	}
	if member(root, "components", "responses", "Riprova", "headers", "Retry-After") == nil {
		t.Error("Riprova does not say when to try again")
	}
	problem := member(root, "components", "schemas", "Problem", "properties")
	for _, name := range []string{"type", "title", "status", "detail"} {
		if problem[name] == nil {
			t.Errorf("a problem has no %s (RFC 9457)", name)
		}
	}
}

// TestSpectralAgrees runs the published rules of the Italian guidelines over the document. They stay outside the
// repository, and the program that reads them is not always here: scripts/test.sh says so at its end.
func TestSpectralAgrees(t *testing.T) {
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	rules, err := filepath.Abs(filepath.Join(shared, "oas", "spectral.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(rules); err != nil {
		t.Skip("needs-shared: no published rules; set SNODO_SHARED")
	}
	spectral, err := exec.LookPath("spectral")
	if err != nil {
		t.Skip("needs-shared: no spectral to read the published rules with")
	}
	document := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(document, compiled(t).JSON(), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, spectral, "lint", "--ruleset", rules, "--fail-severity", "warn", document).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) || err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
