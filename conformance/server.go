// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/conformance/internal/judge"
	"github.com/snodo-pa/snodo/modi"
)

// issuer is a token endpoint under test.
type issuer struct {
	*Suite
	dpop bool // it issues vouchers bound to a key
	good bool // it grants the good request: else its answers are to somebody whom it does not know
}

// runServer plays the token requests of the table against a token endpoint.
func (s *Suite) runServer(ctx context.Context) error {
	i := &issuer{Suite: s}
	if err := i.greet(ctx); err != nil {
		return err
	}
	s.report.Patterns = append(s.report.Patterns, modi.PatternClientAssertion)
	if i.dpop {
		s.report.Patterns = append(s.report.Patterns, modi.PatternDPoP)
	}
	for _, c := range s.cases {
		if c.table != nil && s.wanted(c) {
			s.tell(i.play(ctx, c))
		}
	}
	if i.good {
		i.forms(ctx)
		i.bound(ctx)
	}
	s.conclude(func(Case) bool { return true })
	return nil
}

// ask sends a token request.
func (i *issuer) ask(ctx context.Context, subject string, steps []cases.Step, change func(*forge.Message)) (sent, error) {
	m, err := i.at(forge.Content{}).Build(subject, steps)
	if err != nil {
		return sent{}, err
	}
	if change != nil {
		change(m)
	}
	got, e, err := i.send(ctx, m)
	one := sent{m, got, e, err}
	if err == nil && i.good {
		i.judgeAnswer(one)
	}
	return one, nil
}

// greet asks for a voucher, and for one bound to a key: whether it issues those is
// learnt, unless it is declared.
func (i *issuer) greet(ctx context.Context) error {
	plain, err := i.ask(ctx, "assertion", nil, nil)
	if err == nil {
		err = plain.err
	}
	if err != nil {
		return fmt.Errorf("%s: %w", addressOnly(i.config.Target), err)
	}
	if plain.answer.status != http.StatusOK {
		i.note("il server rifiuta la richiesta buona: %d %s", "the server refuses the good request: %d %s", plain.answer.status, ruleIn(plain.answer.body))
		return nil
	}
	i.good = true
	i.judgeAnswer(plain)
	i.granted(plain, false)
	proved, err := i.ask(ctx, "dpop-token", nil, nil)
	if err != nil || proved.err != nil {
		return nil //nolint:nilerr // it does not issue bound vouchers, as it seems
	}
	g, ok := readGrant(proved.answer)
	i.dpop = slices.Contains(i.config.Patterns, modi.PatternDPoP) || ok && strings.EqualFold(g.TokenType, "DPoP")
	if i.dpop && ok {
		i.granted(proved, true)
	}
	return nil
}

// granted judges a good answer and the voucher in it.
func (i *issuer) granted(s sent, bound bool) {
	g, ok := readGrant(s.answer)
	media, _, err := mime.ParseMediaType(s.answer.header.Get("Content-Type"))
	shaped := ok && err == nil && media == "application/json" && g.TokenType != "" && g.ExpiresIn > 0
	i.watch.see("suite.server/token-response#shape", shaped, "JSON with access_token, token_type and expires_in", "another form", s.exchange)
	if !ok {
		return
	}
	policy := judge.Policy{Audience: i.config.Parties.Audience, Platform: i.keys.platform}
	i.watch.findings("issued", policy.Voucher(g.AccessToken, i.config.Clock()), s.exchange)

	claims := claimsOf(g.AccessToken)
	iat, _ := claims["iat"].(float64)
	exp, _ := claims["exp"].(float64)
	life := int(exp - iat)
	i.watch.see("suite.server/lifetime#expires-in", life == g.ExpiresIn && life >= 60 && life <= 86400,
		"exp-iat, from 60 to 86400", fmt.Sprintf("expires_in %d, exp-iat %d", g.ExpiresIn, life), s.exchange)
	if !bound {
		return
	}
	confirmed, _ := claims["cnf"].(map[string]any)
	key, err := i.world.Key("dpop")
	i.watch.see("suite.server/bound#dpop", err == nil && confirmed["jkt"] == key.KID && strings.EqualFold(g.TokenType, "DPoP"),
		"cnf.jkt of the key of the proof, token_type DPoP", "token_type "+g.TokenType, s.exchange)
}

// claimsOf reads the claims of a token that was judged already.
func claimsOf(compact string) map[string]any {
	var claims map[string]any
	parts := strings.Split(compact, ".")
	if len(parts) == 3 {
		raw, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err == nil {
			_ = json.Unmarshal(raw, &claims) // without claims nothing is found in them
		}
	}
	return claims
}

func (i *issuer) play(ctx context.Context, c Case) Result {
	r := Result{Case: c}
	if !i.dpop && slices.Contains(c.Patterns, modi.PatternDPoP) {
		r.Verdict = Unsupported
		r.Reason = Text{IT: "il server non rilascia voucher legati a una chiave", EN: "the server issues no vouchers bound to a key"}
		return r
	}
	if !i.good {
		return r.skip("il server rifiuta anche la richiesta buona: un rifiuto non dice nulla", "the server refuses the good request as well: a refusal says nothing")
	}
	if len(c.Needs) > 0 || len(c.table.Steps) == 0 && c.table.Layer == cases.LayerGateway {
		return r.skip("riguarda l'impostazione di chi chiede, non il server", "it is about the settings of who asks, not about the server")
	}
	s, err := i.ask(ctx, c.Subject, c.table.Steps, nil)
	if err != nil {
		return r.skip("il messaggio non si può costruire: "+err.Error(), "the message cannot be built: "+err.Error())
	}
	p := &provider{Suite: i.Suite}
	r = p.judge(r, s)
	return r
}

// forms sends forms that are not what the endpoint wants.
func (i *issuer) forms(ctx context.Context) {
	change := func(edit func(url.Values)) func(*forge.Message) {
		return func(m *forge.Message) {
			form, err := url.ParseQuery(string(m.Body))
			if err == nil {
				edit(form)
				m.Body = []byte(form.Encode())
			}
		}
	}
	for id, edit := range map[string]func(*forge.Message){
		"suite.server/unknown-parameter#extra":          change(func(f url.Values) { f.Set("scope", "tutto") }),
		"suite.server/parameter-missing#assertion":      change(func(f url.Values) { f.Del("client_assertion") }),
		"suite.server/parameter-invalid#assertion-type": change(func(f url.Values) { f.Set("client_assertion_type", "urn:altro") }),
		"suite.server/parameter-invalid#grant-type":     change(func(f url.Values) { f.Set("grant_type", "password") }),
		"suite.server/method#get": func(m *forge.Message) {
			m.Method, m.URL, m.Body = http.MethodGet, m.URL+"?"+string(m.Body), nil
		},
	} {
		s, err := i.ask(ctx, "assertion", nil, edit)
		if err != nil || s.err != nil {
			continue // never judged, so skipped
		}
		i.watch.see(id, s.answer.status >= 400 && s.answer.status < 500, "4xx", fmt.Sprint(s.answer.status), s.exchange)
	}
}

// bound asks for a voucher that is bound to an evidence.
func (i *issuer) bound(ctx context.Context) {
	sum := sha256.Sum256([]byte("evidenza"))
	digest := map[string]any{"alg": "SHA256", "value": hex.EncodeToString(sum[:])}
	s, err := i.ask(ctx, "assertion", []cases.Step{{Do: "claim.set", Name: "digest", Value: digest}}, nil)
	if err != nil || s.err != nil {
		return
	}
	g, ok := readGrant(s.answer)
	got, _ := claimsOf(g.AccessToken)["digest"].(map[string]any)
	i.watch.see("suite.server/bound#digest", ok && got["alg"] == "SHA256" && got["value"] == digest["value"], "the digest of the assertion", fmt.Sprint(s.answer.status), s.exchange)
}
