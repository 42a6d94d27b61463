// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// Production times of client assertions: back-dated for clocks that lag, and living
// long enough for a second attempt.
const (
	assertionBackDate = 5 * time.Second
	assertionLifetime = 300 * time.Second
)

// maxTokenReply bounds the token endpoint's reply; a voucher takes 2 kB.
const maxTokenReply = 64 << 10

// issued is a voucher and when it was asked for.
type issued struct {
	Voucher

	began time.Time
}

// issue waits for the turn of the ente, signs an assertion, checks it and trades it for a
// voucher.
func (p *Platform) issue(ctx context.Context, r VoucherRequest) (issued, error) {
	if err := p.enter(ctx, r.Client.throttleKey("token")); err != nil {
		return issued{}, err
	}
	began := p.clock()
	assertion, err := p.assertion(began, r)
	if err != nil {
		p.observeToken("invalid", began)
		return issued{}, err
	}
	var v Voucher
	err = guarded(ctx, p.tokenGuards.of(r.Client.network()), func(ctx context.Context) error {
		resp, err := p.post(ctx, r, assertion)
		if err != nil {
			return noAnswer(err)
		}
		if resp.Status != http.StatusTooManyRequests {
			p.learn(r.Client.throttleKey("token"), resp.Header)
		}
		if resp.Status != http.StatusOK {
			return p.refuse(resp, r)
		}
		v, err = readVoucher(resp.Body, r, began)
		return err
	})
	p.observeToken(outcomeOf(err), began)
	return issued{Voucher: v, began: began}, err
}

func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "issued"
	case errors.Is(err, registry.ErrThrottled):
		return "throttled"
	case errors.Is(err, registry.ErrConfig):
		return "refused"
	default:
		return "unavailable"
	}
}

// assertion signs the client assertion and holds it against PDND's own rules, which
// its endpoint would break without a word: what fails here is not sent.
func (p *Platform) assertion(now time.Time, r VoucherRequest) (string, error) {
	refuse := func(err error) error {
		fault := &registry.Fault{Kind: registry.ErrConfig, Text: textAssertion(), Err: err}
		var refusal *modi.Refusal
		if errors.As(err, &refusal) {
			fault.Violations = refusal.Violations
		}
		return fault
	}
	if r.Client.Key.Signer == nil {
		return "", refuse(errors.New("client without a key"))
	}
	compact, err := voucher.Assertion{
		ClientID: r.Client.ClientID, PurposeID: r.PurposeID, Audience: p.profile.AssertionAudience, Digest: r.Digest,
		Lifetime: assertionLifetime, BackDate: assertionBackDate,
	}.SignChecked(now, p.rand, r.Client.Key, voucher.AssertionExpectation{
		ClientID: r.Client.ClientID, Audience: p.profile.AssertionAudience, API: r.PurposeID == "",
		Now: now, Public: r.Client.Key.Signer.Public(),
	})
	if err != nil {
		return "", refuse(err)
	}
	return compact, nil
}

// post sends the form, exactly the four fields PDND knows: any other is refused.
// A second attempt may carry the same assertion, since PDND does not check its jti
// for reuse; a DPoP proof is used once, so every attempt has its own.
//
// The asynchronous exchange (token.oauth2.async) would begin here: the same form at
// another URL of the profile, with scope, interactionId and urlCallback among the claims
// of the assertion, and nothing of it cached. It is behind a flag on the platform; note
// that its endpoint says 500 where this one says 400, so worthRepeating must not serve it.
func (p *Platform) post(ctx context.Context, r VoucherRequest, assertion string) (*outbound.Response, error) {
	form := url.Values{
		"client_id":             {r.Client.ClientID},
		"client_assertion":      {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"grant_type":            {"client_credentials"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.profile.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, errors.New("tokenURL of the environment is not a URL")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	creds := r.Client
	return p.client(r.Client).Do(ctx, req, outbound.Exchange{
		Attempts: 2, Retryable: worthRepeating, MaxBody: maxTokenReply,
		Prepare: func(_ int, r *http.Request) error { return p.prove(r, creds) },
	})
}

func (p *Platform) client(c Credentials) Doer {
	if c.HTTP != nil {
		return c.HTTP
	}
	return p.http
}

// worthRepeating allows a second attempt after a lost connection or a 5xx. A request
// that timed out is not repeated: the time is spent.
func worthRepeating(resp *outbound.Response, err error) bool {
	if err != nil {
		return outbound.ReasonOf(err) != outbound.ReasonTimeout
	}
	return resp.Status >= 500
}
