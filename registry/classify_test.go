// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func govwayBody(status int, title string) string {
	return fmt.Sprintf(`{"type":"https://govway.org/handling-errors/%d/%s.html","title":%q,"status":%d,"detail":"generic, maybe BNCMRC85C12D612V","govway_id":"b1c9a1e0-0000-11f1-9d2a-005056a3f0aa"}`, status, title, title, status)
}

func TestClassifyByStatus(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   error // nil = success
		code   string
	}{
		"200":                             {200, `{}`, nil, ""},
		"202":                             {202, ``, nil, ""},
		"204":                             {204, ``, nil, ""},
		"302 is never followed":           {302, ``, ErrBadReply, ""},
		"100":                             {100, ``, ErrBadReply, ""},
		"400":                             {400, `{}`, ErrInvalid, ""},
		"401":                             {401, ``, ErrSignature, ""},
		"403":                             {403, ``, ErrDenied, ""},
		"404 of the registry":             {404, `{"status":"404","type":"NOT_FOUND"}`, ErrNotFound, ""},
		"404 page":                        {404, "<html><body>GovWay-OP20000-9999</body></html>", ErrUnavailable, ""},
		"404 of the gateway":              {404, govwayBody(404, "NotFound"), ErrUnavailable, "NotFound"},
		"408":                             {408, ``, ErrUnavailable, ""},
		"409":                             {409, ``, ErrInvalid, ""},
		"413":                             {413, ``, ErrInvalid, ""},
		"422":                             {422, ``, ErrInvalid, ""},
		"425":                             {425, ``, ErrNotReady, ""},
		"429":                             {429, ``, ErrThrottled, ""},
		"500":                             {500, ``, ErrUnavailable, ""},
		"502 page":                        {502, "<html>", ErrUnavailable, ""},
		"503":                             {503, ``, ErrUnavailable, ""},
		"504":                             {504, ``, ErrUnavailable, ""},
		"gateway: profile broken":         {400, govwayBody(400, "InteroperabilityInvalidRequest"), ErrSignature, "InteroperabilityInvalidRequest"},
		"gateway: token":                  {401, govwayBody(401, "TokenAuthenticationFailed"), ErrSignature, "TokenAuthenticationFailed"},
		"gateway: jti seen":               {409, govwayBody(409, "Conflict"), ErrSignature, "Conflict"},
		"gateway: denied":                 {403, govwayBody(403, "AuthorizationDeny"), ErrDenied, "AuthorizationDeny"},
		"gateway: claims denied":          {403, govwayBody(403, "AuthorizationTokenDeny"), ErrDenied, "AuthorizationTokenDeny"},
		"gateway: quota":                  {429, govwayBody(429, "LimitExceeded"), ErrThrottled, "LimitExceeded"},
		"gateway: too many":               {429, govwayBody(429, "TooManyRequests"), ErrThrottled, "TooManyRequests"},
		"gateway: service down":           {503, govwayBody(503, "APIUnavailable"), ErrUnavailable, "APIUnavailable"},
		"gateway: content":                {400, govwayBody(400, "InvalidRequestContent"), ErrInvalid, "InvalidRequestContent"},
		"gateway: title with a person in": {400, govwayBody(400, "Mario Rossi, nato a Roma"), ErrInvalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := ClassifyByStatus(Reply{Status: c.status, Header: http.Header{}, Body: []byte(c.body), RegistryID: "from-header"})
			if c.want == nil {
				if err != nil {
					t.Errorf("a success is the error %v", err)
				}
				return
			}
			var f *Fault
			if !errors.As(err, &f) || !errors.Is(err, c.want) {
				t.Fatalf("error is %v, want %v", err, c.want)
			}
			if f.Status != c.status || f.Code != c.code || f.RegistryID == "" || f.Text.IT == "" || f.Text.EN == "" {
				t.Errorf("fault is %+v", f)
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, f), "BNCMRC") {
				t.Error("the fault quotes the body")
			}
		})
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		value, date string
		now         time.Time
		want        time.Duration
	}{
		"absent":                      {"", "", now, 0},
		"seconds":                     {"120", "", now, 2 * time.Minute},
		"seconds with blanks":         {" 5 ", "", now, 5 * time.Second},
		"zero":                        {"0", "", now, 0},
		"negative":                    {"-5", "", now, 0},
		"fraction":                    {"1.5", "", now, 0},
		"longer than a day":           {"86401", "", now, 24 * time.Hour},
		"overflow":                    {"9223372036854775807", "", now, 24 * time.Hour},
		"beyond any integer":          {"99999999999999999999999", "", now, 24 * time.Hour},
		"date":                        {"Mon, 12 Oct 2026 09:00:30 GMT", "", now, 30 * time.Second},
		"date, RFC 850":               {"Monday, 12-Oct-26 09:00:30 GMT", "", now, 30 * time.Second},
		"date, asctime":               {"Mon Oct 12 09:00:30 2026", "", now, 30 * time.Second},
		"date in the past":            {"Mon, 12 Oct 2026 08:00:00 GMT", "", now, 0},
		"date far ahead":              {"Mon, 12 Oct 2099 08:00:00 GMT", "", now, 24 * time.Hour},
		"date, by the peer's clock":   {"Mon, 12 Oct 2026 10:00:30 GMT", "Mon, 12 Oct 2026 10:00:00 GMT", now, 30 * time.Second},
		"date, no clock at all":       {"Mon, 12 Oct 2026 09:00:30 GMT", "", time.Time{}, 0},
		"date, unreadable Date field": {"Mon, 12 Oct 2026 09:00:30 GMT", "today", now, 30 * time.Second},
		"text":                        {"soon", "", now, 0},
	} {
		h := http.Header{}
		if c.value != "" {
			h.Set("Retry-After", c.value)
		}
		if c.date != "" {
			h.Set("Date", c.date)
		}
		if got := ParseRetryAfter(h, c.now); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestRetryAfterReachesTheFault(t *testing.T) {
	now := time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC)
	for _, value := range []string{"42", "Mon, 12 Oct 2026 09:00:42 GMT"} {
		err := ClassifyByStatus(Reply{Status: 429, Header: http.Header{"Retry-After": {value}}, Received: now})
		var f *Fault
		if !errors.As(err, &f) || f.RetryAfter != 42*time.Second {
			t.Errorf("Retry-After %q gives %+v", value, f)
		}
	}
}

func TestSafeWord(t *testing.T) {
	for in, want := range map[string]string{
		"59913377": "59913377", "EN122": "EN122", "b1c9a1e0-0000-11f1-9d2a-005056a3f0aa": "b1c9a1e0-0000-11f1-9d2a-005056a3f0aa",
		"BNCMRC85C12D612V":      "", // an invented person
		"err.bncmrc85c12d612v":  "",
		"BNCMRC85C12D612W":      "BNCMRC85C12D612W", // no such code
		"07000001235":           "07000001235",      // an id may look like a code of an organisation
		"":                      "",
		"two words":             "",
		"<script>":              "",
		"line\nbreak":           "",
		strings.Repeat("a", 65): "",
	} {
		if got := SafeWord(in); got != want {
			t.Errorf("SafeWord(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFaultNamesWhatTheHelpDeskAsks(t *testing.T) {
	cause := errors.New("cause")
	f := &Fault{Kind: ErrDenied, Service: "anpr-c020", Status: 403, Code: "AuthorizationDeny", RegistryID: "id-1", Err: cause}
	if got, want := f.Error(), "anpr-c020: not authorised by the registry (HTTP 403) [AuthorizationDeny] id id-1"; got != want {
		t.Errorf("error is %q, want %q", got, want)
	}
	if !errors.Is(f, ErrDenied) || !errors.Is(f, cause) || errors.Is(f, ErrNotFound) {
		t.Error("a fault is its kind and its cause, and nothing else")
	}
	if got := (&Fault{Kind: ErrNotFound}).Error(); got != "record not found" {
		t.Errorf("error is %q", got)
	}
}

// FuzzClassifyByStatus: an answer is a success exactly when its status says so.
func FuzzClassifyByStatus(f *testing.F) {
	f.Add(200, []byte(`{}`), "", "")
	f.Add(404, []byte(govwayBody(404, "NotFound")), "application/problem+json", "1")
	f.Add(503, []byte("<html>"), "text/html", "Mon, 12 Oct 2026 09:00:30 GMT")
	f.Fuzz(func(t *testing.T, status int, body []byte, contentType, retryAfter string) {
		h := http.Header{"Content-Type": {contentType}, "Retry-After": {retryAfter}}
		err := ClassifyByStatus(Reply{Status: status, Header: h, Body: body})
		var fault *Fault
		if ok := status >= 200 && status < 300; ok != (err == nil) {
			t.Fatalf("status %d gives %v", status, err)
		} else if !ok && (!errors.As(err, &fault) || fault.Kind == nil || fault.RetryAfter < 0 || fault.RetryAfter > MaxRetryAfter) {
			t.Fatalf("fault is %+v", fault)
		}
	})
}
