// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	"github.com/snodo-pa/snodo/registry"
)

// add publishes an e-service.
func add(t *testing.T, w *pdndtest.World, n int) {
	t.Helper()
	id := fmt.Sprintf("40000000-0000-4000-8000-%012d", n)
	for _, err := range []error{
		w.Mock.AddEservice(platform.Eservice{ID: id, ProducerID: pdndtest.MinisteroID, Name: fmt.Sprint("numero ", n), Description: "Uno di molti"}),
		w.Mock.AddDescriptor(platform.Descriptor{
			ID: fmt.Sprintf("50000000-0000-4000-8000-%012d", n), EserviceID: id, Audience: []string{"a"}, VoucherLifespan: 60,
		}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestFaultsOfThePlatform: everything but PDND's own signed words is a "don't know", and
// says which.
func TestFaultsOfThePlatform(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault faults.Fault
		want  error
		rule  string
	}{
		{"RejectsUnsignedReply", faults.Fault{Kind: faults.Unsigned}, registry.ErrBadReply, "modi.integrity/token-missing"},
		{"RejectsBadSignature", faults.Fault{Kind: faults.BadSignature}, registry.ErrBadReply, "modi.integrity/signature-invalid"},
		{"RejectsWrongDigest", faults.Fault{Kind: faults.WrongDigest}, registry.ErrBadReply, "modi.integrity/digest-mismatch"},
		{"RejectsPageOfAProxy", faults.Fault{Kind: faults.HTML, Status: 200}, registry.ErrBadReply, "modi.integrity/token-missing"},
		{"500", faults.Fault{Kind: faults.Status, Status: 500}, registry.ErrPDND, ""},
		{"EmptyError", faults.Fault{Kind: faults.Empty, Status: 503}, registry.ErrPDND, ""},
		{"CutShort", faults.Fault{Kind: faults.Cut}, registry.ErrPDND, ""},
		{"Down", faults.Fault{Kind: faults.Down}, registry.ErrPDND, ""},
		{"Throttled", faults.Fault{Kind: faults.Throttle}, registry.ErrThrottled, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := pdndtest.New(t, mock.Options{})
			test.fault.Path = "/v3/"
			if err := w.Mock.SetFaults(test.fault); err != nil {
				t.Fatal(err)
			}
			_, err := api.New(w.Platform, w.Reader()).Eservice(t.Context(), pdndtest.EserviceID)
			var fault *registry.Fault
			if !errors.As(err, &fault) || !errors.Is(fault.Kind, test.want) || errors.Is(err, api.ErrRefused) {
				t.Fatalf("error %v", err)
			}
			if test.rule != "" && (len(fault.Violations) == 0 || string(fault.Violations[0].Rule) != test.rule) {
				t.Errorf("violations %v, want %s", fault.Violations, test.rule)
			}
			if errors.Is(test.want, registry.ErrThrottled) && fault.RetryAfter <= 0 {
				t.Error("throttled without an end")
			}
		})
	}
}

// TestErrorsAreSignedToo: a "no" that PDND did not sign is no "no".
func TestErrorsAreSignedToo(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	c := api.New(w.Platform, w.Reader())
	_, err := c.Eservice(t.Context(), unknown)
	var no *api.Error
	if !errors.As(err, &no) || !errors.Is(err, api.ErrNotFound) || no.Code == "" || no.CorrelationID == "" || no.Detail == "" {
		t.Fatalf("error %v", err)
	}
	if strings.Contains(no.Error(), no.Detail) || strings.Contains(no.Error(), unknown) || !no.Has("x", no.Code) || no.Has("000-0000") {
		t.Errorf("text %q, code %s", no, no.Code)
	}
	if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Unsigned, Path: "/v3/"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Eservice(t.Context(), unknown); !errors.Is(err, registry.ErrBadReply) {
		t.Errorf("believed: %v", err)
	}
}

// TestReadIsRepeatedOnce: after a lost connection, with a proof of its own.
func TestReadIsRepeatedOnce(t *testing.T) {
	for _, kind := range []faults.Kind{faults.Cut, faults.Down, faults.Status} {
		w := pdndtest.New(t, mock.Options{})
		if err := w.Mock.SetFaults(faults.Fault{Kind: kind, Path: "/v3/", Times: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := api.New(w.Platform, w.Reader()).Eservice(t.Context(), pdndtest.EserviceID); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// Test429HoldsTheWholeEnte: without Retry-After too, and no request is made meanwhile.
func Test429HoldsTheWholeEnte(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Throttle, Path: "/v3/", Times: 1}); err != nil {
		t.Fatal(err)
	}
	c := api.New(w.Platform, w.Reader())
	_, err := c.Eservice(t.Context(), pdndtest.EserviceID)
	if !errors.Is(err, registry.ErrThrottled) {
		t.Fatal(err)
	}
	asked := len(w.Mock.Requests())
	if _, err := c.Eservice(t.Context(), pdndtest.EserviceID); !errors.Is(err, registry.ErrThrottled) {
		t.Fatal(err)
	}
	if n := len(w.Mock.Requests()); n != asked {
		t.Errorf("%d requests while held", n-asked)
	}
}

// TestSlowsDownByTheHeadersOfTheAPI: the client never meets the limit that it is told of.
func TestSlowsDownByTheHeadersOfTheAPI(t *testing.T) {
	var paused atomic.Int64
	w := pdndtest.New(t, mock.Options{RateLimit: 5, RateInterval: 50 * time.Millisecond}, func(o *pdnd.Options) {
		o.Pause = func(ctx context.Context, d time.Duration) error {
			paused.Add(1)
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	c := api.New(w.Platform, w.Reader())
	for range 30 {
		if _, err := c.Eservice(t.Context(), pdndtest.EserviceID); err != nil {
			t.Fatal(err)
		}
	}
	if paused.Load() == 0 {
		t.Error("never slowed down: the limit was not met at all")
	}
}

// TestVoucherThatTheAPIRefusesIsReplacedOnce: the voucher may have been revoked by a new
// signing key of the platform, or by a clock.
func TestVoucherThatTheAPIRefusesIsReplacedOnce(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	c := api.New(w.Platform, w.Reader())
	if _, err := c.Eservice(t.Context(), pdndtest.EserviceID); err != nil {
		t.Fatal(err)
	}
	if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Status, Status: 401, Path: "/v3/", Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Eservice(t.Context(), pdndtest.EserviceID); err != nil {
		t.Error(err)
	}
}

// TestKeyWithoutAVoucherIsAConfigurationFault: the masked 400 of the token endpoint.
func TestKeyWithoutAVoucherIsAConfigurationFault(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	credentials := w.Reader()
	credentials.Key = pdndtest.NewRSA()
	if _, err := api.New(w.Platform, credentials).Eservice(t.Context(), pdndtest.EserviceID); !errors.Is(err, registry.ErrConfig) {
		t.Error(err)
	}
}

// shifting changes the list between two pages.
type shifting struct {
	*outbound.Client

	pages  atomic.Int64
	change func(page int64)
}

func (s *shifting) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	if strings.HasPrefix(req.URL.RawQuery, "limit=50") {
		s.change(s.pages.Add(1))
	}
	return s.Client.Do(ctx, req, x)
}

// TestListThatShiftsIsReadAgain: what moves between two pages is neither missed nor told
// twice; a list that never stands still is a "don't know".
func TestListThatShiftsIsReadAgain(t *testing.T) {
	for name, always := range map[string]bool{"once": false, "always": true} {
		t.Run(name, func(t *testing.T) {
			w := pdndtest.New(t, mock.Options{})
			for n := range 120 {
				add(t, w, n)
			}
			s := &shifting{Client: w.HTTP}
			s.change = func(page int64) {
				if page == 2 || always && page > 1 {
					add(t, w, 1000+int(page))
				}
			}
			credentials := w.Reader()
			credentials.HTTP = s
			got, err := api.New(w.Platform, credentials).Eservices(t.Context(), api.EserviceFilter{Name: "numero"})
			if always {
				if !errors.Is(err, registry.ErrPDND) {
					t.Errorf("%d e-services, %v", len(got), err)
				}
				return
			}
			if err != nil || len(got) != 121 {
				t.Errorf("%d e-services, %v", len(got), err)
			}
		})
	}
}
