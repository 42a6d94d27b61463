// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scripted

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/pdnd"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

const (
	comune  = "30000000-0000-4000-8000-000000000001"
	client  = "30000000-0000-4000-8000-000000000002"
	purpose = "30000000-0000-4000-8000-0000000000"
)

var clientKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// world is a platform and the scripted registries, with a comune that may use them all.
type world struct {
	t      *testing.T
	pdnd   *pdnd.Server
	server *Server
	kid    string
	byName map[string]Script
	ids    map[string]string // purposes
}

func newWorld(t *testing.T, scripts ...Script) *world {
	t.Helper()
	platform, err := pdnd.New(pdnd.Options{})
	must(t, err)
	w := &world{t: t, pdnd: platform, byName: map[string]Script{}, ids: map[string]string{}}
	must(t, platform.AddTenant(pdnd.Tenant{ID: comune}), platform.AddClient(pdnd.Client{ID: client, TenantID: comune}))
	key, err := clientKey()
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	w.kid, err = platform.AddClientKey(client, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	must(t, err)
	for i, s := range scripts {
		e := s.Eservice
		_ = platform.AddTenant(pdnd.Tenant{ID: e.ProducerID}) // several scripts share a producer
		w.byName[s.Name], w.ids[s.Name] = s, purpose+string(rune('a'+i))+"0"
		must(t,
			platform.AddEservice(pdnd.Eservice{ID: e.EserviceID, ProducerID: e.ProducerID, Name: e.Title}),
			platform.AddDescriptor(pdnd.Descriptor{ID: e.DescriptorID, EserviceID: e.EserviceID, Audience: []string{e.Audience}, VoucherLifespan: 600}),
			platform.AddPurpose(pdnd.Purpose{ID: w.ids[s.Name], ConsumerID: comune, DescriptorID: e.DescriptorID, Clients: []string{client}}),
		)
	}
	must(t, platform.Start(t.Context(), ""))
	t.Cleanup(func() { _ = platform.Close() })
	w.server, err = New(Options{
		Issuer: platform.Profile().Issuer, JWKSURL: func() string { return platform.Profile().JWKSURL }, Scripts: scripts,
		Keys: func(_ context.Context, kid string) (string, *rsa.PublicKey, error) {
			owner, public, ok := platform.ClientKey(kid)
			if !ok {
				return "", nil, ErrKeyUnknown
			}
			return owner, public, nil
		},
	})
	must(t, err)
	must(t, w.server.Start(t.Context(), ""))
	t.Cleanup(func() { _ = w.server.Close() })
	return w
}

func builtin(t *testing.T) []Script {
	t.Helper()
	scripts, err := Builtin()
	must(t, err)
	return scripts
}

// send makes one call of the comune.
func (w *world) send(name, method, path, body string, hooks fruitore.Hooks) *fruitore.Reply {
	w.t.Helper()
	key, err := clientKey()
	must(w.t, err)
	profile := w.pdnd.Profile()
	e := w.byName[name].Eservice
	c := fruitore.New(fruitore.Options{
		HTTP:     &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		TokenURL: profile.TokenURL, AssertionAudience: profile.AssertionAudience,
		ClientID: client, PurposeID: w.ids[name], Audience: e.Audience, Key: key, Kid: w.kid,
	})
	reply, err := c.Do(w.t.Context(), method, w.server.URL()+e.Path+path, []byte(body), hooks)
	must(w.t, err)
	return reply
}

func (w *world) want(name, method, path, body string, status int, contains ...string) *fruitore.Reply {
	w.t.Helper()
	reply := w.send(name, method, path, body, fruitore.Hooks{})
	for _, text := range contains {
		if !strings.Contains(string(reply.Body), text) {
			w.t.Errorf("%s %s: %s does not hold %s", method, path, reply.Body, text)
		}
	}
	if reply.Status != status {
		w.t.Errorf("%s %s %s: status %d, want %d: %s (%v)", method, path, body, reply.Status, status, reply.Body, w.server.LastRefusal())
	}
	return reply
}

func TestAgenziaDelleEntrate(t *testing.T) {
	w := newWorld(t, builtin(t)...)
	for _, name := range []string{"ade-vcf1", "ade-vcf2"} {
		for code, says := range map[string]string{
			"BNCMRC85C12D612V": `"Codice fiscale valido"`, "RSSNNA76D52H50MT": `"valido":true`, "FRRLCU41A08G713F": "non più utilizzabile",
			"BNCMRC85C12D61NK": `"valido":false`, "AAAZZZ00H00T000Z": `"Codice fiscale non valido"`, "07000001235": `"valido":true`,
		} {
			w.want(name, "POST", "/verifica", `{"codiceFiscale":"`+code+`"}`, 200, says, code)
		}
		for _, body := range []string{`{}`, `{"codiceFiscale":"BNCMRC85C12D612"}`, `{"codiceFiscale":7}`} {
			w.want(name, "POST", "/verifica", body, 400, `"title":"Bad Request"`)
		}
		w.want(name, "POST", "/verifica", `no`, 400, "InvalidRequestContent")
		w.want(name, "GET", "/verifica", "", 404, "govway.org")
	}
}

func TestINAD(t *testing.T) {
	w := newWorld(t, builtin(t)...)
	const reason = "?practicalReference=PRT-7"
	ask := func(path string, status int, contains ...string) {
		t.Helper()
		w.want("inad-consultazione", "GET", path, "", status, contains...)
	}
	ask("/extract/CNTGLI88L65G999B"+reason, 200, `"digitalAddress":"giulia.conti@pec.example"`, `"since":"20`)
	ask("/extract/CNTGLI88L65G999B", 400, "BAD_REQUEST")
	ask("/extract/RSSNNA76D52H501B"+reason, 404, `"type":"NOT_FOUND"`)
	ask("/extract/RSSNNA76D52H50MT"+reason, 400, "BAD_REQUEST") // omocodia
	verify := "/verify/BNCMRC85C12D612V" + reason + "&digital_address="
	ask(verify+"vecchia@pec.example&since=2023-12-31", 200, `"outcome":true`)
	ask(verify+"vecchia@pec.example&since=2024-02-01", 200, `"outcome":false`)
	ask(verify+"giulia.conti@pec.example&since=2024-02-01", 200, `"outcome":false`)
	ask(verify+"x&since=2024-02-01", 400)
	ask(verify+"vecchia@pec.example&since=ieri", 400)
	ask("/verify/RSSNNA76D52H501B"+reason+"&digital_address=a@b.it&since=2024-01-01", 404)
}

func TestINADMakesListsInTheBackground(t *testing.T) {
	w := newWorld(t, builtin(t)...)
	const name = "inad-consultazione"
	taken := w.want(name, "POST", "/listDigitalAddress", `{"codiciFiscali":["CNTGLI88L65G999B","RSSNNA76D52H501B"],"praticalReference":"PRT-7"}`, 202, "PRESA_IN_CARICO")
	state := strings.TrimPrefix(taken.Header.Get("Location"), w.server.URL()+w.byName[name].Eservice.Path)
	w.want(name, "GET", state, "", 200, "IN_ELABORAZIONE")
	ready := w.want(name, "GET", state, "", 303, "DISPONIBILE")
	list := strings.TrimPrefix(ready.Header.Get("Location"), w.server.URL()+w.byName[name].Eservice.Path)
	w.want(name, "GET", list, "", 200, "giulia.conti@pec.example", `{"codiceFiscale":"RSSNNA76D52H501B"}`)
	w.want(name, "GET", "/listDigitalAddress/state/f8c3de3d-1fea-4d7c-a8b0-29f63c4c3454", "", 404)
	w.want(name, "POST", "/listDigitalAddress", `{"codiciFiscali":[],"praticalReference":"PRT-7"}`, 400)
	w.want(name, "POST", "/listDigitalAddress", `{"codiciFiscali":["CNTGLI88L65G999B"]}`, 400)
	many := `{"praticalReference":"PRT-7","codiciFiscali":["` + strings.Repeat(`CNTGLI88L65G999B","`, 1000) + `CNTGLI88L65G999B"]}`
	w.want(name, "POST", "/listDigitalAddress", many, 400, "BAD_REQUEST")
}

// TestRefusesLikeARealGateway: voucher first, in the words of each registry.
func TestRefusesLikeARealGateway(t *testing.T) {
	w := newWorld(t, builtin(t)...)
	without := fruitore.Hooks{Request: func(r *http.Request) { r.Header.Del("Authorization") }}
	reply := w.send("inad-consultazione", "GET", "/extract/CNTGLI88L65G999B?practicalReference=x", "", without)
	if reply.Status != 401 || !strings.Contains(string(reply.Body), `"Invalid Bearer JWT Token"`) || w.server.LastRefusal().Name != "header-absent" {
		t.Errorf("%d %s %v", reply.Status, reply.Body, w.server.LastRefusal())
	}
	reply = w.send("ade-vcf2", "POST", "/verifica", `{"codiceFiscale":"BNCMRC85C12D612V"}`, without)
	if reply.Status != 401 || !strings.Contains(string(reply.Body), "TokenAuthenticationFailed") {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
	// A voucher for one e-service is none for another.
	w.ids["ade-vcf2"] = w.ids["ade-vcf1"]
	if reply = w.send("ade-vcf2", "POST", "/verifica", "{}", fruitore.Hooks{}); reply.Status != 400 || w.server.LastRefusal().Name != "voucher-aud" {
		t.Errorf("%d %s %v", reply.Status, reply.Body, w.server.LastRefusal())
	}
}

const strict = `
name: prova
eservice: {title: Prova, path: /prova/v1, audience: https://prova.invalid, eserviceId: 30000000-0000-4000-8000-000000000071,
  descriptorId: 30000000-0000-4000-8000-000000000072, producerId: 30000000-0000-4000-8000-000000000073}
request: [INTEGRITY_REST_02, AUDIT_REST_02]
response: [INTEGRITY_REST_02]
quota: 2
routes:
  - {method: POST, path: "/x/{id}", replies: [{status: 201, headers: {X-Id: "n-${path.id}-${query.no}"}, body: {id: "${path.id}", no: "${query.no}", list: ["${body.a.0}", "${body.b}"]}}]}
`

func parse(t *testing.T, text string) Script {
	t.Helper()
	s, err := Parse([]byte(text))
	must(t, err)
	return s
}

// TestPatternsAndQuota: a script with both patterns refuses what lacks one, and signs.
func TestPatternsAndQuota(t *testing.T) {
	w := newWorld(t, parse(t, strict))
	for header, status := range map[string]int{"Agid-JWT-Signature": 400, "Agid-JWT-TrackingEvidence": 400} {
		reply := w.send("prova", "POST", "/x/7", `{"a":[1]}`, fruitore.Hooks{Request: func(r *http.Request) { r.Header.Del(header) }})
		if reply.Status != status || w.server.LastRefusal().Name != "header-absent" && w.server.LastRefusal().Name != "evidence-header-absent" {
			t.Errorf("without %s: %d %s %v", header, reply.Status, reply.Body, w.server.LastRefusal())
		}
	}
	good := w.want("prova", "POST", "/x/7", `{"a":[1]}`, 201, `{"id":"7","list":[1]}`)
	if good.Header.Get("Agid-JWT-Signature") == "" || good.Header.Get("X-Id") != "n-7-" || good.Header.Get("X-RateLimit-Remaining") != "1" {
		t.Errorf("header is %v", good.Header)
	}
	must(t, w.server.SetFaults(faults.Fault{Kind: faults.Throttle, Times: 1}))
	w.want("prova", "POST", "/x/7", `{}`, 429)
	w.want("prova", "POST", "/x/7", `{}`, 201)
	if over := w.want("prova", "POST", "/x/7", `{}`, 429, "LimitExceeded"); over.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if text, err := w.server.PublicKeyPEM("prova"); err != nil || !strings.Contains(string(text), "PUBLIC KEY") {
		t.Errorf("key is %s, %v", text, err)
	}
	probe, err := http.Get(w.server.URL() + "/prova/v1/status")
	must(t, err)
	_ = probe.Body.Close()
	if probe.StatusCode != 200 {
		t.Errorf("status answers %d", probe.StatusCode)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string][2]string{
		"unknown key":     {"quota: 2", "quotas: 2"},
		"no UUID":         {"30000000-0000-4000-8000-000000000071", "x"},
		"no name":         {"name: prova", `name: ""`},
		"final slash":     {"/prova/v1", "/prova/v1/"},
		"unknown pattern": {"AUDIT_REST_02]", "AUDIT_REST_01]"},
		"unknown method":  {"method: POST", "method: post"},
		"no replies":      {"replies: [{", "checks: [{"},
		"status":          {"status: 201", "status: 20"},
		"unknown when":    {"{status: 201", "{when: later, status: 201"},
		"unknown table":   {"replies:", "find: {in: persone}, replies:"},
		"bad expression":  {"replies:", `checks: [{at: body.x, pattern: "(", reply: {status: 400}}], replies:`},
		"broken YAML":     {"name: prova", "name: ["},
	} {
		text := strings.Replace(strict, c[0], c[1], 1)
		if text == strict {
			t.Fatalf("%s: the change changes nothing", name)
		}
		if s, err := Parse([]byte(text)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	one := parse(t, strict)
	if _, err := New(Options{Issuer: "x", JWKSURL: func() string { return "" }, Keys: func(context.Context, string) (string, *rsa.PublicKey, error) { return "", nil, nil }, Scripts: []Script{one, one}}); !errors.Is(err, ErrInvalid) {
		t.Errorf("two scripts of one name: %v", err)
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a server without platform")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(strict)
	f.Add("name: [")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse([]byte(text))
		if err == nil && (s.Name == "" || len(s.Routes) == 0) {
			t.Errorf("a script without name or routes: %+v", s)
		}
	})
}
