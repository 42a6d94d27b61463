// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/modi"
)

// Suite is a configured suite, with the keys of the parties that it plays. Open it, tell
// the party under test its addresses where needed, run it once and close it.
type Suite struct {
	config Config
	world  *forge.World
	client *http.Client
	redact redactor
	cases  []Case
	watch  *watch
	peers  *peers // nil: PDND is the real one
	keys   publicKeys
	spare  spare
	waited atomic.Int64 // seconds spent because a service asked to come again

	mu     sync.Mutex
	report *Report
}

// Open checks the configuration, reads the keys and, where the suite plays PDND or the
// provider, starts to listen. The error is a *Misuse when the configuration is to blame.
func Open(ctx context.Context, c Config) (*Suite, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.At != "" {
		at, err := time.Parse(time.RFC3339, c.At)
		if err != nil {
			return nil, misuse("at %q: serve una data come 2026-03-02T09:00:00Z", "at %q: a date like 2026-03-02T09:00:00Z is needed", c.At)
		}
		c.Clock = func() time.Time { return at }
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	all, err := Cases()
	if err != nil {
		return nil, err
	}
	s := &Suite{config: c, cases: all, redact: redactor{bodies: c.ShowBodies}, watch: newWatch()}
	if err := s.checkPlayed(); err != nil {
		return nil, err
	}
	if s.client, err = c.httpClient(); err != nil {
		return nil, err
	}
	if err := s.openWorld(); err != nil {
		return nil, err
	}
	if s.keys, err = c.publicKeys(); err != nil {
		return nil, err
	}
	if s.plays() {
		if s.peers, err = s.openPeers(ctx); err != nil {
			return nil, err
		}
	}
	s.report = &Report{
		Format: Format, Role: c.Role, Target: addressOnly(c.Target), Edition: c.Edition, Patterns: []modi.Pattern{}, Started: c.Clock().UTC(), Settings: c.settings(),
		Results: []Result{},
	}
	return s, nil
}

// plays tells whether the suite is PDND for the party under test.
func (s *Suite) plays() bool {
	return s.config.Role == RoleFruitore || s.config.Role == RoleErogatore && s.config.Platform.TokenURL == ""
}

// Close stops what listens.
func (s *Suite) Close() error {
	if s.peers == nil {
		return nil
	}
	return s.peers.close()
}

// Run opens a suite, plays every case that fits and closes it: for a party that knows
// beforehand where the suite is. The error is a *Misuse, or
// tells that the suite could not be set up; what happens to single cases is in the report.
func Run(ctx context.Context, c Config) (*Report, error) {
	s, err := Open(ctx, c)
	if err != nil {
		return nil, err
	}
	report, err := s.Run(ctx)
	return report, errors.Join(err, s.Close())
}

// Run plays every case that fits.
func (s *Suite) Run(ctx context.Context) (*Report, error) {
	role := map[Role]func(context.Context) error{
		RoleErogatore: s.runErogatore, RoleFruitore: s.runFruitore, RoleToken: s.runTokens, RoleServer: s.runServer, RoleOpenAPI: s.runOpenAPI,
	}[s.config.Role]
	if err := role(ctx); err != nil {
		return nil, err
	}
	if s.config.OpenAPI != "" && s.config.Role == RoleErogatore {
		if err := s.runOpenAPI(ctx); err != nil {
			return nil, err
		}
	}
	s.report.close(s.config.Clock())
	return s.report, nil
}

// tell adds a result. It is safe for concurrent use.
func (s *Suite) tell(r Result) {
	s.mu.Lock()
	s.report.Results = append(s.report.Results, r)
	s.mu.Unlock()
	if s.config.Progress != nil {
		s.config.Progress(r)
	}
}

// note adds a remark on the whole run.
func (s *Suite) note(it, en string, args ...any) {
	t := phrase(it, en, args...)
	s.report.Notes = append(s.report.Notes, Text{IT: clean(t.IT), EN: clean(t.EN)})
}

// openWorld makes the parties that the suite plays.
func (s *Suite) openWorld() error {
	c := s.config
	names := forge.InventedNames()
	for name, value := range map[string]string{
		"audience": c.Parties.Audience, "consumer-audience": c.Parties.ReplyAudience, "client": c.Parties.Client, "purpose": c.Parties.Purpose,
		"producer": c.Parties.Producer, "consumer": c.Parties.Consumer, "eservice": c.Parties.Eservice, "descriptor": c.Parties.Descriptor,
		"keychain": c.Parties.Keychain, "issuer": c.Parties.Issuer, "assertion-aud": c.Parties.AssertionAudience, "organisation": c.Parties.Organisation,
		"producer-org": c.Parties.ProducerOrg, "user": c.Parties.User, "workstation": c.Parties.Workstation,
	} {
		if value != "" {
			names[name] = value
		}
	}
	delete(names, "platform-kid") // the thumbprint: keys of several runs must not share a name
	delete(names, "api-kid")
	switch {
	case c.Role == RoleServer:
		names["token-url"] = c.Target
	case c.Platform.TokenURL != "":
		names["token-url"] = c.Platform.TokenURL
	}
	s.world = forge.NewWorld(c.Clock(), c.Rand, names)
	if c.keysOf != nil {
		s.world = c.keysOf.At(c.Clock(), forge.Content{})
		s.world.Names = names
	}
	return s.holdKeys()
}

// at is the world now, for one message.
func (s *Suite) at(content forge.Content) *forge.World {
	view := s.world.At(s.config.Clock(), content)
	if content.URL == "" {
		return view
	}
	view.Names = maps.Clone(view.Names)
	view.Names.At(content.URL)
	return view
}

// wanted tells whether the run plays a case of its role.
func (s *Suite) wanted(c Case) bool {
	order := []string{"must", "strict", "advisory"}
	lightest := orDefault(s.config.Severity, "advisory")
	switch {
	case !slices.Contains(c.Roles, s.config.Role):
		return false
	case slices.Index(order, c.Severity) > slices.Index(order, lightest):
		return false
	case s.config.Edition != "" && !strings.Contains(c.Edition, s.config.Edition):
		return false
	case len(s.config.Only) == 0:
		return true
	default:
		return slices.ContainsFunc(s.config.Only, func(part string) bool { return strings.Contains(c.ID, part) })
	}
}
