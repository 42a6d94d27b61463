// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/snodo-pa/snodo/mocks/faults"
)

// overTCP asks for a voucher over the network and returns the status and the body.
func (w *testWorld) overTCP() (int, http.Header, string, error) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.Profile().TokenURL, strings.NewReader(form(w.assertion(w.claims())).Encode()))
	must(w.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(body), err
}

func TestFaultsOfTheTokenEndpoint(t *testing.T) {
	w := startedWorld(t)
	for name, c := range map[string]struct {
		fault  faults.Fault
		status int
		want   string // in the body
	}{
		"503":          {faults.Fault{Kind: faults.Status, Status: 503, RetryAfter: "3"}, 503, "Service Unavailable"},
		"500":          {faults.Fault{Kind: faults.Status}, 500, "Internal Server Error"},
		"HTML":         {faults.Fault{Kind: faults.HTML}, 200, "<html>"},
		"429":          {faults.Fault{Kind: faults.Throttle}, 429, "Too Many Requests"},
		"masked":       {faults.Fault{Kind: faults.Masked}, 400, "015-0008"},
		"late":         {faults.Fault{Kind: faults.Delay, DelayMS: 1}, 200, "access_token"},
		"another path": {faults.Fault{Kind: faults.Status, Path: "jwks"}, 200, "access_token"},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, w.SetFaults(c.fault))
			status, header, body, err := w.overTCP()
			if err != nil || status != c.status || !strings.Contains(body, c.want) || header.Get("Retry-After") != c.fault.RetryAfter {
				t.Errorf("%d %s %v", status, body, err)
			}
		})
	}
	must(t, w.SetFaults(faults.Fault{Kind: faults.Cut}))
	if _, _, _, err := w.overTCP(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %v", err)
	}
}

func TestStoppedPlatformKeepsItsRegistry(t *testing.T) {
	w := startedWorld(t)
	if status, _, _, err := w.overTCP(); err != nil || status != http.StatusOK {
		t.Fatalf("%d %v", status, err)
	}
	before := w.Profile()
	must(t, w.Stop())
	if _, _, _, err := w.overTCP(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("stopped: %v", err)
	}
	must(t, w.Restart(t.Context()))
	if status, _, _, err := w.overTCP(); err != nil || status != http.StatusOK {
		t.Errorf("restarted: %d %v", status, err)
	}
	if w.Profile() != before {
		t.Errorf("the profile changed from %+v to %+v", before, w.Profile())
	}
}

func TestOnlyTheListedOperationsExist(t *testing.T) {
	w := newWorldForTest(t, Options{})
	for path, want := range map[string]int{
		"/":                        http.StatusNotFound,
		"/token.oauth2":            http.StatusMethodNotAllowed,
		"/token.oauth2.async":      http.StatusMethodNotAllowed,
		"/v3/keys/" + w.kid:        http.StatusBadRequest, // it wants a DPoP voucher
		"/v3/nothing":              http.StatusNotFound,
		"/v4/keys/" + w.kid:        http.StatusNotFound,
		"/_mock/clients/x/keys":    http.StatusMethodNotAllowed,
		"/.well-known/jwks.json":   http.StatusOK,
		"/v2/keys/" + w.kid + "/x": http.StatusNotFound,
	} {
		if a := w.get(path); a.status != want {
			t.Errorf("GET %s: %d, expected %d", path, a.status, want)
		}
	}
}
