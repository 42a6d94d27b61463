// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// offering is a world whose two enti offer stato-istanza, and an e-service with a page of its own.
func offering(t *testing.T) *world {
	t.Helper()
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	c := w.options.Config
	exposes["propria"] = &registry.Exposure{
		Name: "propria", Major: 1, Document: []byte(`{"openapi":"3.0.3","info":{"title":"x"},"paths":{"/documentation":{"get":{"responses":{}}}}}`),
	}
	exposes["rotta"] = &registry.Exposure{Name: "rotta", Major: 1, Document: []byte("openapi: [")}
	c.Exposes = exposes
	offer := func(ente, name string) map[string]*config.Expose {
		return map[string]*config.Expose{name: {
			Recipe: name, PublicURL: "https://" + ente + ".example/modi/" + ente + "/" + name + "/v1", Contact: config.Contact{Email: "interop@" + ente + ".example"},
		}}
	}
	c.Enti["c_a"].Denominazione, c.Enti["c_a"].Exposes = "Comune A", offer("c-a", "stato-istanza")
	c.Enti["c_b"] = &config.Ente{CodiceIPA: "c_b", Denominazione: "Comune B", Exposes: offer("c-b", "stato-istanza")}
	c.Enti["c_p"] = &config.Ente{CodiceIPA: "c_p", Exposes: offer("c-p", "propria")}
	c.Enti["c_r"] = &config.Ente{CodiceIPA: "c_r", Exposes: offer("c-r", "rotta")}
	return w.start(t)
}

// TestAnybodyReadsTheDocument: without a token, each ente with its own address, and nothing reaches the pipeline.
func TestAnybodyReadsTheDocument(t *testing.T) {
	w := offering(t)
	for ente, name := range map[string]string{"c_a": "Comune A", "c_b": "Comune B"} {
		host := strings.ReplaceAll(ente, "_", "-")
		a := w.do(t, ListenerEsposizione, "GET", "/modi/"+ente+"/stato-istanza/v1/openapi.yaml", "")
		if a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/yaml" || !strings.Contains(a.body, `"https://`+host+`.example/modi/`) ||
			!strings.Contains(a.body, `"interop@`+host+`.example"`) || !strings.Contains(a.body, name) {
			t.Errorf("%s: %d %v %.400s", ente, a.StatusCode, a.Header, a.body)
		}
		page := w.do(t, ListenerEsposizione, "GET", "/modi/"+ente+"/stato-istanza/v1/documentation", "")
		if page.StatusCode != 200 || !strings.HasPrefix(page.body, "<!DOCTYPE html>\n<html lang=\"it\">") || !strings.Contains(page.body, name) {
			t.Errorf("%s: %d %.400s", ente, page.StatusCode, page.body)
		}
		h := page.Header
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'sha256-") || strings.Contains(h.Get("Content-Security-Policy"), "script") ||
			h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Language") != "it" || h.Get("Set-Cookie") != "" {
			t.Errorf("%s: headers %v", ente, h)
		}
	}
	if len(w.in.asked) != 0 {
		t.Error("the pipeline was asked")
	}
	if log := w.log.String(); !strings.Contains(log, `"uri":"/modi/{codiceIPA}/stato-istanza/v1/openapi.yaml"`) || !strings.Contains(log, `"operazione":"documentation"`) {
		t.Errorf("the access log: %s", log)
	}
}

// TestAPublicDocumentIsKept: for minutes by anybody, and asked again by its tag.
func TestAPublicDocumentIsKept(t *testing.T) {
	w := offering(t)
	const path = "/modi/c_a/stato-istanza/v1/openapi.yaml"
	a := w.do(t, ListenerEsposizione, "GET", path, "")
	tag := a.Header.Get("ETag")
	if a.Header.Get("Cache-Control") != "public, max-age=300" || len(tag) < 10 {
		t.Fatalf("headers %v", a.Header)
	}
	for _, header := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		again := w.do(t, ListenerEsposizione, "GET", path, "", "If-None-Match", header)
		if again.StatusCode != 304 || again.body != "" || again.Header.Get("ETag") != tag {
			t.Errorf("%s: %d %.60s", header, again.StatusCode, again.body)
		}
	}
	if other := w.do(t, ListenerEsposizione, "GET", "/modi/c_b/stato-istanza/v1/openapi.yaml", "", "If-None-Match", tag); other.StatusCode != 200 {
		t.Error("the document of another ente is taken for the same")
	}
	head := w.do(t, ListenerEsposizione, "HEAD", path, "")
	if head.StatusCode != 200 || head.body != "" || head.Header.Get("ETag") != tag {
		t.Errorf("HEAD: %d %q", head.StatusCode, head.body)
	}
}

func TestAPublicDocumentIsOnlyRead(t *testing.T) {
	w := offering(t)
	a := w.do(t, ListenerEsposizione, "POST", "/modi/c_a/stato-istanza/v1/openapi.yaml", "{}")
	wantProblem(t, a, problem.RuleMethod, 405)
	if a.Header.Get("Allow") != "GET, HEAD" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", a.Header)
	}
}

// TestOtherPathsGoToThePipeline: another spelling, another version, an ente that does not offer it, an operation of that name.
func TestOtherPathsGoToThePipeline(t *testing.T) {
	w := offering(t)
	for i, path := range []string{
		"/modi/c_a/stato-istanza/v1/openapi.yam%6c", "/modi/c_a/stato-istanza/v2/openapi.yaml", "/modi/c_x/stato-istanza/v1/documentation",
		"/modi/c_a/stato-istanza/v1/documentation/", "/modi/c_p/propria/v1/documentation",
	} {
		w.do(t, ListenerEsposizione, "GET", path, "")
		if len(w.in.asked) != i+1 {
			t.Errorf("%s does not reach the pipeline", path)
		}
	}
}

func TestADocumentThatCannotBeReadIsNotThere(t *testing.T) {
	w := offering(t)
	wantProblem(t, w.do(t, ListenerEsposizione, "GET", "/modi/c_r/rotta/v1/openapi.yaml", ""), problem.RuleUnknownPath, 404)
	if !strings.Contains(w.log.String(), "documento non pubblicabile") {
		t.Error("nothing is logged")
	}
}
