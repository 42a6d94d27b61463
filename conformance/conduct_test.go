// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// TestAConsumerThatBelievesEverything: one that checks no signature of a reply fails each
// bad reply, and passes what it sends.
func TestAConsumerThatBelievesEverything(t *testing.T) {
	t.Parallel()
	s := open(t, Config{
		Role: RoleFruitore, Parties: parties(), Patterns: []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02}, ReplyPatterns: []modi.Pattern{modi.PatternIntegrityREST02},
		Keys: Keys{Consumer: file(t, "own.pem", publicPEM(t, ownKey()))}, Only: []string{"body-changed", "#sent", "accept#plain.integrity-02-response", "replayed#reply"},
		Trigger: Trigger{URL: "http://127.0.0.1:1"},
	})
	what := terms(t, s, modi.PatternVoucher, modi.PatternIntegrityREST02)
	what.Consumer = true
	s.config.Trigger.URL = serve(t, what)
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]Verdict{
		"modi.integrity/digest-mismatch#body-changed.integrity-02-response": Fail, "accept#plain.integrity-02-response": Pass,
		"modi.integrity/digest-mismatch#sent": Pass, "suite.consumer/replayed#reply": Fail,
	} {
		if got := resultOf(t, r, id); got.Verdict != want || want == Fail && len(got.Exchanges) == 0 {
			t.Errorf("%s: %s %s, want %s", id, got.Verdict, got.Reason.EN, want)
		}
	}
	if r.ExitCode() != ExitFail {
		t.Errorf("%v", r.Counts)
	}
}

// TestWithoutATriggerTheSuiteWatches until it is told to stop; what became of a reply is
// not known.
func TestWithoutATriggerTheSuiteWatches(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Role: RoleFruitore, Serve: true, Parties: parties(), Patterns: []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02}, ReplyPatterns: []modi.Pattern{modi.PatternIntegrityREST02}})
	what := terms(t, s, modi.PatternVoucher, modi.PatternIntegrityREST02)
	what.Consumer, what.ReplyPatterns = true, []modi.Pattern{modi.PatternIntegrityREST02}
	address := serve(t, what)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan *Report, 1)
	go func() {
		r, err := s.Run(ctx)
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	for deadline := time.Now().Add(10 * time.Second); s.peers.stage.Load() == nil && time.Now().Before(deadline); { // until it listens
		get204(t, s.peers.base)
	}
	resp, err := http.Post(address, "text/plain", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the consumer says %d", resp.StatusCode)
	}
	stop()
	r := <-done
	if got := resultOf(t, r, "modi.integrity/digest-mismatch#sent"); got.Verdict != Pass {
		t.Errorf("%+v", got)
	}
	if got := resultOf(t, r, "modi.integrity/digest-mismatch#body-changed.integrity-02-response"); got.Verdict != Skip || !strings.Contains(got.Reason.EN, "trigger") {
		t.Errorf("%+v", got)
	}
}

func get204(t testing.TB, base string) {
	t.Helper()
	resp, err := http.Get(base + "/altrove/")
	if err == nil {
		_ = resp.Body.Close()
	}
}

// TestAConsumerThatCannotBeTriggered is an error of the run, not a verdict on it.
func TestAConsumerThatCannotBeTriggered(t *testing.T) {
	t.Parallel()
	for name, trigger := range map[string]Trigger{
		"address": {URL: "http://127.0.0.1:1"}, "command": {Command: []string{"/nessun/comando"}},
		"call": {Call: func(context.Context) (bool, error) { return false, errors.New("nobody is there") }},
	} {
		s := open(t, Config{Role: RoleFruitore, Parties: parties(), Patterns: []modi.Pattern{modi.PatternVoucher}, Trigger: trigger})
		if _, err := s.Run(t.Context()); err == nil {
			t.Errorf("%s: judged", name)
		}
	}
}

// TestACommandTellsByItsExitCode whether the reply was accepted.
func TestACommandTellsByItsExitCode(t *testing.T) {
	for command, want := range map[string]bool{"true": true, "false": false} {
		if got, err := pullCommand(t.Context(), []string{command}); err != nil || got != want {
			t.Errorf("%s: %t, %v", command, got, err)
		}
	}
}

// TestConductIsJudgedByWhatCame during a trial.
func TestConductIsJudgedByWhatCame(t *testing.T) {
	at := func(seconds ...float64) (calls []call) {
		for _, s := range seconds {
			calls = append(calls, call{at: time.Unix(0, int64(s*1e9))})
		}
		return calls
	}
	for name, c := range map[string]struct {
		judge func(trial) (bool, string, string)
		trial trial
		want  bool
	}{
		"no voucher, no call":      {noCall, trial{}, true},
		"no voucher, a call":       {noCall, trial{calls: at(0)}, false},
		"no voucher, content":      {noCall, trial{accepted: true}, false},
		"refused":                  {refused, trial{calls: at(0)}, true},
		"believed":                 {refused, trial{calls: at(0), accepted: true}, false},
		"one attempt":              {fewAttempts, trial{calls: at(0)}, true},
		"many attempts":            {fewAttempts, trial{calls: at(0, 1, 2, 3, 4, 5)}, false},
		"stayed":                   {stayed, trial{calls: at(0)}, true},
		"followed with its tokens": {stayed, trial{calls: at(0), elsewhere: 1}, false},
		"did not come again":       {waited, trial{calls: at(0)}, true},
		"waited":                   {waited, trial{calls: at(0, 2.1)}, true},
		"did not wait":             {waited, trial{calls: at(0, 0.5)}, false},
	} {
		if got, _, _ := c.judge(c.trial); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestNobodyPlaysBetweenRuns: the suite answers that it is not there.
func TestNobodyPlaysBetweenRuns(t *testing.T) {
	s := open(t, Config{Role: RoleErogatore, Target: "http://127.0.0.1:1", Operations: posting(), Parties: parties()})
	resp, err := http.Get(s.peers.base + "/eservice/x")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Error(resp.StatusCode)
	}
	resp, err = http.Get(s.peers.base + "/keys/nessuna")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Error(resp.StatusCode)
	}
}

// TestAnAddressThatIsTaken is wrong use.
func TestAnAddressThatIsTaken(t *testing.T) {
	s := open(t, Config{Role: RoleErogatore, Target: "http://127.0.0.1:1", Operations: posting(), Parties: parties()})
	taken := strings.TrimPrefix(s.peers.base, "http://")
	var m *Misuse
	if _, err := Open(t.Context(), Config{
		Role: RoleErogatore, Target: "http://127.0.0.1:1", Operations: posting(), Parties: parties(), Platform: Platform{Listen: taken}, keysOf: theKeys(),
	}); !errors.As(err, &m) {
		t.Error(err)
	}
}

// TestAConsumerWithoutADeadline goes on waiting where no answer comes, and fails the check
// that is about it; the suite itself does not wait with it.
func TestAConsumerWithoutADeadline(t *testing.T) {
	t.Parallel()
	s := open(t, Config{
		Role: RoleFruitore, Parties: parties(), Patterns: []modi.Pattern{modi.PatternVoucher}, Only: []string{lateCheck},
		Trigger: Trigger{URL: "http://127.0.0.1:1", Timeout: 2 * time.Second},
	})
	what := terms(t, s, modi.PatternVoucher)
	what.Consumer, what.Patient = true, true
	s.config.Trigger.URL = serve(t, what)
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := resultOf(t, r, lateCheck); got.Verdict != Fail || got.Found.EN != "still waiting" || got.Expected.EN != "an error within 2s" || len(got.Exchanges) != 1 {
		t.Errorf("%+v %v", got, r.Notes)
	}
}

// TestATriggerThatIsBrokenOffSaysNothing: the suite ended the call, so nobody refused.
func TestATriggerThatIsBrokenOffSaysNothing(t *testing.T) {
	t.Parallel()
	for name, trigger := range map[string]Trigger{
		"command": {Command: []string{"sleep", "60"}},
		"call":    {Call: func(ctx context.Context) (bool, error) { <-ctx.Done(); return false, nil }},
	} {
		trigger.Timeout = 20 * time.Millisecond
		c := &consumer{Suite: &Suite{config: Config{Trigger: trigger}}}
		if accepted, err := c.pull(t.Context()); accepted || !errors.Is(err, errStillWaiting) {
			t.Errorf("%s: %t, %v", name, accepted, err)
		}
	}
}

// TestAReplySentAgainIsThatOfTheCase: it carries the proof that the case is about, and
// where the consumer does not accept it even once, its second refusal says nothing.
func TestAReplySentAgainIsThatOfTheCase(t *testing.T) {
	t.Parallel()
	const id = "modi.id-auth/replayed#second-time.id-auth-02-response"
	for name, c := range map[string]struct {
		accepts func(http.Header) bool
		want    Verdict
	}{
		"believes everything": {func(http.Header) bool { return true }, Fail},
		"wants a signature":   {func(h http.Header) bool { return h.Get("Agid-JWT-Signature") != "" }, Skip},
	} {
		s := open(t, Config{
			Role: RoleFruitore, Parties: parties(), Patterns: []modi.Pattern{modi.PatternVoucher}, Only: []string{id},
			ReplyPatterns: []modi.Pattern{modi.PatternIDAuthREST02, modi.PatternIntegrityREST02}, Trigger: Trigger{URL: "http://127.0.0.1:1"},
		})
		var last http.Header
		s.config.Trigger.Call = func(ctx context.Context) (bool, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.peers.base+"/eservice/x", http.NoBody)
			if err != nil {
				return false, err
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return false, err
			}
			last = resp.Header
			return c.accepts(resp.Header), resp.Body.Close()
		}
		r, err := s.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := resultOf(t, r, id); got.Verdict != c.want || last.Get("Agid-JWT-Signature") != "" {
			t.Errorf("%s: %s %s, %v", name, got.Verdict, got.Reason.EN, last)
		}
	}
}
