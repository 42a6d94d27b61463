// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/internal/pdnd/plan"
	"github.com/snodo-pa/snodo/internal/store/storetest"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

func id(n int) string { return fmt.Sprintf("50000000-0000-4000-8000-%012d", n) }

// The invented world: two comuni, a unione that is none, and a ministero whose e-service is
// for comuni.
var (
	tenants = map[string]string{"c_bf01": id(1), "c_vs02": id(2), "u_pi03": id(3)}
	clients = map[string]string{"c_bf01": id(11), "c_vs02": id(12), "u_pi03": id(13)}
	chains  = map[string]string{"c_bf01": id(21), "c_vs02": id(22), "u_pi03": id(23)}
	admins  = map[string]string{"c_bf01": id(31), "c_vs02": id(32), "u_pi03": id(33)}
	users   = map[string]string{"c_bf01": id(41), "c_vs02": id(42), "u_pi03": id(43)}
)

var (
	ministero, comuni    = id(90), id(91)
	registro, registroV1 = id(92), id(93) // for comuni, delegable
	chiuso, chiusoV1     = id(94), id(95) // for comuni, not delegable
	delegation           = id(96)         // of c_vs02 to c_bf01 on registro
)

// rsaKeys are those of each ente: of its client, its keychain and its admin.
var rsaKeys = sync.OnceValue(func() map[string]token.SigningKey {
	all := map[string]token.SigningKey{}
	for ente := range tenants {
		for _, use := range []string{"client", "keychain", "admin", "modi"} {
			all[ente+"/"+use] = pdndtest.NewRSA()
		}
	}
	return all
})

// signingKey is the platform's own, made once.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, ok := pdndtest.NewRSA().Signer.(*rsa.PrivateKey)
	if !ok {
		panic("no RSA key")
	}
	return key
})

// world is a PDND over TCP, a folder and a planner on a real evidence log.
type world struct {
	t        *testing.T
	mock     *mock.Server
	platform *pdnd.Platform
	config   *config.Config
	journal  acts.Journal
	log      *evidence.Log
	http     *outbound.Client
	// broken fails the n-th write, counted from 1, before or after it reached PDND.
	broken *crash
	// strangers, when set, is the client of every ente.
	strangers string
	// read, when set, stands before every Reader.
	read func(plan.Reader) plan.Reader
	// apart gives clients a ModI key of their own.
	apart bool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	server, err := mock.New(mock.Options{SigningKey: signingKey()})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, mock: server}
	w.seed()
	if err := server.Start(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w.connect()
	w.configure()
	w.remember()
	return w
}

func (w *world) must(errs ...error) {
	w.t.Helper()
	for _, err := range errs {
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) seed() {
	w.t.Helper()
	s, p, yes := w.mock, w.mock.Platform(), true
	w.must(p.AddAttribute(platform.Attribute{ID: comuni, Name: "Comuni", Code: "L6", Origin: "IPA", Description: "Comuni e loro consorzi"}),
		s.AddTenant(platform.Tenant{ID: ministero, Name: "Ministero", IPACode: "m_it"}))
	for ente, tenant := range tenants {
		w.must(s.AddTenant(platform.Tenant{ID: tenant, Name: ente, IPACode: ente}),
			s.AddClient(platform.Client{ID: admins[ente], TenantID: tenant, Name: "scritture", Kind: platform.API, AdminID: users[ente]}),
			s.AddClient(platform.Client{ID: clients[ente], TenantID: tenant, Name: "servizi", Users: []string{users[ente]}}),
			s.AddKeychain(platform.Keychain{ID: chains[ente], ProducerID: tenant, Name: "risposte", Users: []string{users[ente]}}))
		_, err := s.AddClientKey(admins[ente], pdndtest.PublicPEM(rsaKeys()[ente+"/admin"]))
		w.must(err)
	}
	w.must(p.AssignAttribute(tenants["c_bf01"], comuni), p.AssignAttribute(tenants["c_vs02"], comuni))
	for _, e := range []struct {
		id, version string
		delegable   bool
	}{{registro, registroV1, true}, {chiuso, chiusoV1, false}} {
		w.must(s.AddEservice(platform.Eservice{
			ID: e.id, ProducerID: ministero, Name: "Registro " + e.id[35:], Description: "Registro inventato", PersonalData: &yes,
			IsConsumerDelegable: e.delegable, IsClientAccessDelegable: e.delegable,
		}), s.AddDescriptor(platform.Descriptor{
			ID: e.version, EserviceID: e.id, Audience: []string{"https://registro.invalid/" + e.id}, VoucherLifespan: 600,
			DailyCallsPerConsumer: 1000, DailyCallsTotal: 5000, CertifiedGroups: [][]platform.Requirement{{{AttributeID: comuni}}},
		}))
	}
	w.must(p.AddDelegation(platform.Delegation{
		ID: delegation, Kind: platform.ConsumerDelegation, DelegatorID: tenants["c_vs02"], DelegateID: tenants["c_bf01"], EserviceID: registro,
	}))
}

func (w *world) connect() {
	w.t.Helper()
	var err error
	w.http, err = outbound.New(outbound.Settings{
		Egress:     outbound.Egress{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		BackoffMin: time.Millisecond, BackoffMax: time.Millisecond,
	})
	w.must(err)
	w.t.Cleanup(w.http.Close)
	p := w.mock.Profile()
	w.platform, err = pdnd.New(pdnd.Options{
		HTTP: w.http, Rand: rand.Reader, Guard: registry.GuardSettings{Failures: 1000, MinCalls: 100_000},
		Profile: config.Environment{
			Name: registry.Locale, Issuer: p.Issuer, TokenURL: p.TokenURL, AssertionAudience: p.AssertionAudience,
			JWKSURL: p.JWKSURL, APIBase: strings.TrimSuffix(p.APIBaseURL, "/v2"), APIAudience: p.M2MAudience,
		},
	})
	w.must(err)
	w.t.Cleanup(w.platform.Close)
}

func (w *world) configure() {
	w.t.Helper()
	_, exposes, err := registry.Builtin()
	w.must(err)
	recipe := func(name, eservice string) *registry.Recipe {
		return &registry.Recipe{Name: name, Environments: map[string]registry.RecipeEnvironment{registry.Locale: {EserviceID: eservice}}}
	}
	w.config = &config.Config{
		Dir: w.t.TempDir(), Enti: map[string]*config.Ente{}, Exposes: exposes,
		Consumes: map[string]*registry.Recipe{"registro": recipe("registro", registro), "chiuso": recipe("chiuso", chiuso), "ignoto": recipe("ignoto", "")},
	}
	for ente, tenant := range tenants {
		w.config.Enti[ente] = &config.Ente{
			CodiceIPA: ente, Tenants: map[string]string{registry.Locale: tenant},
			Clients:   map[string]config.Client{"servizi": {Environment: registry.Locale, ID: clients[ente]}},
			Keychains: map[string]config.Keychain{"risposte": {Environment: registry.Locale, ID: chains[ente]}},
			Consumes:  map[string]*config.Consume{}, Exposes: map[string]*config.Expose{}, Procedimenti: map[string]*config.Procedimento{},
		}
	}
}

func (w *world) remember() {
	w.t.Helper()
	opened := storetest.SQLite(w.t).Migrated(w.t, time.Now)
	cfg, _ := evidencetest.Config(w.t)
	w.log = evidencetest.Start(w.t, opened.Evidence(), cfg)
	w.journal = acts.NewLog(w.log, func() (string, error) { return rand.Text(), nil })
}

// Client and Keychain make the world the ring of its enti.
func (w *world) Client(ente, _ string) (keys.Client, error) {
	key := rsaKeys()[ente+"/client"]
	if w.apart {
		modi := rsaKeys()[ente+"/modi"]
		return keys.Client{ID: clients[ente], Environment: registry.Locale, Assertion: key, ModI: modi}, nil
	}
	return keys.Client{ID: cmp.Or(w.strangers, clients[ente]), Environment: registry.Locale, Assertion: key, ModI: key}, nil
}

func (w *world) Keychain(ente, _ string) (keys.Keychain, error) {
	return keys.Keychain{ID: chains[ente], Environment: registry.Locale, Key: rsaKeys()[ente+"/keychain"]}, nil
}

func (w *world) admin(ente string) *admin.Client {
	c, err := admin.NewCredentials(admins[ente], ente, rsaKeys()[ente+"/admin"], (&pdndtest.World{}).DPoP(0), nil)
	w.must(err)
	return admin.New(w.platform, c)
}

// planner is a new one, as each run of the command has.
func (w *world) planner() *plan.Planner {
	w.t.Helper()
	p, err := plan.New(plan.Options{
		Config: w.config, Keys: w, Journal: w.journal, Clock: time.Now, Operator: "mrossi", Workstation: "pc-7",
		Reader: func(ente, _ string) (plan.Reader, error) {
			if w.read != nil {
				return w.read(w.admin(ente)), nil
			}
			return w.admin(ente), nil
		},
		Writer: func(ente, _ string) (plan.Writer, error) {
			if w.broken != nil {
				return &crashing{Writer: w.admin(ente), crash: w.broken}, nil
			}
			return w.admin(ente), nil
		},
	})
	w.must(err)
	return p
}

func (w *world) sync(enti ...string) *plan.Plan {
	w.t.Helper()
	p, err := w.planner().Sync(context.Background(), enti...)
	w.must(err)
	return p
}

func (w *world) apply(enti ...string) *plan.Plan {
	w.t.Helper()
	p, err := w.planner().Apply(context.Background(), nil, enti...)
	w.must(err)
	return p
}

// write puts a file below enti/<ente>.
func (w *world) write(ente, name, text string) {
	w.t.Helper()
	path := filepath.Join(w.config.Dir, "enti", ente, filepath.FromSlash(name))
	w.must(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600))
}

// find is the step of an action for a target.
func find(t *testing.T, p *plan.Plan, ente, action, target string) plan.Step {
	t.Helper()
	for _, e := range p.Enti {
		for _, st := range e.Steps {
			if e.Ente == ente && st.Action == action && st.Target == target {
				return st
			}
		}
	}
	t.Fatalf("no step %s of %s for %s in %+v", action, target, ente, p)
	return plan.Step{}
}

// crash stops the run at its n-th write.
type crash struct {
	at    int  // counted from 1
	after bool // the write reaches PDND, its answer is lost
	seen  int
}

var errCrash = errors.New("the power went")

// crashing is a Writer during which the run dies.
type crashing struct {
	plan.Writer
	crash *crash
}

func stop[T any](c *crashing, do func() (T, error)) (T, error) {
	c.crash.seen++
	var none T
	if c.crash.seen != c.crash.at {
		return do()
	}
	if c.crash.after {
		if _, err := do(); err != nil {
			return none, err
		}
	}
	return none, errCrash
}
