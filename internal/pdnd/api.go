// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/registry"
)

// errAbsent reports that the platform API answered that there is no such thing.
var errAbsent = errors.New("not on PDND")

// maxAPIReply bounds a reply of the platform API; a key takes 1 kB.
const maxAPIReply = 64 << 10

// get reads a resource of the platform API v2 with the voucher of an API client. v2
// takes Bearer vouchers; v3 would need DPoP. A voucher that the API refuses is
// replaced once; a 429 holds back the requests of the ente until its time is up. path is
// below the API base, already escaped.
func (p *Platform) get(ctx context.Context, api Credentials, path string) ([]byte, error) {
	want := VoucherRequest{Client: api}
	for attempt := 1; ; attempt++ {
		if fault := p.recall(api.throttleKey("api")); fault != nil {
			return nil, fault
		}
		v, err := p.Voucher(ctx, want)
		if err != nil {
			return nil, err
		}
		resp, err := p.getWith(ctx, api, path, v.Token)
		if err != nil {
			return nil, err
		}
		if resp.Status == http.StatusUnauthorized && attempt == 1 {
			p.Invalidate(want, v)
			continue
		}
		if resp.Status == http.StatusTooManyRequests {
			return nil, p.holdAPI(api, resp)
		}
		return readAPIReply(resp)
	}
}

func (p *Platform) getWith(ctx context.Context, api Credentials, path, bearer string) (resp *outbound.Response, err error) {
	err = guarded(ctx, p.apiGuards.of(api.network()), func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.profile.APIBase+path, nil)
		if err != nil {
			return errors.New("apiBase of the environment is not a URL")
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Authorization", "Bearer "+bearer)
		resp, err = p.client(api).Do(ctx, req, outbound.Exchange{Attempts: 2, Retryable: worthRepeating, MaxBody: maxAPIReply})
		if err != nil {
			return noAnswer(err)
		}
		if resp.Status >= 500 {
			return &registry.Fault{Kind: registry.ErrPDND, Status: resp.Status, Text: textNoAnswer()}
		}
		return nil
	})
	return resp, err
}

// holdAPI remembers a 429, which counts the requests of the whole ente (PDND, platform
// API: limits per tenant).
func (p *Platform) holdAPI(api Credentials, resp *outbound.Response) error {
	fault := &registry.Fault{
		Kind: registry.ErrThrottled, Status: resp.Status, Text: textThrottledAPI(resp.Header),
		RetryAfter: throttledFor(resp.Header, p.clock()),
	}
	p.keep(api.throttleKey("api"), fault, fault.RetryAfter)
	return fault
}

// readAPIReply tells "no" from "don't know": a 404 is believed only in PDND's own
// words, since a wrong base URL gives a 404 too.
func readAPIReply(resp *outbound.Response) ([]byte, error) {
	switch {
	case resp.Status == http.StatusOK:
		return resp.Body, nil
	case resp.Status == http.StatusNotFound && readProblem(resp).code != "":
		return nil, errAbsent
	default:
		return nil, fmt.Errorf("platform API: HTTP %d %s", resp.Status, readProblem(resp).code)
	}
}
