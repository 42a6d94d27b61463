// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

type bindingKey struct{ ente, service string }

// guardKey is what the calls that share a guard have in common: what one of them learns
// about the host is true for the others. Enti that reach it over different networks learn
// about their own proxy and roots too, and those are nobody else's.
type guardKey struct {
	recipe, host string
	network      config.Rete
}

// clientName is a PDND client by the ente whose it is and the name it has there.
type clientName struct{ owner, name string }

// binding is one e-service as one ente consumes it, with all it needs resolved.
type binding struct {
	ente, service, environment string

	url        string // no final slash
	audience   string
	eserviceID string
	keys       Keys
	client     clientName
	consumerID string    // tenant that must own the purposes; "": not compared
	consumer   string    // its ente, whose limits on PDND count
	dpop       bool      // vouchers are bound to the client's DPoP key
	toPDND     pdnd.Doer // nil: the platform's own network
	toPDNDKeys pdnd.Doer // the same for the lookup of keys
	platform   *pdnd.Platform
	http       *outbound.Client
	guard      *registry.Guard
	settings   registry.GuardSettings // defaults filled in
	audit      bool                   // requests carry tracking evidence
	integrity  bool                   // requests with a body are signed
	signed     bool                   // replies are, by the producer
	producerID string                 // tenant that signs them; "": the one the voucher names
	lenient    modi.Lenient           // what they are forgiven
	backDate   time.Duration
	lifetime   time.Duration
	rate       float64 // calls per second, 0: not limited here
	limits     quota.Limits
}

func (t *Transport) bind(o Options, ente *config.Ente, service string, c *config.Consume) (*binding, error) {
	recipe, ok := o.Config.Consumes[c.Recipe]
	if !ok {
		return nil, fmt.Errorf("no recipe %q", c.Recipe)
	}
	env, ok := recipe.Environments[c.Environment]
	if !ok {
		return nil, fmt.Errorf("recipe %s has no block for environment %q", c.Recipe, c.Environment)
	}
	if env.Audience == "" && len(recipe.Patterns.Signed()) > 0 {
		return nil, fmt.Errorf("recipe %s has no audience in environment %s; it is never derived from the URL", c.Recipe, c.Environment)
	}
	b := &binding{
		ente: ente.CodiceIPA, service: service, environment: c.Environment, keys: o.Keys,
		audience: env.Audience, eserviceID: env.EserviceID,
		settings:  recipe.Guard.WithDefaults(),
		audit:     slices.Contains(recipe.Patterns.Request, modi.PatternAuditREST02),
		integrity: slices.Contains(recipe.Patterns.Request, modi.PatternIntegrityREST02),
		backDate:  cmp.Or(recipe.Produce.BackDate, registry.DefaultBackDate),
		lifetime:  cmp.Or(recipe.Produce.Lifetime, registry.DefaultLifetime),
		rate:      cmp.Or(c.RatePerSecond, recipe.Quota.PerSecond),
		limits:    quota.Limits{Purpose: cmp.Or(c.QuotaDaily, recipe.Quota.Daily), Reserve: c.Reserve()},
	}
	return b, errors.Join(
		t.bindHost(b, recipe.Name, cmp.Or(c.URL, env.URL), cmp.Or(c.Rete, ente.Rete)),
		b.bindClient(o, ente, c, c.DPoP || recipe.Patterns.DPoP()),
		b.bindReplies(o, recipe, env),
	)
}

// bindHost finds the guard of recipe, host and network: enti that consume the same
// e-service over the same network share what they learn about it.
func (t *Transport) bindHost(b *binding, recipe, address string, network *config.Rete) error {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("URL of %s: expected https://host/path without query", recipe)
	}
	b.url = strings.TrimSuffix(address, "/")
	key, name := guardKey{recipe: recipe, host: u.Host}, recipe+"@"+u.Host
	if network != nil && *network != (config.Rete{}) {
		key.network, name = *network, name+"/"+b.ente
	}
	if t.guards[key] == nil {
		t.guards[key] = registry.NewGuard(name, b.settings, t.observer.Guard)
		if t.observer.Guard != nil {
			t.observer.Guard(name, "", t.guards[key].State())
		}
	}
	b.guard = t.guards[key]
	return nil
}

// bindClient finds the PDND client of the binding, which its titolo may let be another
// ente's, its network and its platform. With dpop its vouchers are bound to its key.
func (b *binding) bindClient(o Options, ente *config.Ente, c *config.Consume, dpop bool) error {
	owner, name := o.Config.OwnerOf(ente, c)
	if owner == nil {
		return fmt.Errorf("client %s: no such ente", c.Client)
	}
	consumer, tenant := o.Config.ConsumerOf(ente, c)
	b.client, b.dpop = clientName{owner.CodiceIPA, name}, dpop
	b.consumer, b.consumerID = consumer.CodiceIPA, tenant
	b.platform = o.Platforms[b.environment]
	if b.platform == nil {
		return fmt.Errorf("no PDND platform for environment %s", b.environment)
	}
	client, _, err := b.identity()
	if err != nil {
		return err
	}
	if client.Environment != b.environment {
		return fmt.Errorf("client %s is of environment %s, the binding of %s", c.Client, client.Environment, b.environment)
	}
	b.http, err = o.Clients.For(c.Rete, ente.Rete)
	if err != nil {
		return err
	}
	b.toPDND, err = networkOf(o, consumer)
	return err
}

// identity opens what the binding is known by: the client with the key that is active now,
// and its credentials for vouchers.
func (b *binding) identity() (keys.Client, pdnd.Credentials, error) {
	client, err := b.keys.Client(b.client.owner, b.client.name)
	if err != nil {
		return client, pdnd.Credentials{}, err
	}
	out := pdnd.Credentials{ClientID: client.ID, Key: client.Assertion, Ente: b.consumer, HTTP: b.toPDND}
	if b.dpop {
		if client.DPoP.Signer == nil {
			return client, out, fmt.Errorf("client %s of %s has no dpopKey", b.client.name, b.client.owner)
		}
		out.DPoP = client.DPoP
	}
	return client, out, nil
}

// networkOf is the network of an ente for PDND, nil for the platform's own.
func networkOf(o Options, ente *config.Ente) (pdnd.Doer, error) {
	if ente.Rete == nil {
		return nil, nil //nolint:nilnil // no network of its own is an answer
	}
	return o.Clients.For(ente.Rete)
}

// bindReplies prepares the verification of signed replies, which needs an API client
// to look up the producer's keys. A recipe that does not name the producer leaves it to
// the vouchers.
func (b *binding) bindReplies(o Options, recipe *registry.Recipe, env registry.RecipeEnvironment) error {
	if !slices.Contains(recipe.Patterns.Response, modi.PatternIntegrityREST02) || b.platform == nil {
		return nil
	}
	var err error
	b.toPDNDKeys, err = networkOf(o, o.Config.Enti[b.ente])
	if err != nil {
		return err
	}
	if _, err = b.lookups(); err != nil {
		return fmt.Errorf("replies of %s are signed and the keys of its producer are looked up on PDND: %w", recipe.Name, err)
	}
	b.signed, b.producerID = true, env.ProducerID
	if b.lenient, err = modi.ParseLenient(recipe.Lenient); err != nil {
		return fmt.Errorf("lenient of %s: %w", recipe.Name, err)
	}
	return nil
}

// lookups are the credentials of the API client that finds the keys of signed replies.
func (b *binding) lookups() (pdnd.Credentials, error) {
	api, err := b.keys.APIClient(b.ente, b.environment)
	return pdnd.Credentials{ClientID: api.ID, Key: api.Assertion, DPoP: api.DPoP, Ente: b.ente, HTTP: b.toPDNDKeys}, err
}

// route finds the binding of a call. What the configuration does not bind is refused
// before any voucher is asked for, and as what it is: a matter of the configuration, and
// no denial by the registry, which nobody has asked.
func (t *Transport) route(s *registry.Scope, c registry.Call) (*binding, error) {
	b, ok := t.bindings[bindingKey{s.Ente, c.Service}]
	switch {
	case !ok:
		return nil, &registry.Fault{Kind: registry.ErrSettings, Text: textNotBound(s.Ente, c.Service)}
	case s.Environment != "" && s.Environment != b.environment:
		return nil, &registry.Fault{Kind: registry.ErrSettings, Text: textOtherEnvironment(c.Service, b.environment, s.Environment)}
	case s.Purposes[c.Service] == "":
		return nil, &registry.Fault{Kind: registry.ErrSettings, Text: textNoPurpose(s.Procedimento, c.Service)}
	case c.Path != "" && !strings.HasPrefix(c.Path, "/"):
		return nil, &registry.Fault{Kind: registry.ErrUnsupported, Err: errors.New("path of the call does not begin with a slash")}
	}
	return b, nil
}
