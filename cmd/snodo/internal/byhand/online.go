// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// Fetch gets what an address answers with status 200.
type Fetch func(ctx context.Context, url string) ([]byte, error)

// Platform adds to keys from files those that PDND publishes for everybody, by which it
// signs vouchers and the replies of its API. Keys of other parties need a voucher of
// PDND's API, so they come from files only.
type Platform struct {
	Files modi.KeyResolver
	Fetch Fetch
	URL   string // from PlatformURL
}

var _ modi.KeyResolver = Platform{}

// platformHosts are the hosts of PDND that publish keys: those of vouchers, then those
// of the API.
func platformHosts() []string {
	return []string{
		"interop.pagopa.it", "uat.interop.pagopa.it", "att.interop.pagopa.it",
		"api.interop.pagopa.it", "api.uat.interop.pagopa.it", "api.att.interop.pagopa.it",
	}
}

// PlatformURL is where PDND publishes the key that a message of its own claims to be
// signed with: of the voucher, or of the reply. Only hosts of PDND are ever named,
// whatever the token says; empty when it names none of them.
func PlatformURL(m *message.Message) string {
	for _, header := range []string{"Authorization", rest.HeaderSignature} {
		value, _ := m.Get(header)
		p, _ := decode(Bare([]byte(value)))
		host := strings.TrimPrefix(str(p.body, "iss"), "https://")
		if slices.Contains(platformHosts(), host) {
			return "https://" + host + "/.well-known/jwks.json"
		}
	}
	return ""
}

// ResolveKey asks the files first. A kid that is a thumbprint is a party's, and is not
// asked of PDND.
func (p Platform) ResolveKey(ctx context.Context, kid string) (modi.Key, error) {
	key, err := p.Files.ResolveKey(ctx, kid)
	if err == nil || token.ValidKID(kid) || p.URL == "" {
		return key, err
	}
	data, err := p.Fetch(ctx, p.URL)
	if err != nil {
		return modi.Key{}, fmt.Errorf("keys of PDND: %w", err)
	}
	keys, err := token.ParseJWKSet(data)
	if err != nil {
		return modi.Key{}, fmt.Errorf("keys of PDND: %w", err)
	}
	i := slices.IndexFunc(keys, func(k modi.Key) bool { return k.KID == kid })
	if i < 0 {
		return modi.Key{}, fmt.Errorf("keys of PDND: %w", modi.ErrKeyUnknown)
	}
	return keys[i], nil
}
