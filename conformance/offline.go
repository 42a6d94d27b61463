// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance/internal/judge"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
)

// runTokens judges messages in files, without the network. The time of the judgement is
// that of the configured clock.
func (s *Suite) runTokens(context.Context) error {
	s.report.Patterns = append(s.report.Patterns, s.config.Patterns...)
	for _, name := range s.config.Files {
		data, err := os.ReadFile(name) //nolint:gosec // the files that the user names
		if err != nil {
			return misuse("files: %s", "files: %s", fileReason(err))
		}
		if err := s.judgeFile(data); err != nil {
			return misuse("%s: %s", "%s: %s", name, unreadableMessage(err))
		}
	}
	s.conclude(func(c Case) bool {
		return slices.ContainsFunc(c.Patterns, func(p modi.Pattern) bool {
			return slices.Contains(s.config.Patterns, p) || slices.Contains(s.config.ReplyPatterns, p)
		})
	})
	return nil
}

// unreadableMessage tells a file that holds neither a message nor a token that can be judged.
func unreadableMessage(err error) Text {
	var line *message.LineError
	switch {
	case errors.As(err, &line):
		return phrase("riga %d: non è un messaggio HTTP (servono una riga come POST /percorso HTTP/1.1 o HTTP/1.1 200 OK, le intestazioni, una riga vuota e il corpo) né un token",
			"line %d: not an HTTP message (a line like POST /path HTTP/1.1 or HTTP/1.1 200 OK is needed, then fields, a blank line and the body) nor a token", line.Line)
	case errors.Is(err, message.ErrLength):
		return Text{IT: "il Content-Length non dice quanti byte ha il corpo", EN: err.Error()}
	case errors.Is(err, message.ErrEncoding):
		return Text{IT: "il testo è in UTF-16: salvarlo in UTF-8", EN: err.Error()}
	case errors.Is(err, message.ErrTooLarge):
		return Text{IT: "il corpo è troppo grande", EN: err.Error()}
	default:
		return told(err.Error())
	}
}

// judgeFile judges one message, or one token alone.
func (s *Suite) judgeFile(data []byte) error {
	policy := s.policy()
	text := strings.TrimSpace(string(data))
	if isToken(text) {
		return s.judgeToken(text, policy)
	}
	parsed, err := message.Parse(data)
	if err != nil {
		return err
	}
	m := judge.Message{
		Method: parsed.Method, URL: parsed.URL("https"), Status: parsed.Status, Header: parsed.Header(), Body: parsed.Body, At: s.config.Clock(),
	}
	e := Exchange{At: m.At.UTC()}
	if !parsed.IsRequest() {
		e.Reply = s.redact.reply(m.Status, m.Header, m.Body)
		policy.Keys = s.keys.producer
		s.watch.findings("answered", policy.Reply(m), e)
		return nil
	}
	e.Request = s.redact.request(m.Method, m.URL, m.Header, m.Body)
	if strings.HasPrefix(m.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		s.watchTokenRequest(policy, m, e)
		return nil
	}
	s.watchRequest(policy, m, e)
	if compact := credentials(m.Header); compact != "" && slices.Contains(policy.Patterns, modi.PatternVoucher) {
		s.watch.findings("issued", policy.Voucher(compact, m.At), e)
	}
	return nil
}

// credentials is the token of Authorization, under either of the schemes that carry one, in
// any case (RFC 9110 §11.1); empty when there is none.
func credentials(h http.Header) string {
	scheme, compact, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "DPoP") {
		return ""
	}
	return strings.TrimSpace(compact)
}

// judgeToken judges a token alone: the one pattern says what it is.
func (s *Suite) judgeToken(compact string, policy judge.Policy) error {
	if len(s.config.Patterns) != 1 {
		return errors.New("a token alone needs one pattern")
	}
	m := judge.Message{Header: http.Header{}, At: s.config.Clock()}
	e := Exchange{At: m.At.UTC(), Request: Wire{Start: string(s.config.Patterns[0]), Tokens: []Token{decoded("token", compact)}}}
	switch s.config.Patterns[0] {
	case modi.PatternVoucher:
		s.watch.findings("issued", policy.Voucher(compact, m.At), e)
		return nil
	case modi.PatternClientAssertion:
		m.Body = []byte(url.Values{"client_assertion": {compact}}.Encode())
		s.watch.findings("sent", policy.TokenRequest(m), e)
		return nil
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
		m.Header.Set("Agid-JWT-TrackingEvidence", compact)
	case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
		m.Header.Set("Authorization", "Bearer "+compact)
	default:
		return fmt.Errorf("a token of %s is judged with its message", s.config.Patterns[0])
	}
	s.watchRequest(policy, m, e)
	return nil
}

// policy is what the parties agreed, as far as the configuration tells.
func (s *Suite) policy() judge.Policy {
	p := s.config.Parties
	return judge.Policy{
		Patterns: s.config.Patterns, Audience: p.Audience, ReplyAudience: p.ReplyAudience, AssertionAudience: p.AssertionAudience, PurposeID: p.Purpose, Client: p.Client,
		Keys: s.keys.consumer, Platform: s.keys.platform,
	}
}

// watchRequest judges a request of a consumer.
func (s *Suite) watchRequest(policy judge.Policy, m judge.Message, e Exchange) {
	for _, f := range policy.Request(m) {
		variant := "sent"
		if strings.HasPrefix(string(f.Rule), string(modi.AreaIntegrity)) && slices.Contains(policy.Patterns, modi.PatternIntegrityREST01) {
			variant = "sent-01"
		}
		s.watch.findings(variant, []judge.Finding{f}, e)
	}
	s.watch.once("modi.integrity/replayed#sent", judge.JTI(m.Header.Get("Agid-JWT-Signature")), e)
	if slices.Contains(policy.Patterns, modi.PatternIDAuthREST02) {
		s.watch.once("modi.id-auth/replayed#sent", judge.JTI(credentials(m.Header)), e)
	}
	s.watch.once("pdnd.dpop/replayed#sent", judge.JTI(m.Header.Get("DPoP")), e)
}

// watchTokenRequest judges a request for a voucher.
func (s *Suite) watchTokenRequest(policy judge.Policy, m judge.Message, e Exchange) {
	s.watch.findings("sent", policy.TokenRequest(m), e)
	s.watch.once("pdnd.dpop/replayed#sent", judge.JTI(m.Header.Get("DPoP")), e)
}
