// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/m2m"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

const (
	tenantID   = "10000000-0000-4000-8000-000000000001"
	producerID = "10000000-0000-4000-8000-000000000002"
	strangerID = "10000000-0000-4000-8000-000000000003"
	eserviceID = "10000000-0000-4000-8000-000000000004"
	versionID  = "10000000-0000-4000-8000-000000000005"
	unknown    = "10000000-0000-4000-8000-0000000000ff"
)

// fixture is a service over TCP, with the tenant named by the Bearer token.
type fixture struct {
	*Service
	t   *testing.T
	now time.Time
	url string
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func newFixture(t *testing.T, opts Options) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Date(2026, 10, 2, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return f.now }
	world := platform.New(platform.Options{Clock: clock, Rand: rand.Reader})
	must(
		t,
		world.AddTenant(platform.Tenant{ID: tenantID}),
		world.AddTenant(platform.Tenant{ID: producerID}),
		world.AddTenant(platform.Tenant{ID: strangerID}),
		world.AddEservice(platform.Eservice{ID: eserviceID, ProducerID: producerID, IsConsumerDelegable: true}),
		world.AddDescriptor(platform.Descriptor{ID: versionID, EserviceID: eserviceID, Audience: []string{"a"}, VoucherLifespan: 60}),
		world.AddPurpose(platform.Purpose{ID: purpose, ConsumerID: tenantID, DescriptorID: versionID}),
	)
	opts.Platform, opts.Clock, opts.Rand = world, clock, rand.Reader
	opts.Verify = func(compact string, _ time.Time) (m2m.Voucher, *rules.Fault) {
		if !rules.IsUUID(compact) {
			return m2m.Voucher{}, &rules.Fault{Name: "voucher"}
		}
		return m2m.Voucher{TenantID: compact}, nil
	}
	f.Service = New(opts)
	mux := http.NewServeMux()
	f.Register(mux, "/tracing")
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	f.url = server.URL + "/tracing"
	return f
}

type result struct {
	status int
	body   map[string]any
}

func (r result) code() string {
	errs, _ := r.body["errors"].([]any)
	if len(errs) == 0 {
		return ""
	}
	first, _ := errs[0].(map[string]any)
	return fmt.Sprint(first["code"])
}

func (f *fixture) do(method, path, authorization, contentType string, body []byte) result {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, bytes.NewReader(body))
	must(f.t, err)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	must(f.t, err)
	defer func() { _ = resp.Body.Close() }()
	r := result{status: resp.StatusCode}
	must(f.t, json.NewDecoder(resp.Body).Decode(&r.body))
	return r
}

// post sends a form of fields; "file" is sent as a file.
func (f *fixture) post(tenant, path string, fields ...string) result {
	f.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] != "file" {
			must(f.t, w.WriteField(fields[i], fields[i+1]))
			continue
		}
		part, err := w.CreateFormFile("file", "tracing.csv")
		must(f.t, err)
		_, err = part.Write([]byte(fields[i+1]))
		must(f.t, err)
	}
	must(f.t, w.Close())
	return f.do("POST", path, "Bearer "+tenant, w.FormDataContentType(), body.Bytes())
}

func (f *fixture) get(path string) result {
	f.t.Helper()
	return f.do("GET", path, "Bearer "+tenantID, "", nil)
}

func (f *fixture) want(r result, status int, code string) result {
	f.t.Helper()
	if r.status != status || r.code() != code {
		f.t.Fatalf("%d %v, expected %d %s", r.status, r.body, status, code)
	}
	return r
}

// states returns the state of each day of the tenant.
func (f *fixture) states() map[string]string {
	f.t.Helper()
	r := f.want(f.get("/tracings?offset=0&limit=50"), 200, "")
	states := map[string]string{}
	items, _ := r.body["results"].([]any)
	for _, item := range items {
		day, _ := item.(map[string]any)
		states[fmt.Sprint(day["date"])] = fmt.Sprint(day["state"])
	}
	return states
}

func file(on string) string { return header + line(on, purpose, token, "200", "5") }

func TestSubmitADay(t *testing.T) {
	f := newFixture(t, Options{})
	r := f.want(f.post(tenantID, "/tracings/submit", "file", file(date), "date", date), 200, "")
	if r.body["errors"] != false || !rules.IsUUID(fmt.Sprint(r.body["tracingId"])) {
		t.Errorf("answer %v", r.body)
	}
	if diff := cmp.Diff(map[string]string{date: "COMPLETED"}, f.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if list := f.Tracings(tenantID); len(list) != 1 || len(list[0].Rows) != 1 || list[0].Rows[0].Count != 5 {
		t.Errorf("imported %+v", list)
	}
	f.want(f.post(tenantID, "/tracings/submit", "file", file(date), "date", date), 400, "TRACING_ALREADY_EXISTS")
	// A day of another tenant is another day.
	f.want(f.post(producerID, "/tracings/submit", "date", date, "file", file(date)), 200, "")
}

func TestOnlyDaysThatAreOver(t *testing.T) {
	f := newFixture(t, Options{})
	for date, want := range map[string]int{"2026-10-02": 400, "2026-10-03": 400, "2027-01-01": 400, "2026-10-01": 200, "2020-02-29": 200} {
		if r := f.post(tenantID, "/tracings/submit", "file", file(date), "date", date); r.status != want {
			t.Errorf("%s: %d %v", date, r.status, r.body)
		} else if want == 400 && r.code() != "TRACING_FUTURE_DATE" {
			t.Errorf("%s: %s", date, r.code())
		}
	}
}

func TestTheServerHasAClockOfItsOwn(t *testing.T) {
	f := newFixture(t, Options{})
	f.now = time.Date(2026, 10, 1, 22, 30, 0, 0, time.UTC) // half past midnight in Rome
	f.want(f.post(tenantID, "/tracings/submit", "file", file(date), "date", date), 400, "TRACING_FUTURE_DATE")
	rome := newFixture(t, Options{Zone: time.FixedZone("Rome", 2*3600)})
	rome.now = f.now
	rome.want(rome.post(tenantID, "/tracings/submit", "file", file(date), "date", date), 200, "")
}

func TestFormsAreStrict(t *testing.T) {
	f := newFixture(t, Options{})
	for name, fields := range map[string][]string{
		"no file":         {"date", date},
		"no date":         {"file", file(date)},
		"unknown field":   {"file", file(date), "date", date, "colour", "red"},
		"two files":       {"file", file(date), "file", file(date), "date", date},
		"two dates":       {"file", file(date), "date", date, "date", date},
		"Italian date":    {"file", file(date), "date", "01/10/2026"},
		"no such day":     {"file", file(date), "date", "2026-02-30"},
		"a date and time": {"file", file(date), "date", date + "T00:00:00Z"},
		"nothing":         {},
	} {
		t.Run(name, func(t *testing.T) {
			if r := f.post(tenantID, "/tracings/submit", fields...); r.status != 400 || r.code() != "BAD_REQUEST" {
				t.Errorf("%d %v", r.status, r.body)
			}
		})
	}
	f.want(f.do("POST", "/tracings/submit", "Bearer "+tenantID, "application/json", []byte("{}")), 400, "BAD_REQUEST")
	f.want(f.do("POST", "/tracings/submit", "Bearer "+tenantID, "multipart/form-data; boundary=x", []byte("--x")), 400, "BAD_REQUEST")
}

func TestVouchers(t *testing.T) {
	f := newFixture(t, Options{})
	for _, authorization := range []string{"", "DPoP " + tenantID, "bearer " + tenantID, "Bearer x", tenantID} {
		if r := f.do("GET", "/tracings?offset=0&limit=1", authorization, "", nil); r.status != 401 || r.code() != "UNAUTHORIZED" {
			t.Errorf("%q: %d %v", authorization, r.status, r.body)
		}
	}
}

func TestUnknownPurposesFailAndThoseOfOthersWarn(t *testing.T) {
	f := newFixture(t, Options{})
	f.want(f.post(tenantID, "/tracings/submit", "date", date, "file", file(date)+line(date, unknown, token, "200", "1")), 200, "")
	f.want(f.post(strangerID, "/tracings/submit", "date", date, "file", file(date)), 200, "")
	failed, warned := f.Tracings(tenantID)[0], f.Tracings(strangerID)[0]
	if failed.State != Failed || failed.Rows != nil || len(failed.Errors) != 1 || failed.Errors[0].Code != "PURPOSE_NOT_FOUND" {
		t.Errorf("an unknown purpose: %+v", failed)
	}
	if warned.State != Warning || len(warned.Errors) != 1 || warned.Errors[0].Severity != "WARNING" {
		t.Errorf("a purpose of others: %+v", warned)
	}
	must(t, f.opts.Platform.AddDelegation(platform.Delegation{
		ID: unknown, Kind: platform.ConsumerDelegation, DelegatorID: tenantID, DelegateID: strangerID, EserviceID: eserviceID,
	}))
	f.want(f.post(strangerID, "/tracings/submit", "date", "2026-09-30", "file", file("2026-09-30")), 200, "")
	if delegate := f.Tracings(strangerID)[0]; delegate.State != Completed {
		t.Errorf("a delegate: %+v", delegate)
	}
	r := f.want(f.get("/tracings/"+failed.ID+"/errors?offset=0&limit=10"), 200, "")
	want := map[string]any{"totalCount": 1.0, "results": []any{map[string]any{
		"purposeId": unknown, "severity": "INVALID", "errorCode": "PURPOSE_NOT_FOUND",
		"message": "purpose_id: Invalid purpose id " + unknown, "rowNumber": 3.0,
	}}}
	if diff := cmp.Diff(want, r.body); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	f.want(f.get("/tracings/"+warned.ID+"/errors?offset=0&limit=10"), 404, "TRACING_NOT_FOUND")
}

func TestRecoverAndReplace(t *testing.T) {
	f := newFixture(t, Options{})
	bad := header + line(date, purpose, token, "299", "5")
	id := fmt.Sprint(f.want(f.post(tenantID, "/tracings/submit", "date", date, "file", bad), 200, "").body["tracingId"])
	again := func(what, csv string) result { return f.post(tenantID, "/tracings/"+id+"/"+what, "file", csv) }
	f.want(again("replace", file(date)), 409, "TRACING_CANNOT_BE_UPDATED")
	r := f.want(f.post(tenantID, "/tracings/submit", "date", "2026-09-30", "file", file("2026-09-30")), 200, "")
	if r.body["errors"] != false {
		t.Error("a later day in error is told as an earlier one")
	}
	f.now = f.now.AddDate(0, 0, 1)
	r = f.want(f.post(tenantID, "/tracings/submit", "date", "2026-10-02", "file", file("2026-10-02")), 200, "")
	if r.body["errors"] != true {
		t.Error("an earlier day in error is not told")
	}
	f.want(again("recover", bad), 200, "") // still wrong
	if f.states()[date] != "ERROR" {
		t.Errorf("recovered with a wrong file: %s", f.states()[date])
	}
	r = f.want(again("recover", file(date)), 200, "")
	if diff := cmp.Diff(map[string]any{"tracingId": id}, r.body); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	f.want(again("recover", file(date)), 409, "TRACING_CANNOT_BE_UPDATED")
	f.want(again("replace", header), 200, "")
	for _, tr := range f.Tracings(tenantID) {
		if tr.ID == id && (tr.Version != 4 || len(tr.Rows) != 0 || tr.State != Completed) {
			t.Errorf("replaced by an empty file: %+v", tr)
		}
	}
	f.want(f.post(tenantID, "/tracings/"+unknown+"/recover", "file", file(date)), 404, "TRACING_NOT_FOUND")
	f.want(f.post(producerID, "/tracings/"+id+"/replace", "file", file(date)), 404, "TRACING_NOT_FOUND")
	f.want(f.post(tenantID, "/tracings/x/replace", "file", file(date)), 400, "BAD_REQUEST")
	f.want(f.post(tenantID, "/tracings/"+id+"/replace", "file", file(date), "date", date), 400, "BAD_REQUEST")
}

func TestAFileIsPendingAWhile(t *testing.T) {
	f := newFixture(t, Options{Delay: time.Minute})
	id := fmt.Sprint(f.want(f.post(tenantID, "/tracings/submit", "date", date, "file", file(date)), 200, "").body["tracingId"])
	if f.states()[date] != "PENDING" {
		t.Errorf("at once %s", f.states()[date])
	}
	f.want(f.post(tenantID, "/tracings/"+id+"/recover", "file", file(date)), 409, "TRACING_CANNOT_BE_UPDATED")
	f.want(f.post(tenantID, "/tracings/"+id+"/replace", "file", file(date)), 409, "TRACING_CANNOT_BE_UPDATED")
	f.now = f.now.Add(time.Minute)
	if f.states()[date] != "COMPLETED" {
		t.Errorf("after a minute %s", f.states()[date])
	}
}

func TestTheDutyBeginsWithTheFirstSubmission(t *testing.T) {
	f := newFixture(t, Options{})
	f.now = f.now.AddDate(0, 0, 3) // three days without a word are nobody's fault
	if len(f.states()) != 0 {
		t.Errorf("before any submission %v", f.states())
	}
	f.want(f.post(tenantID, "/tracings/submit", "date", "2026-10-04", "file", file("2026-10-04")), 200, "")
	f.now = time.Date(2026, 10, 6, 23, 29, 0, 0, time.UTC)
	if diff := cmp.Diff(map[string]string{"2026-10-04": "COMPLETED"}, f.states()); diff != "" {
		t.Errorf("before the job (-want +got):\n%s", diff)
	}
	f.now = f.now.Add(time.Minute)
	if f.states()["2026-10-05"] != "MISSING" {
		t.Errorf("after the job %v", f.states())
	}
	f.now = f.now.AddDate(0, 0, 2)
	want := map[string]string{"2026-10-04": "COMPLETED", "2026-10-05": "MISSING", "2026-10-06": "MISSING", "2026-10-07": "MISSING"}
	if diff := cmp.Diff(want, f.states()); diff != "" {
		t.Errorf("days later (-want +got):\n%s", diff)
	}
	// A missing day is filled by submitting it or by recovering it.
	f.want(f.post(tenantID, "/tracings/submit", "date", "2026-10-05", "file", file("2026-10-05")), 200, "")
	id := f.Tracings(tenantID)[2].ID
	f.want(f.post(tenantID, "/tracings/"+id+"/recover", "file", file("2026-10-06")), 200, "")
	if s := f.states(); s["2026-10-05"] != "COMPLETED" || s["2026-10-06"] != "COMPLETED" {
		t.Errorf("filled %v", s)
	}
	r := f.want(f.post(tenantID, "/tracings/submit", "date", "2026-10-03", "file", file("2026-10-03")), 200, "")
	if r.body["errors"] != false {
		t.Error("an earlier day is said to be in error")
	}
	if len(f.Tracings(producerID)) != 0 {
		t.Error("a tenant that never submitted misses days")
	}
}

func TestListsArePagedAndFiltered(t *testing.T) {
	f := newFixture(t, Options{})
	for i := range 3 {
		on := fmt.Sprintf("2026-09-%02d", 10+i)
		f.want(f.post(tenantID, "/tracings/submit", "date", on, "file", strings.Repeat(file(on), min(1, i))+header[:i*len(header)/2]), 200, "")
	}
	for query, want := range map[string]int{
		"offset=0&limit=50": 200, "offset=2&limit=1": 200, "offset=9&limit=1": 200, "offset=0&limit=1&states=COMPLETED,ERROR": 200,
		"": 400, "offset=0": 400, "limit=1": 400, "offset=-1&limit=1": 400, "offset=0&limit=0": 400, "offset=0&limit=51": 400,
		"offset=0&limit=1&states=NICE": 400,
	} {
		if r := f.get("/tracings?" + query); r.status != want {
			t.Errorf("%q: %d %v", query, r.status, r.body)
		}
	}
	r := f.get("/tracings?offset=1&limit=1")
	items, _ := r.body["results"].([]any)
	if r.body["totalCount"] != 3.0 || len(items) != 1 {
		t.Errorf("page %v", r.body)
	}
	if r := f.get("/tracings?offset=0&limit=50&states=MISSING"); r.body["totalCount"] != 0.0 {
		t.Errorf("missing %v", r.body)
	}
	f.want(f.get("/tracings/"+f.Tracings(tenantID)[0].ID+"/errors"), 400, "BAD_REQUEST")
}

func FuzzReadForm(f *testing.F) {
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"date\"\r\n\r\n2026-10-01\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--x--\r\n")
	f.Add("text/plain", "")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		form, err := readForm(r)
		if err != nil && (form.file != nil || form.date != "") {
			t.Fatalf("a refused form leaves %+v", form)
		}
		if err == nil && !strings.Contains(body, "file") {
			t.Fatalf("no file in %q", body)
		}
	})
}
