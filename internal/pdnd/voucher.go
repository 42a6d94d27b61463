// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// Credentials are a PDND client and the key that signs its assertions.
type Credentials struct {
	ClientID string
	Key      token.SigningKey // RS256
	// Ente is whose client it is (codice IPA): PDND counts requests by ente, and an ente
	// with a network of its own has guards of its own. "" stands for an ente with this
	// client alone.
	Ente string
	HTTP Doer // the network of the ente; nil means the platform's own
}

func (c Credentials) owner() string { return cmp.Or(c.Ente, c.ClientID) }

// network names what the requests of the client go over; "" is the platform's own.
func (c Credentials) network() string {
	if c.HTTP == nil {
		return ""
	}
	return c.owner()
}

// throttleKey names what a 429 of a part of PDND holds back.
func (c Credentials) throttleKey(part string) string { return part + "\n\n" + c.owner() }

// VoucherRequest asks for a voucher.
type VoucherRequest struct {
	Client    Credentials
	PurposeID string          // "" for an API client
	Digest    *voucher.Digest // of the tracking evidence (AUDIT_REST_02), else nil
}

// key names the voucher in the cache: client, purpose, digest. None of them can hold
// the separator and still be sent, since the assertion is checked first.
func (r VoucherRequest) key() string {
	parts := []string{r.Client.ClientID, r.PurposeID}
	if r.Digest != nil {
		parts = append(parts, r.Digest.Alg, r.Digest.Value)
	}
	return strings.Join(parts, "\n")
}

func (r VoucherRequest) refusalKey() string { return r.Client.ClientID + "\n" + r.PurposeID }

// Voucher is an access token and what its holder may know of it. The claims are read
// without verifying PDND's signature: the token came over TLS from PDND itself, and
// whoever relies on it, the producer, verifies it.
type Voucher struct {
	Token        string // compact form; never logged, never stored
	JTI          string // token_id of PDND Tracing
	ProducerID   string // tenant that offers the e-service; "" on the voucher of an API client
	EserviceID   string // as ProducerID
	DescriptorID string
	ExpiresAt    time.Time // by our clock
}

// held is a voucher in the cache.
type held struct {
	Voucher

	renewAt time.Time // when to fetch the next one in the background
}

// refusal is a "no" of PDND, remembered for some seconds: a refused voucher by client and
// purpose, a 429 by ente.
type refusal struct {
	fault *registry.Fault
	until time.Time
}

// Voucher returns a voucher with at least Limits.VoucherMargin left, or a new one.
//
// Requests for the same voucher share one token request, which goes on when its
// caller leaves. A voucher without digest is renewed in the background once 80 to 90
// per cent of its life has passed, so that callers rarely wait.
//
// Errors are *registry.Fault: ErrConfig when PDND refuses (then nothing is asked
// again for some seconds) or when the assertion breaks a rule of PDND and is not sent,
// ErrThrottled on 429, which holds for every voucher of the ente, ErrSettings when the
// hub's own network settings stop the request, ErrPDND when there is no answer. When ctx
// ends first its error is wrapped.
func (p *Platform) Voucher(ctx context.Context, r VoucherRequest) (Voucher, error) {
	if v, ok := p.cached(r); ok {
		p.observeCache("voucher", "hit")
		return v, nil
	}
	if fault := p.refused(r); fault != nil {
		p.observeCache("voucher", "refused")
		return Voucher{}, fault
	}
	p.observeCache("voucher", "miss")
	v, err := p.tokens.do(ctx, r.key(), nil, func() (held, error) { return p.obtain(r) })
	if err == nil {
		return v.Voucher, nil
	}
	var fault *registry.Fault
	switch {
	case errors.As(err, &fault):
		private := *fault // shared by every waiter, and callers add their service to it
		return Voucher{}, &private
	case errors.Is(err, errCrowded):
		p.observeCache("voucher", "limited")
		return Voucher{}, &registry.Fault{Kind: registry.ErrPDND, Text: textCrowded(), RetryAfter: retryCrowded, Err: err}
	default:
		return Voucher{}, &registry.Fault{Kind: registry.ErrPDND, Text: textNoAnswer(), Err: err}
	}
}

// retryCrowded is what a caller turned away is told: by then the flights that crowd
// the platform have ended, one way or the other.
const retryCrowded = 5 * time.Second

// Invalidate forgets a voucher that a producer refused, unless another has taken its
// place since: of many callers that were refused together only one pays for the next.
func (p *Platform) Invalidate(r VoucherRequest, rejected Voucher) {
	p.vouchers.removeIf(r.key(), func(h held) bool { return h.JTI == rejected.JTI })
}

func (p *Platform) cached(r VoucherRequest) (Voucher, bool) {
	key, now := r.key(), p.clock()
	h, ok := p.vouchers.get(key)
	if !ok || h.ExpiresAt.Sub(now) < p.limits.VoucherMargin {
		return Voucher{}, false
	}
	if r.Digest == nil && !now.Before(h.renewAt) {
		p.renew(key, now, r)
	}
	return h.Voucher, true
}

// renewalPause keeps a failing renewal from being tried at every use of the voucher.
const renewalPause = 5 * time.Second

func (p *Platform) renew(key string, now time.Time, r VoucherRequest) {
	due := false
	p.vouchers.update(key, func(h held, found bool) (held, bool) {
		due = found && !now.Before(h.renewAt)
		h.renewAt = now.Add(renewalPause)
		return h, due
	})
	if !due || p.refused(r) != nil {
		return
	}
	p.observeCache("voucher", "renewed")
	p.tokens.start(key, nil, func() (held, error) { return p.fetch(r) })
}

// obtain is the work of a flight whose callers found no voucher: one may have come
// between their look and the start.
func (p *Platform) obtain(r VoucherRequest) (held, error) {
	if h, ok := p.vouchers.get(r.key()); ok && h.ExpiresAt.Sub(p.clock()) >= p.limits.VoucherMargin {
		return h, nil
	}
	if fault := p.refused(r); fault != nil {
		return held{}, fault
	}
	return p.fetch(r)
}

// fetch asks PDND and keeps what it says, yes or no.
func (p *Platform) fetch(r VoucherRequest) (held, error) {
	ctx, cancel := context.WithTimeout(p.background, p.limits.TokenTimeout)
	defer cancel()
	began := p.clock()
	v, err := p.issue(ctx, r)
	if err != nil {
		p.remember(r, err)
		return held{}, err
	}
	life := v.ExpiresAt.Sub(began)
	h := held{Voucher: v, renewAt: began.Add(time.Duration(float64(life) * (0.8 + 0.1*p.jitter())))}
	p.vouchers.put(r.key(), h)
	return h, nil
}

// remember keeps a "no" of PDND for some seconds. A failure to answer is none, and
// what was refused here was never asked. A 429 counts the vouchers of the whole ente
// (pdnd: limits per tenant), so it holds for all its clients and purposes.
func (p *Platform) remember(r VoucherRequest, err error) {
	var fault *registry.Fault
	if !errors.As(err, &fault) || fault.Status == 0 {
		return
	}
	switch {
	case errors.Is(fault.Kind, registry.ErrConfig):
		p.keep(r.refusalKey(), fault, p.limits.Refused)
	case errors.Is(fault.Kind, registry.ErrThrottled):
		p.keep(r.Client.throttleKey("token"), fault, fault.RetryAfter)
	}
}

func (p *Platform) keep(key string, fault *registry.Fault, pause time.Duration) {
	p.refusals.put(key, refusal{fault: fault, until: p.clock().Add(pause)})
}

// refused returns the remembered "no" to a request for a voucher, nil when there is none.
func (p *Platform) refused(r VoucherRequest) *registry.Fault {
	if fault := p.recall(r.refusalKey()); fault != nil {
		return fault
	}
	return p.recall(r.Client.throttleKey("token"))
}

// recall returns a copy of what is remembered under key, with the wait that is left.
func (p *Platform) recall(key string) *registry.Fault {
	kept, ok := p.refusals.get(key)
	left := kept.until.Sub(p.clock())
	if !ok || left <= 0 {
		return nil
	}
	fault := *kept.fault
	if errors.Is(fault.Kind, registry.ErrThrottled) {
		fault.RetryAfter = left
	}
	return &fault
}
