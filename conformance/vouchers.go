// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
)

// errPlatform means that PDND gave no voucher: nothing is known of the service.
var errPlatform = errors.New("PDND gave no voucher")

// grant is what a token endpoint answers to a good request.
type grant struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
}

// voucherOf gives the forge genuine vouchers. One that is bound to nothing is used until
// it is near its end.
func (s *Suite) voucherOf(ctx context.Context) func(digest any, jkt string) (string, error) {
	return func(digest any, jkt string) (string, error) {
		if digest == nil && jkt == "" {
			return s.spare.take(s.config.Clock(), func() (grant, error) { return s.askVoucher(ctx, nil, "") })
		}
		g, err := s.askVoucher(ctx, digest, jkt)
		return g.AccessToken, err
	}
}

// spare is a voucher that several messages may carry. It is safe for concurrent use.
type spare struct {
	mu    sync.Mutex
	value string
	until time.Time
}

func (c *spare) take(now time.Time, ask func() (grant, error)) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.until) {
		return c.value, nil
	}
	g, err := ask()
	if err != nil {
		return "", err
	}
	c.value, c.until = g.AccessToken, now.Add(time.Duration(g.ExpiresIn)*time.Second/2)
	return c.value, nil
}

// askVoucher asks the token endpoint for a voucher.
func (s *Suite) askVoucher(ctx context.Context, digest any, jkt string) (grant, error) {
	subject := "assertion"
	if jkt != "" {
		subject = "dpop-token"
	}
	var steps []cases.Step
	if digest != nil {
		steps = append(steps, cases.Step{Do: "claim.set", Token: forge.Assertion, Name: "digest", Value: digest})
	}
	m, err := s.at(forge.Content{}).Build(subject, steps)
	if err != nil {
		return grant{}, err
	}
	got, _, err := s.send(ctx, m)
	if err != nil {
		return grant{}, fmt.Errorf("%w: %w", errPlatform, err)
	}
	g, ok := readGrant(got)
	if !ok {
		return grant{}, fmt.Errorf("%w: %d %s", errPlatform, got.status, ruleIn(got.body))
	}
	return g, nil
}

func readGrant(a *answer) (grant, bool) {
	var g grant
	ok := a.status == http.StatusOK && json.Unmarshal(a.body, &g) == nil && g.AccessToken != ""
	return g, ok
}
