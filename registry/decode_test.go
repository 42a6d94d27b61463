// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

func recipeFile(name string) []byte   { return file("recipes", "consumes", name) }
func exposureFile(name string) []byte { return file("recipes", "exposes", name) }

func file(path ...string) []byte {
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		return nil // the test that needs it then fails on what is missing
	}
	return data
}

const small = `name: prova
title: {it: Prova, en: Test}
registry: Ente di prova
adapter: anpr
environments:
  locale: {url: "http://127.0.0.1:9000/v1", audience: prova}
operations:
  leggi:
    title: {it: Leggi, en: Read}
    method: GET
    path: /dati
    input: {type: object}
    fields: [dato]
`

func TestDecodeRecipeFillsDefaults(t *testing.T) {
	got, err := registry.DecodeRecipe("prova.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(registry.GuardSettings{}.WithDefaults(), got.Guard); diff != "" {
		t.Errorf("guard (-want +got):\n%s", diff)
	}
	want := registry.RecipeTimes{BackDate: registry.DefaultBackDate, Lifetime: registry.DefaultLifetime}
	if got.Produce != want || got.Evidence.Keep != registry.KeepProofs {
		t.Errorf("produce %+v, keep %q", got.Produce, got.Evidence.Keep)
	}
}

// TestDecodeRecipeRefuses changes one line of a sound recipe at a time.
func TestDecodeRecipeRefuses(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":                   {"adapter: anpr", "adaptor: anpr", `prova.yaml:4: unknown key "adaptor"`},
		"name with a slash":             {"name: prova", "name: ../prova", "prova.yaml:1: name"},
		"no adapter":                    {"adapter: anpr", "", "adapter is missing"},
		"no English title":              {"{it: Prova, en: Test}", "{it: Prova}", "prova.yaml:2: title.en is missing"},
		"no audience to sign for":       {"{url: \"http://127.0.0.1:9000/v1\", audience: prova}", "{url: \"http://127.0.0.1:9000/v1\"}\npatterns: {request: [INTEGRITY_REST_02]}", "prova.yaml:6: environments.locale.audience is missing: it is never derived from the URL"},
		"unknown environment":           {"locale:", "uat:", "prova.yaml:6: environments.uat is \"uat\""},
		"clear text beyond the machine": {"locale:", "produzione:", "prova.yaml:6: environments.produzione.url does not begin with https://"},
		"query in the URL":              {"9000/v1", "9000/v1?x=1", "prova.yaml:6: environments.locale.url has a user, query"},
		"user in the URL":               {"http://127", "http://u:p@127", "environments.locale.url has a user, query"},
		"relative URL":                  {"http://127.0.0.1:9000/v1", "/v1", "environments.locale.url is not an absolute URL"},
		"e-service id":                  {"audience: prova", "audience: prova, eserviceId: x", "environments.locale.eserviceId is not a UUID"},
		"relative path":                 {"path: /dati", "path: dati", "prova.yaml:11: operations.leggi.path does not begin with /"},
		"unknown method":                {"method: GET", "method: get", "prova.yaml:10: operations.leggi.method is \"get\""},
		"input that is no object":       {"{type: object}", "{type: string}", "prova.yaml:12: operations.leggi.input is not a JSON Schema of type object"},
		"field twice":                   {"[dato]", "[dato, dato]", "prova.yaml:13: \"dato\" is written twice"},
		"empty field":                   {"[dato]", `[""]`, "prova.yaml:13: operations.leggi.fields[0] is empty"},
		"no operations":                 {small[strings.Index(small, "operations:"):], "", "operations is missing"},
		"pattern unknown":               {"registry:", "patterns: {response: [AUDIT_REST_02]}\nregistry:", "prova.yaml:3: pattern \"AUDIT_REST_02\" is not spoken here"},
		"pattern twice":                 {"registry:", "patterns: {request: [AUDIT_REST_02, AUDIT_REST_02]}\nregistry:", "pattern AUDIT_REST_02 is written twice"},
		"error without codes":           {"registry:", "errors: [{kind: ignore}]\nregistry:", "prova.yaml:3: errors[0]: write codes, status, type or text"},
		"LoA of no evidence":            {"registry:", "evidence: {requireLoA: true}\nregistry:", "prova.yaml:3: evidence.requireLoA needs AUDIT_REST_02"},
		"life of a token":               {"registry:", "produce: {lifetime: 2h}\nregistry:", "produce.lifetime lies outside"},
		"window too short":              {"registry:", "guard: {window: 1ms}\nregistry:", "guard.window is shorter than 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			data := strings.Replace(small, c.old, c.new, 1)
			if data == small {
				t.Fatal("the change changes nothing")
			}
			recipe, err := registry.DecodeRecipe("prova.yaml", []byte(data))
			var faults yamlfile.Faults
			if !errors.As(err, &faults) || recipe != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is\n%v\nwant %s", err, c.want)
			}
		})
	}
}

// TestRecipeWithoutOperations serves native calls alone; only the declarative adapter has nothing to do for it.
func TestRecipeWithoutOperations(t *testing.T) {
	data := strings.Replace(small[:strings.Index(small, "operations:")], "adapter: anpr", "adapter: declarative", 1)
	recipe, err := registry.DecodeRecipe("prova.yaml", []byte(data))
	if err != nil || len(recipe.Operations) != 0 {
		t.Errorf("%+v %v", recipe, err)
	}
}

func TestDecodeExposureRefuses(t *testing.T) {
	sound := string(exposureFile("stato-istanza.yaml"))
	for name, c := range map[string]struct{ old, new, want string }{
		"file elsewhere":        {"stato-istanza.openapi.yaml", "../stato-istanza.openapi.yaml", "openapi names a file beside the recipe"},
		"no version":            {"major: 1", "major: 0", "major is missing"},
		"token to the back end": {"[Accept,", "[Authorization,", "header Authorization belongs to the hub"},
		"policy":                {"responsePolicy: refuse", "responsePolicy: drop", `responsePolicy is "drop"`},
		"quota below 0":         {"total: 100000", "total: -1", "a quota is not below 0"},
		"proxy header":          {"[Accept,", "[X-Forwarded-Port,", "header X-Forwarded-Port belongs to the hub"},
		"LoA of a caller":       {"keep: proofs", "keep: proofs\n  requireLoA: true", "evidence.requireLoA belongs to consumed e-services"},
		"broken YAML":           {"name:", "name: [", "not valid YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			data := strings.Replace(sound, c.old, c.new, 1)
			if data == sound {
				t.Fatal("the change changes nothing")
			}
			exposure, err := registry.DecodeExposure("x.yaml", []byte(data), []byte("openapi: 3.0.3"))
			if exposure != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is\n%v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := registry.DecodeExposure("x.yaml", []byte(sound), nil); err == nil || !strings.Contains(err.Error(), "is empty or not there") {
		t.Errorf("without its document: %v", err)
	}
}

// TestHubHeadersNeverReachTheBackEnd repeats the list literally, so that a header that
// goes missing from the code cannot also go missing here.
func TestHubHeadersNeverReachTheBackEnd(t *testing.T) {
	sound := string(exposureFile("stato-istanza.yaml"))
	for _, header := range []string{
		"Authorization", "DPoP", "Digest", "Agid-JWT-Signature", "Agid-JWT-TrackingEvidence", "Cookie", "Host", "Connection", "Keep-Alive",
		"Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect", "Content-Length", "Proxy-Authorization", "Forwarded", "X-Forwarded-For",
		"X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "authorization", "COOKIE",
	} {
		data := strings.Replace(sound, "[Accept,", "["+header+", Accept,", 1)
		if _, err := registry.DecodeExposure("x.yaml", []byte(data), []byte("x")); err == nil || !strings.Contains(err.Error(), "belongs to the hub") {
			t.Errorf("%s may be allow-listed: %v", header, err)
		}
	}
}

func TestErrorKinds(t *testing.T) {
	for kind, want := range map[registry.ErrorKind]error{
		registry.KindNotFound: registry.ErrNotFound, registry.KindAmbiguous: registry.ErrAmbiguous, registry.KindInvalid: registry.ErrInvalid,
		registry.KindDenied: registry.ErrDenied, registry.KindThrottled: registry.ErrThrottled, registry.KindUnavailable: registry.ErrUnavailable,
		registry.KindNotReady: registry.ErrNotReady, registry.KindRenumber: registry.ErrInvalid,
		registry.KindWarn: nil, registry.KindIgnore: nil, "": nil,
	} {
		if got := kind.Err(); !errors.Is(got, want) {
			t.Errorf("%q is %v, want %v", kind, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{"anpr-c020": true, "a": true, "a1-b2": true, "": false, "-a": false, "a-": false, "a--b": false, "A": false, "a_b": false, "a/b": false, "1a": false} {
		if registry.IsName(name) != want {
			t.Errorf("IsName(%q) is %v", name, !want)
		}
	}
	for id, want := range map[string]bool{
		"12d5ff12-7894-4c89-bbfc-033418fb1e38": true, "12D5FF12-7894-4C89-BBFC-033418FB1E38": false, "12d5ff1278944c89bbfc033418fb1e38": false, "": false,
	} {
		if registry.IsUUID(id) != want {
			t.Errorf("IsUUID(%q) is %v", id, !want)
		}
	}
}

// FuzzDecodeRecipe: what is accepted can be used; what is refused says where.
func FuzzDecodeRecipe(f *testing.F) {
	f.Add([]byte(small))
	f.Add(recipeFile("anpr-c030.yaml"))
	f.Add([]byte("environments: {locale: {url: \"%\"}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		recipe, err := registry.DecodeRecipe("x.yaml", data)
		var faults yamlfile.Faults
		switch {
		case err != nil && (!errors.As(err, &faults) || recipe != nil):
			t.Fatalf("error is %v, recipe %v", err, recipe)
		case err == nil && (!registry.IsName(recipe.Name) || len(recipe.Operations) == 0 || recipe.Guard.Failures == 0):
			t.Fatalf("accepted %+v", recipe)
		}
	})
}
