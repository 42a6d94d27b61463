// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/conformance/internal/judge"
)

// judgeAnswer holds an answer against the checks on answers. Nothing of it is kept but
// what a report shows. It is safe for concurrent use.
func (s *Suite) judgeAnswer(one sent) {
	status, late := one.answer.status, s.config.Network.late()
	if status >= 400 {
		ok, what := problemDocument(one.answer)
		s.watch.see("suite.answer/problem-document#refusals", ok, "application/problem+json, an object with its status", what, one.exchange)
	}
	inside := leak(one)
	s.watch.see("suite.answer/internals-shown#all", inside == "", "nothing of the inside of the service", inside, one.exchange)
	version := software(one.answer.header)
	s.watch.see("suite.answer/software-version#all", version == "", "no version", version, one.exchange)
	broken := status >= 500 && (status != http.StatusServiceUnavailable || one.answer.header.Get("Retry-After") == "")
	s.watch.see("suite.answer/server-error#all", !broken, "no 5xx, but 503 with Retry-After", fmt.Sprint(status), one.exchange)
	s.watch.see("suite.answer/late#all", one.answer.took <= late, "at most "+late.String(), one.answer.took.Round(time.Millisecond).String(), one.exchange)
}

// problemDocument tells an RFC 9457 document.
func problemDocument(a *answer) (bool, string) {
	media, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil || media != "application/problem+json" {
		return false, "Content-Type " + orDefault(a.header.Get("Content-Type"), "absent")
	}
	var problem struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status *int   `json:"status"`
	}
	if json.Unmarshal(a.body, &problem) != nil {
		return false, "a body that is not an object of JSON"
	}
	switch {
	case problem.Type == "" && problem.Title == "":
		return false, "neither type nor title"
	case problem.Status != nil && *problem.Status != a.status:
		return false, fmt.Sprintf("status %d of another answer in the body", *problem.Status)
	default:
		return true, ""
	}
}

// inside are the marks of what only those who run the service should see.
var inside = regexp.MustCompile(`(?m)goroutine \d+ \[|Traceback \(most recent call|^\s+at [\w$.]+\([\w$.]+:\d+\)|\.(go|java|py|cs|php|rb|js):\d+\b|File "[^"]+", line \d+|` +
	`Exception in thread|org\.springframework\.|java\.lang\.|SQLSTATE|ORA-\d{5}|SELECT .+ FROM |(/home|/usr|/var|/opt|/root|/tmp|C:\\)[/\\][\w.-]+|` +
	`\b(10\.\d+|192\.168|172\.(1[6-9]|2\d|3[01]))\.\d+\.\d+\b`)

// leak finds the inside of the service, or the caller's own tokens, in an answer.
func leak(s sent) string {
	if s.answer.status < 300 {
		return "" // the body is what was asked for
	}
	body := string(s.answer.body)
	if found := inside.FindString(body); found != "" {
		return "«" + firstBytes(clean(found), 60) + "»"
	}
	for place, compact := range s.message.Tokens {
		if len(compact) > 40 && strings.Contains(body, compact) {
			return "the token of the request (" + place + ")"
		}
	}
	return ""
}

var versioned = regexp.MustCompile(`/\d+(\.\d+)*`)

func software(h http.Header) string {
	if by := h.Get("X-Powered-By"); by != "" {
		return "X-Powered-By: " + by
	}
	if server := h.Get("Server"); versioned.MatchString(server) {
		return "Server: " + server
	}
	return ""
}

// judgeReply holds the signature of a good answer against the rules, when the service
// signs its answers.
func (p *provider) judgeReply(s sent) {
	if len(p.config.ReplyPatterns) == 0 || len(s.answer.body) == 0 {
		return
	}
	policy := judge.Policy{
		Patterns: p.config.ReplyPatterns, ReplyAudience: orDefault(p.config.Parties.ReplyAudience, p.world.Names["client"]), Keys: p.keys.producer,
	}
	list := policy.Reply(judge.Message{
		Method: s.message.Method, URL: s.message.URL, Status: s.answer.status, Header: s.answer.header, Body: s.answer.body,
		At: p.config.Clock(), Asked: s.message.Header.Get("Digest"),
	})
	p.watch.findings("answered", list, s.exchange)
	p.watch.once("modi.integrity/replayed#answered", judge.JTI(s.answer.header.Get("Agid-JWT-Signature")), s.exchange)
}
