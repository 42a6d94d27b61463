// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// sent sends a reply of v3 under a fault, or none.
func (w *world) sent(fault faults.Kind, clientID string, answer reply) *httptest.ResponseRecorder {
	w.t.Helper()
	var set faults.Set
	if fault != "" {
		if err := set.Put(faults.Fault{Kind: fault}); err != nil {
			w.t.Fatal(err)
		}
	}
	rec := httptest.NewRecorder()
	rec.Header().Set("X-Correlation-Id", someID)
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/v3/tenants", http.NoBody)
	set.Middleware(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.send(rw, r, versions()[1], clientID, answer)
	})).ServeHTTP(rec, r)
	return rec
}

// claimsOf are the claims of the signature of a reply, which the world does not sign.
func claimsOf(t *testing.T, rec *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	text, signed := strings.CutPrefix(rec.Header().Get("Agid-JWT-Signature"), "signed ")
	if !signed {
		t.Fatalf("not signed: %v", rec.Header())
	}
	var claims map[string]any
	if err := json.Unmarshal([]byte(text), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// TestWhatASignedReplyClaims: jti, iss, iat, exp of 100 s, the headers that are there and
// the client when it is known; no aud, sub or nbf (PDND §3.1).
func TestWhatASignedReplyClaims(t *testing.T) {
	for name, c := range map[string]struct {
		clientID    string
		contentType string
		body        string
		headers     []string
	}{
		"a value":          {someID, "application/json", `{"a":1}`, []string{"digest", "x-correlation-id", "content-type"}},
		"nothing":          {someID, "", "", []string{"digest", "x-correlation-id"}},
		"a file":           {someID, "multipart/form-data; boundary=x", "--x--", []string{"digest", "x-correlation-id", "content-type"}},
		"to who knows who": {"", "application/json", `{}`, []string{"digest", "x-correlation-id", "content-type"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			rec := w.sent("", c.clientID, reply{status: 200, contentType: c.contentType, body: []byte(c.body)})
			claims := claimsOf(t, rec)
			jti, _ := claims["jti"].(string)
			if !rules.IsUUID(jti) {
				t.Errorf("jti %q", jti)
			}
			var signed []string
			list, _ := claims["signed_headers"].([]any)
			for _, item := range list {
				object, _ := item.(map[string]any)
				for header, value := range object {
					signed = append(signed, header)
					if rec.Header().Get(header) != value {
						t.Errorf("%s is signed as %q and sent as %q", header, value, rec.Header().Get(header))
					}
				}
			}
			if diff := cmp.Diff(c.headers, signed); diff != "" {
				t.Errorf("signed headers (-want +got):\n%s", diff)
			}
			want := map[string]any{"iss": "interop.pagopa.it", "iat": float64(w.now.Unix()), "exp": float64(w.now.Unix() + 100)}
			if c.clientID != "" {
				want["client_id"] = c.clientID
			}
			delete(claims, "jti")
			delete(claims, "signed_headers")
			if diff := cmp.Diff(want, claims); diff != "" {
				t.Errorf("the other claims (-want +got):\n%s", diff)
			}
			if fault := rules.CheckDigest(rec.Header(), rec.Body.Bytes()); fault != nil {
				t.Error(fault)
			}
		})
	}
}

// TestFaultsOfASignedReply spoils the digest, takes the signature away, and sends nothing
// that could not be signed.
func TestFaultsOfASignedReply(t *testing.T) {
	w := newWorld(t)
	answer := reply{status: 200, contentType: "application/json", body: []byte(`{"a":1}`)}
	rec := w.sent(faults.WrongDigest, someID, answer)
	if fault := rules.CheckDigest(rec.Header(), rec.Body.Bytes()); fault == nil || fault.Name != "digest-mismatch" {
		t.Errorf("the digest: %v", fault)
	}
	first, _ := claimsOf(t, rec)["signed_headers"].([]any)[0].(map[string]any)
	if first["digest"] != rec.Header().Get("Digest") {
		t.Errorf("the signature is over another digest: %v", first)
	}
	rec = w.sent(faults.Unsigned, someID, answer)
	if rec.Header().Get("Agid-JWT-Signature") != "" || rec.Header().Get("Digest") == "" || rec.Code != 200 {
		t.Errorf("unsigned: %d %v", rec.Code, rec.Header())
	}
	w.noKey = errors.New("no key")
	rec = w.sent("", someID, answer)
	if rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), `"a"`) {
		t.Errorf("without a key: %d %s", rec.Code, rec.Body)
	}
}

// TestAnAnswerOfNothingHasNoLength: 204 carries neither a body nor its length, any other
// empty answer says zero.
func TestAnAnswerOfNothingHasNoLength(t *testing.T) {
	w := newWorld(t)
	for status, want := range map[int]string{204: "", 404: "0", 400: "0"} {
		rec := w.sent("", someID, reply{status: status})
		if rec.Code != status || rec.Header().Get("Content-Length") != want || rec.Body.Len() != 0 {
			t.Errorf("%d: %v", rec.Code, rec.Header())
		}
	}
}

// part is a field of a form: its disposition after "form-data", and what it holds.
type part struct{ disposition, content string }

func formOf(parts ...part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--x\r\nContent-Disposition: form-data; " + p.disposition + "\r\nContent-Type: text/yaml\r\n\r\n" + p.content + "\r\n")
	}
	return b.String() + "--x--\r\n"
}

// TestUploadsAreExactlyAFileAndItsName (PDND §3.3: multipart file + prettyName).
func TestUploadsAreExactlyAFileAndItsName(t *testing.T) {
	file := part{`name="file"; filename="openapi.yaml"`, "openapi: 3.0.3"}
	pretty := part{`name="prettyName"`, "Interfaccia"}
	for name, c := range map[string]struct {
		media, body, fault string
	}{
		"both":                      {"", formOf(file, pretty), ""},
		"the other way round":       {"", formOf(pretty, file), ""},
		"no file":                   {"", formOf(pretty), "required at 'file' and 'prettyName'"},
		"no name":                   {"", formOf(file), "required at 'file' and 'prettyName'"},
		"an empty file":             {"", formOf(part{file.disposition, ""}, pretty), "required at 'file' and 'prettyName'"},
		"an empty name":             {"", formOf(file, part{pretty.disposition, ""}), "required at 'file' and 'prettyName'"},
		"nothing":                   {"", formOf(), "required at 'file' and 'prettyName'"},
		"two files":                 {"", formOf(file, file, pretty), "a field appears twice"},
		"two names":                 {"", formOf(file, pretty, pretty), "a field appears twice"},
		"a file that is a text":     {"", formOf(part{`name="file"`, "x"}, pretty), "an unexpected field in the form"},
		"a name that is a file":     {"", formOf(file, part{`name="prettyName"; filename="x"`, "x"}), "an unexpected field in the form"},
		"another field":             {"", formOf(file, pretty, part{`name="kind"`, "INTERFACE"}), "an unexpected field in the form"},
		"a field without a name":    {"", formOf(part{`filename="x"`, "x"}), "an unexpected field in the form"},
		"JSON":                      {"application/json", `{}`, "expected multipart/form-data"},
		"another form":              {"application/x-www-form-urlencoded", "file=x", "expected multipart/form-data"},
		"no boundary":               {"multipart/form-data", formOf(file, pretty), "expected multipart/form-data"},
		"no media type":             {"; boundary=x", formOf(file, pretty), "expected multipart/form-data"},
		"the boundary of another":   {"multipart/form-data; boundary=y", formOf(file, pretty), "required at 'file' and 'prettyName'"},
		"cut before its end":        {"", strings.TrimSuffix(formOf(file, pretty), "--x--\r\n"), "malformed multipart body"},
		"cut in the middle":         {"", formOf(file)[:90], "required at 'file' and 'prettyName'"},
		"not a form under the name": {"", "openapi: 3.0.3", "required at 'file' and 'prettyName'"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.media)
			if c.media == "" {
				r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			}
			got, err := readFile(r)
			if c.fault != "" {
				if err == nil || err.Error() != c.fault {
					t.Errorf("%v, expected %q", err, c.fault)
				}
				return
			}
			want := platform.FileSeed{Name: "openapi.yaml", PrettyName: "Interfaccia", ContentType: "text/yaml", Content: []byte("openapi: 3.0.3")}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestAnInterfaceComesBackAsItWent: multipart, with the fields file, filename,
// contentType, id and prettyName (PDND §3.1).
func TestAnInterfaceComesBackAsItWent(t *testing.T) {
	w := newWorld(t)
	const openapi = "openapi: 3.0.3\nservers:\n  - url: https://ente.example/v1\n"
	e := idOf(t, w.call("producer", "POST", "/eservices", `{"name":"stato-istanza","description":"Lo stato di una istanza","technology":"REST","mode":"DELIVER",
		"descriptor":{"audience":["a"],"voucherLifespan":600,"dailyCallsPerConsumer":1,"dailyCallsTotal":1,"agreementApprovalPolicy":"AUTOMATIC"}}`))
	path := "/eservices/" + e + "/descriptors/" + w.Platform.Descriptors(e)[0].ID + "/interface"
	w.want(w.call("producer", "GET", path, ""), 404, "017-0019")

	upload := func(as string) *httptest.ResponseRecorder {
		r := w.request(as, "POST", path, formOf(part{`name="file"; filename="openapi.yaml"`, openapi}, part{`name="prettyName"`, "Interfaccia"}))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		return w.do(r)
	}
	w.want(upload("producer-reader"), 403, "017-9993")
	id := idOf(t, w.want(upload("producer"), 201, ""))
	w.want(upload("producer"), 409, "001-0011")

	rec := w.call("producer-reader", "GET", path, "")
	_, params, err := mime.ParseMediaType(rec.Header().Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for reader := multipart.NewReader(rec.Body, params["boundary"]); ; {
		p, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		got[p.FormName()] = string(content)
	}
	want := map[string]string{"file": openapi, "filename": "openapi.yaml", "contentType": "text/yaml", "id": id, "prettyName": "Interfaccia"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.want(w.call("producer", "DELETE", path, ""), 204, "")
	w.want(w.call("producer", "DELETE", path, ""), 404, "017-0019")
}
