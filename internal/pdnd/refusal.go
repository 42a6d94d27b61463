// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/registry"
)

// maskedCode is how PDND refuses every fault of a client alike.
const maskedCode = "015-0008"

// refuse maps a reply of the token endpoint other than 200.
func (p *Platform) refuse(resp *outbound.Response, r VoucherRequest) error {
	problem := readProblem(resp)
	fault := &registry.Fault{Status: resp.Status, Code: problem.code, RegistryID: problem.correlationID}
	switch {
	case resp.Status == http.StatusTooManyRequests:
		fault.Kind = registry.ErrThrottled
		fault.Text = textThrottled(resp.Header)
		return p.hold(r.Client.throttleKey("token"), fault, resp.Header)
	case resp.Status == http.StatusBadRequest && problem.code == maskedCode:
		fault.Kind = registry.ErrConfig
		fault.Text = textMasked(p.profile.Name, r)
	case resp.Status >= 400 && resp.Status < 500 && resp.Status != http.StatusRequestTimeout:
		fault.Kind = registry.ErrConfig
		fault.Text = textRefused()
	default:
		fault.Kind = registry.ErrPDND
		fault.Text = textNoAnswer()
		fault.RetryAfter = registry.ParseRetryAfter(resp.Header, p.clock())
	}
	return fault
}

// noAnswer maps a failed exchange.
func noAnswer(err error) error {
	if outbound.ReasonOf(err).Local() {
		return &registry.Fault{Kind: registry.ErrSettings, Text: textSettings(err), Err: err}
	}
	return &registry.Fault{Kind: registry.ErrPDND, Text: textNoAnswer(), Err: err}
}

// throttledFor reads how long PDND wants us to wait. Its 429 has no Retry-After: the
// interval of its limit, in milliseconds, says when there is room again.
func throttledFor(h http.Header, now time.Time) time.Duration {
	if d := registry.ParseRetryAfter(h, now); d > 0 {
		return d
	}
	ms, err := strconv.ParseUint(strings.TrimSpace(h.Get("X-Rate-Limit-Interval")), 10, 31)
	if err != nil || ms == 0 {
		return time.Second
	}
	return min(time.Duration(ms)*time.Millisecond, time.Hour)
}

// problem is what a PDND error says in words that are safe to show.
type problem struct {
	code          string // "" when the reply is none of PDND's
	detail        string // the platform's words, cut; only for APIError
	correlationID string
}

// maxDetail bounds what is kept of the platform's words.
const maxDetail = 300

// readProblem reads PDND's error document, which it sends as application/json. The detail
// may quote the request: APIError keeps it apart from its own words.
func readProblem(resp *outbound.Response) problem {
	var wire struct {
		CorrelationID string `json:"correlationId"`
		Errors        []struct {
			Code   string `json:"code"`
			Detail string `json:"detail"`
		} `json:"errors"`
	}
	out := problem{correlationID: registry.SafeWord(resp.Header.Get("X-Correlation-Id"))}
	if json.Unmarshal(resp.Body, &wire) != nil {
		return out
	}
	if id := registry.SafeWord(wire.CorrelationID); id != "" {
		out.correlationID = id
	}
	if len(wire.Errors) > 0 && validCode(wire.Errors[0].Code) {
		out.code, out.detail = wire.Errors[0].Code, printable(wire.Errors[0].Detail)
	}
	return out
}

// printable cuts a text and replaces what no terminal should be given.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) > maxDetail {
		s = strings.ToValidUTF8(s[:maxDetail], "") + "…"
	}
	return strings.TrimSpace(s)
}

// validCode tells whether s has the form of a PDND error code: three digits, a dash, and
// four digits; the common codes have five, and one of the catalogue's (001-007) has three.
func validCode(s string) bool {
	service, number, ok := strings.Cut(s, "-")
	return ok && len(service) == 3 && len(number) >= 3 && len(number) <= 5 &&
		strings.Trim(service+number, "0123456789") == ""
}

func rateLimit(h http.Header) string {
	limit := registry.SafeWord(h.Get("X-Rate-Limit-Limit"))
	interval := registry.SafeWord(h.Get("X-Rate-Limit-Interval"))
	if limit == "" || interval == "" {
		return ""
	}
	return fmt.Sprintf(" (%s / %s ms)", limit, interval)
}
