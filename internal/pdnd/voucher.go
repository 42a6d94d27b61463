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

// Credentials are a PDND client and its keys. Those of a client that may write on the
// platform (m2m-admin) are package admin's and become such credentials only there.
type Credentials struct {
	ClientID string
	Key      token.SigningKey // RS256, signs the assertions
	// DPoP is ES256 or RS256 and PDND does not know it: vouchers are bound to it. The zero
	// key asks for Bearer vouchers. It also chooses the version of the platform API: v3
	// takes bound vouchers only, and signs its replies; v2 takes Bearer only.
	DPoP token.SigningKey
	// Ente is the consumer (codice IPA) whose limits count: for a delegation the delegator.
	// An ente with a network of its own has guards of its own. "" stands for an ente with
	// this client alone.
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
	// ConsumerID is the tenant that must be the consumer: the owner of the purpose, which is
	// the delegator when the client is a delegate's. "" compares nothing.
	ConsumerID string
}

// key names the voucher in the cache: client, purpose, consumer, DPoP key, digest. None of
// them can hold the separator and still be sent, since the assertion is checked first. The
// key that signs the assertion is not among them: a voucher outlives it.
func (r VoucherRequest) key() string {
	parts := []string{r.Client.ClientID, r.PurposeID, r.ConsumerID, r.Client.thumbprint()}
	if r.Digest != nil {
		parts = append(parts, r.Digest.Alg, r.Digest.Value)
	}
	return strings.Join(parts, "\n")
}

// refusalKey names what a refusal is about. The keys belong to it: one that PDND does not
// know yet says nothing about the one in use.
func (r VoucherRequest) refusalKey() string {
	return strings.Join([]string{r.Client.ClientID, r.PurposeID, r.ConsumerID, r.Client.Key.KID, r.Client.thumbprint()}, "\n")
}

// Voucher is an access token and what its holder may know of it. The claims are read
// without verifying PDND's signature: the token came over TLS from PDND itself, and
// whoever relies on it, the producer, verifies it.
type Voucher struct {
	Token        string // compact form; never logged, never stored
	JTI          string // token_id of PDND Tracing
	JKT          string // thumbprint of the DPoP key it is bound to; "" for a Bearer voucher
	ConsumerID   string // tenant that owns the purpose; "" on the voucher of an API client
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

// refusal is a "no" of PDND to a client, its keys and a purpose, remembered for some seconds.
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
// ErrThrottled on 429, which holds for every voucher of the ente, or before one, when the
// ente's limit is nearly used up; ErrSettings when the hub's own network settings stop the request, ErrPDND when there is no answer. When ctx
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
		return Voucher{}, asTokenFault(err)
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
	era := p.voucherEra.Load()
	v, err := p.issue(ctx, r)
	if err != nil {
		p.remember(r, err)
		return held{}, err
	}
	began := v.began
	life := v.ExpiresAt.Sub(began)
	h := held{Voucher: v.Voucher, renewAt: began.Add(time.Duration(float64(life) * (0.8 + 0.1*p.jitter())))}
	p.vouchers.put(r.key(), h)
	if p.voucherEra.Load() != era { // PDND may have said yes before what was forgotten changed
		p.Invalidate(r, h.Voucher)
	}
	return h, nil
}

// remember keeps a "no" of PDND for some seconds. A failure to answer is none, and
// what was refused here was never asked. A 429 is kept by hold: it counts the vouchers of
// the whole ente.
func (p *Platform) remember(r VoucherRequest, err error) {
	var fault *registry.Fault
	if errors.As(err, &fault) && fault.Status != 0 && errors.Is(fault.Kind, registry.ErrConfig) {
		p.refusals.put(r.refusalKey(), refusal{fault: fault, until: p.clock().Add(p.limits.Refused)})
	}
}

// refused returns the remembered "no" to a request for a voucher, nil when there is none.
func (p *Platform) refused(r VoucherRequest) *registry.Fault {
	kept, ok := p.refusals.get(r.refusalKey())
	if ok && kept.until.After(p.clock()) {
		fault := *kept.fault
		return &fault
	}
	return p.held(r.Client.throttleKey("token"))
}

// TryVoucher asks PDND for a voucher past every cache and keeps none, not even a refusal:
// it tells whether a key is live, while vouchers got with another one stay in use. The
// limits of the ente are obeyed. The errors are those of Voucher: ErrConfig means that
// PDND refuses, as it also does for some seconds after a key was uploaded.
func (p *Platform) TryVoucher(ctx context.Context, r VoucherRequest) (Voucher, error) {
	ctx, cancel := context.WithTimeout(ctx, p.limits.TokenTimeout)
	defer cancel()
	v, err := p.issue(ctx, r)
	return v.Voucher, asTokenFault(err)
}

// asTokenFault makes sure that an error of a token request is a *registry.Fault.
func asTokenFault(err error) error {
	var fault *registry.Fault
	if err == nil || errors.As(err, &fault) {
		return err
	}
	return &registry.Fault{Kind: registry.ErrPDND, Text: textNoAnswer(), Err: err}
}
