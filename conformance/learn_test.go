// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// resultOf finds the result of a case.
func resultOf(t testing.TB, r *Report, id string) Result {
	t.Helper()
	i := slices.IndexFunc(r.Results, func(one Result) bool { return one.Case.ID == id })
	if i < 0 {
		t.Fatalf("%s was not told", id)
	}
	return r.Results[i]
}

// TestPatternsAreLearnt: nothing is declared, and the suite finds what the service uses;
// what it does not look at is unsupported, not failed.
func TestPatternsAreLearnt(t *testing.T) {
	t.Parallel()
	s := open(t, Config{
		Role: RoleErogatore, Target: "http://127.0.0.1:1", Parties: parties(), Operations: posting(), Parallel: 4,
		Only: []string{"body-changed", "accept#plain", "token-missing#absent"},
	})
	s.SetTarget(serve(t, terms(t, s, modi.PatternVoucher, modi.PatternIntegrityREST02)))
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tellFailures(t, r)
	if !slices.Equal(r.Patterns, []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02}) {
		t.Errorf("%v", r.Patterns)
	}
	for id, want := range map[string]Verdict{
		"accept#plain.integrity-02": Pass, "modi.integrity/digest-mismatch#body-changed.integrity-02": Pass,
		"accept#plain.audit-02": Unsupported, "accept#plain.id-auth-01": Unsupported, "modi.audit/token-missing#absent.audit-02": Unsupported,
	} {
		if got := resultOf(t, r, id); got.Verdict != want {
			t.Errorf("%s: %s (%s), want %s", id, got.Verdict, got.Reason.EN, want)
		}
	}
	if r.ExitCode() != ExitPass {
		t.Errorf("%v", r.Counts)
	}
}

// TestAPatternIsLearntAsItIsAsked: a service of the first form of a pattern accepts what
// the second adds, and is not held to it.
func TestAPatternIsLearntAsItIsAsked(t *testing.T) {
	t.Parallel()
	for name, patterns := range map[string][]modi.Pattern{
		"AUDIT_REST_01": {modi.PatternVoucher, modi.PatternAuditREST01}, "ID_AUTH_REST_01": {modi.PatternIDAuthREST01},
		"AUDIT_REST_02": {modi.PatternVoucher, modi.PatternAuditREST02}, "DPoP": {modi.PatternVoucher, modi.PatternDPoP},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, Config{
				Role: RoleErogatore, Target: "http://127.0.0.1:1", Parties: parties(), Operations: posting(), Parallel: 4, Only: []string{"modi.audit", "modi.id-auth", "accept#plain"},
			})
			s.SetTarget(serve(t, terms(t, s, patterns...)))
			r, err := s.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tellFailures(t, r)
			if !slices.Equal(r.Patterns, patterns) || r.Counts[Pass] == 0 {
				t.Errorf("%v %v %v", r.Patterns, r.Counts, r.Notes)
			}
			said := slices.ContainsFunc(r.Notes, func(n Text) bool { return strings.Contains(n.EN, "judged by") })
			if first := strings.HasSuffix(name, "_01"); said != first {
				t.Errorf("%v", r.Notes)
			}
		})
	}
}

// TestAPlatformThatBindsNoVouchers is no end of the run: a set of patterns that needs one
// is not accepted. One that issues no voucher at all leaves nothing to judge.
func TestAPlatformThatBindsNoVouchers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refuses func(dpop string) bool
		judged  bool
	}{"no DPoP": {func(dpop string) bool { return dpop != "" }, true}, "nothing": {func(string) bool { return true }, false}} {
		platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c.refuses(r.Header.Get("DPoP")) {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			_, _ = w.Write([]byte(`{"access_token":"x","token_type":"Bearer","expires_in":600}`))
		}))
		t.Cleanup(platform.Close)
		r, err := judgeAnswering(t, func(c *Config) {
			c.Patterns, c.Platform.TokenURL, c.Keys.Client = nil, platform.URL, file(t, "client.pem", privatePEM(t, ownKey()))
		}, 403, nil, "")
		if c.judged != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if c.judged && !strings.Contains(fmt.Sprint(r.Notes), errPlatform.Error()) {
			t.Errorf("%s: %v", name, r.Notes)
		}
	}
}

// TestAMessageThatWritesIsNotSent where writes are not allowed, even if the operation only
// reads: some cases change the method.
func TestAMessageThatWritesIsNotSent(t *testing.T) {
	t.Parallel()
	const id = "hub.request/if-match-missing#suap"
	for _, allowed := range []bool{false, true} {
		var written atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				written.Add(1)
			}
		}))
		t.Cleanup(server.Close)
		r, err := judgeAnswering(t, func(c *Config) {
			c.Target, c.AllowWrites, c.Only, c.Setup = server.URL, allowed, []string{id}, []string{"hub.request/if-match-missing"}
			c.Operations = []Operation{{Method: "GET", Path: "/servizio"}}
		}, 200, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := resultOf(t, r, id); (got.Verdict == Skip) == allowed || (written.Load() > 0) != allowed || !allowed && !strings.Contains(got.Reason.EN, "PUT") {
			t.Errorf("allowed %t: %s %s, %d writes", allowed, got.Verdict, got.Reason.EN, written.Load())
		}
	}
}

// answering is a service that gives the same answer to everybody.
func answering(t testing.TB, status int, header http.Header, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func judgeAnswering(t *testing.T, change func(*Config), status int, header http.Header, body string) (*Report, error) {
	t.Helper()
	c := Config{
		Role: RoleErogatore, Target: answering(t, status, header, body), Patterns: []modi.Pattern{modi.PatternVoucher}, Parties: parties(), Operations: posting(),
		Only: []string{"accept#plain.voucher", "token-missing#absent.voucher", "suite.answer", "expired"}, keysOf: theKeys(),
	}
	if change != nil {
		change(&c)
	}
	return Run(t.Context(), c)
}

// TestAServiceThatAcceptsEverything fails wherever it should refuse.
func TestAServiceThatAcceptsEverything(t *testing.T) {
	t.Parallel()
	r, err := judgeAnswering(t, nil, 200, nil, "{}")
	if err != nil {
		t.Fatal(err)
	}
	if got := resultOf(t, r, "pdnd.voucher/token-missing#absent.voucher"); got.Verdict != Fail || len(got.Exchanges) != 1 || got.Mend.IT == "" {
		t.Errorf("%+v", got)
	}
	if got := resultOf(t, r, "accept#plain.voucher"); got.Verdict != Pass {
		t.Errorf("%+v", got)
	}
	if r.ExitCode() != ExitFail {
		t.Errorf("%v", r.Counts)
	}
}

// TestAServiceThatRefusesEverything: its refusals say nothing. That it refuses the good
// message of a pattern that was declared is a failure, and of one that was not, none.
func TestAServiceThatRefusesEverything(t *testing.T) {
	t.Parallel()
	problem := http.Header{"Content-Type": {"application/problem+json"}}
	r, err := judgeAnswering(t, func(c *Config) { c.Only = []string{"token-missing#absent.voucher", "accept#plain.voucher"} }, 403, problem, `{"title":"no","status":403}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := resultOf(t, r, "accept#plain.voucher"); got.Verdict != Fail || r.Counts[Pass] > 0 || r.ExitCode() != ExitFail || len(r.Notes) == 0 {
		t.Errorf("%+v, %v, %v", got, r.Counts, r.Notes)
	}
	for _, claim := range []string{"iss " + parties().Issuer, "aud " + parties().Audience, "purposeId", "descriptorId", "/.well-known/jwks.json"} {
		if !strings.Contains(fmt.Sprint(r.Notes), claim) {
			t.Errorf("nobody says to compare %s: %v", claim, r.Notes)
		}
	}
	r, err = judgeAnswering(t, func(c *Config) { c.Patterns = nil; c.Only = []string{"accept#plain.voucher"} }, 403, problem, `{"title":"no","status":403}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := resultOf(t, r, "accept#plain.voucher"); got.Verdict != Unsupported || r.ExitCode() != ExitUndecided {
		t.Errorf("%+v, %v", got, r.Counts)
	}
}

// TestAServiceThatCannotBeReached is no verdict.
func TestAServiceThatCannotBeReached(t *testing.T) {
	t.Parallel()
	_, err := Run(t.Context(), Config{
		Role: RoleErogatore, Target: "http://127.0.0.1:1", Patterns: []modi.Pattern{modi.PatternVoucher}, Parties: parties(), Operations: posting(), keysOf: theKeys(),
	})
	if err == nil {
		t.Error("judged")
	}
}

// TestACircumstanceLeavesCasesOut: who admits one algorithm by agreement is not failed for
// refusing the others, and without saying so is told how.
func TestACircumstanceLeavesCasesOut(t *testing.T) {
	t.Parallel()
	const id = "accept#rs384.integrity-02"
	for _, setup := range []string{"", "rs256-only", "setup:rs256-only"} {
		r, err := judgeAnswering(t, func(c *Config) {
			c.Patterns, c.Only = []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02}, []string{id, "accept#plain.integrity-02"}
			if setup != "" {
				c.Setup = []string{setup}
			}
		}, 200, nil, "{}")
		if err != nil {
			t.Fatal(err)
		}
		got := resultOf(t, r, id)
		if (got.Verdict == Skip) != (setup != "") || !strings.Contains(got.Case.Mend.IT, "--setup rs256-only") {
			t.Errorf("setup %q: %s %s", setup, got.Verdict, got.Reason.EN)
		}
	}
}

// TestEveryCircumstanceIsExplained, and has a name of its own without the prefix.
func TestEveryCircumstanceIsExplained(t *testing.T) {
	list, err := Circumstances()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range list {
		short := strings.TrimPrefix(c.Name, settingPrefix)
		if names[short] || c.About.IT == "" || c.About.EN == "" {
			t.Errorf("%+v", c)
		}
		names[short] = true
		_, known := circumstanceTexts()[c.Name]
		if !known && !strings.HasPrefix(c.Name, "hub.") {
			t.Errorf("%s is not explained", c.Name)
		}
	}
	for name := range circumstanceTexts() {
		if !names[strings.TrimPrefix(name, settingPrefix)] {
			t.Errorf("%s is about no case", name)
		}
	}
}

// TestWritesNeedPermission: without it only safe operations are called, and one that is
// not idempotent is asked about.
func TestWritesNeedPermission(t *testing.T) {
	t.Parallel()
	write := []Operation{{Method: "POST", Path: "/servizio", Body: "{}"}}
	for name, c := range map[string]struct {
		change func(*Config)
		played bool
	}{
		"not allowed":        {func(c *Config) { c.Operations = write }, false},
		"allowed, said no":   {func(c *Config) { c.Operations, c.AllowWrites, c.Confirm = write, true, says(false) }, false},
		"allowed, said yes":  {func(c *Config) { c.Operations, c.AllowWrites, c.Confirm = write, true, says(true) }, true},
		"allowed, not asked": {func(c *Config) { c.Operations, c.AllowWrites = write, true }, true},
		"safe":               {func(c *Config) { c.Operations = posting() }, true},
		"GET":                {func(c *Config) { c.Operations = []Operation{{Method: "GET", Path: "/servizio"}} }, true},
		"idempotent, no word": {func(c *Config) {
			c.Operations = []Operation{{Method: "PUT", Path: "/x", Body: "{}", Idempotent: true}}
			c.AllowWrites, c.Confirm = true, says(false)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := judgeAnswering(t, c.change, 200, nil, "{}")
			var m *Misuse
			if c.played != (err == nil) || !c.played && !errors.As(err, &m) {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
	if _, err := judgeAnswering(t, func(c *Config) {
		c.Operations, c.AllowWrites = write, true
		c.Confirm = func(context.Context, Operation) (bool, error) { return false, errors.New("nobody is there") }
	}, 200, nil, "{}"); err == nil {
		t.Error("went on although nobody could be asked")
	}
}

func says(answer bool) func(context.Context, Operation) (bool, error) {
	return func(context.Context, Operation) (bool, error) { return answer, nil }
}

// TestAnswersAreLookedAt: each defect of an answer is told by the check that is about it.
func TestAnswersAreLookedAt(t *testing.T) {
	t.Parallel()
	problem := http.Header{"Content-Type": {"application/problem+json"}}
	for name, c := range map[string]struct {
		status int
		header http.Header
		body   string
		fails  string // the check that fails; none when empty
	}{
		"good":            {401, problem, `{"type":"about:blank","title":"no","status":401}`, ""},
		"text":            {401, http.Header{"Content-Type": {"text/plain"}}, "no", "suite.answer/problem-document#refusals"},
		"JSON":            {401, http.Header{"Content-Type": {"application/json"}}, `{"title":"no"}`, "suite.answer/problem-document#refusals"},
		"not JSON":        {401, problem, "no", "suite.answer/problem-document#refusals"},
		"without a name":  {401, problem, `{"status":401}`, "suite.answer/problem-document#refusals"},
		"another status":  {401, problem, `{"title":"no","status":400}`, "suite.answer/problem-document#refusals"},
		"stack of Java":   {400, problem, `{"title":"no","detail":"java.lang.NullPointerException"}`, "suite.answer/internals-shown#all"},
		"stack of Go":     {400, problem, `{"title":"no","detail":"goroutine 7 [running]"}`, "suite.answer/internals-shown#all"},
		"SQL":             {400, problem, `{"title":"no","detail":"SELECT * FROM persone"}`, "suite.answer/internals-shown#all"},
		"private address": {400, problem, `{"title":"no","detail":"10.1.2.3 does not answer"}`, "suite.answer/internals-shown#all"},
		"version":         {401, http.Header{"Content-Type": problem["Content-Type"], "Server": {"Apache/2.4.1"}}, `{"title":"no"}`, "suite.answer/software-version#all"},
		"powered by":      {401, http.Header{"Content-Type": problem["Content-Type"], "X-Powered-By": {"PHP"}}, `{"title":"no"}`, "suite.answer/software-version#all"},
		"broken":          {500, problem, `{"title":"no","status":500}`, "suite.answer/server-error#all"},
		"not decided":     {503, http.Header{"Content-Type": problem["Content-Type"], "Retry-After": {"5"}}, `{"title":"later"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, Config{Role: RoleErogatore, Target: answering(t, c.status, c.header, c.body), Patterns: []modi.Pattern{modi.PatternVoucher}, Parties: parties(), Operations: posting()})
			p := &provider{Suite: s, known: true}
			m, err := theKeys().Build("voucher", nil)
			if err != nil {
				t.Fatal(err)
			}
			m.URL = s.config.Target
			p.exchange(t.Context(), m)
			for _, one := range s.cases {
				if area(one) != "suite.answer" {
					continue
				}
				got := s.watch.result(one).Verdict
				if want := one.ID == c.fails; (got == Fail) != want {
					t.Errorf("%s: %s", one.ID, got)
				}
			}
		})
	}
}

// TestALateAnswerIsTold with the clock of the run.
func TestALateAnswerIsTold(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := open(t, Config{
		Role: RoleErogatore, Target: answering(t, 401, nil, ""), Patterns: []modi.Pattern{modi.PatternVoucher}, Parties: parties(), Operations: posting(),
		Clock: func() time.Time { now = now.Add(4 * time.Second); return now },
	})
	m, err := theKeys().Build("voucher", nil)
	if err != nil {
		t.Fatal(err)
	}
	m.URL = s.config.Target
	s.config.Network.Late = 3 * time.Second
	(&provider{Suite: s, known: true}).exchange(t.Context(), m)
	if got := s.watch.seen["suite.answer/late#all"]; got.bad != 1 || !strings.Contains(got.found, "4s") {
		t.Errorf("%+v", got)
	}
}

// TestTheTokenOfTheRequestMustNotComeBack in a refusal.
func TestTheTokenOfTheRequestMustNotComeBack(t *testing.T) {
	m, err := theKeys().Build("voucher", nil)
	if err != nil {
		t.Fatal(err)
	}
	one := sent{message: m, answer: &answer{status: 401, body: []byte("bad token " + m.Tokens["voucher"])}}
	if got := leak(one); !strings.Contains(got, "voucher") {
		t.Error(got)
	}
	one.answer.status = 200
	if got := leak(one); got != "" {
		t.Error(got)
	}
}
