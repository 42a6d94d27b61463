// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
)

// Keys opens the keys whose public halves PDND is given; *keys.Ring is the one.
type Keys interface {
	// Client is a client for e-services by its local name.
	Client(ente, name string) (keys.Client, error)
	// Keychain is a producer keychain by its local name.
	Keychain(ente, name string) (keys.Keychain, error)
}

// Options are the parts of a Planner. All are mandatory but Writer, which only Apply asks for.
type Options struct {
	Config  *config.Config
	Keys    Keys
	Journal acts.Journal
	// Reader and Writer act for an ente in an environment.
	Reader func(ente, environment string) (Reader, error)
	Writer func(ente, environment string) (Writer, error)
	Clock  func() time.Time
	// Operator and Workstation are of the person at the command: they go into the acts.
	Operator, Workstation string
}

// Planner makes plans and carries them out. It is not safe for concurrent use.
type Planner struct{ Options }

// New returns a Planner.
func New(o Options) (*Planner, error) {
	if o.Config == nil || o.Keys == nil || o.Journal == nil || o.Reader == nil || o.Clock == nil {
		return nil, errors.New("plan: a mandatory option is missing")
	}
	return &Planner{o}, nil
}

// scope is one ente in one environment while it is planned.
type scope struct {
	*Planner
	ente        *config.Ente
	environment string
	tenant      string // of the ente; "" when ente.yaml names none
	sheets      sheets
	made        memory
}

// scopes lists the environments of the enti chosen, in a stable order. No ente chosen means
// every one. The error of a sheet is *config.Faults.
func (p *Planner) scopes(ctx context.Context, enti []string) ([]*scope, error) {
	var list []*scope
	for _, code := range slices.Sorted(maps.Keys(p.Config.Enti)) {
		if len(enti) > 0 && !slices.Contains(enti, code) {
			continue
		}
		ente := p.Config.Enti[code]
		all, err := readSheets(p.Config, ente)
		if err != nil {
			return nil, err
		}
		for _, environment := range environments(ente, all) {
			s := &scope{Planner: p, ente: ente, environment: environment, tenant: ente.Tenants[environment], sheets: all.of(environment)}
			if err := s.recall(ctx); err != nil {
				return nil, err
			}
			list = append(list, s)
		}
	}
	if len(enti) > 0 && len(list) == 0 {
		return nil, bilingual.Errorf("nessuno tra %s è un ente configurato con qualcosa su PDND",
			"none of %s is a configured ente with anything on PDND", strings.Join(enti, ", "))
	}
	return list, nil
}

// environments are those in which the ente has anything on PDND.
func environments(ente *config.Ente, all sheets) []string {
	used := map[string]bool{}
	for _, c := range ente.Clients {
		used[c.Environment] = true
	}
	for _, k := range ente.Keychains {
		used[k.Environment] = true
	}
	for _, e := range all.eservices {
		used[e.Environment] = true
	}
	for _, u := range all.purposes {
		used[u.Environment] = true
	}
	return slices.Sorted(maps.Keys(used))
}

func (s sheets) of(environment string) sheets {
	return sheets{
		eservices: slices.DeleteFunc(slices.Clone(s.eservices), func(e *EserviceSheet) bool { return e.Environment != environment }),
		purposes:  slices.DeleteFunc(slices.Clone(s.purposes), func(u *PurposeSheet) bool { return u.Environment != environment }),
	}
}

// recall reads what was done for the ente before.
func (s *scope) recall(ctx context.Context) error {
	list, err := s.Journal.Acts(ctx, s.ente.CodiceIPA, s.environment)
	s.made = list
	return err
}

// memory is what Snodo did for an ente in an environment, oldest first.
type memory []acts.Act

// last is the latest act of an action for a target, nil when there is none.
func (m memory) last(target, action string) *acts.Act {
	for i := len(m) - 1; i >= 0; i-- {
		if m[i].Target == target && m[i].Action == action {
			return &m[i]
		}
	}
	return nil
}

// object is the id of what an action made for a target, "" when it made nothing.
func (m memory) object(target, action string) string {
	for i := len(m) - 1; i >= 0; i-- {
		if a := &m[i]; a.Target == target && a.Action == action && a.Outcome == acts.Done {
			return a.Object
		}
	}
	return ""
}

// interrupted reports whether the latest act of an action for a target has no outcome: what
// it was to make may be there.
func (m memory) interrupted(target, action string) bool {
	a := m.last(target, action)
	return a != nil && a.Outcome == acts.Unknown
}

// created reports whether Snodo made the object of that id.
func (m memory) created(id string) bool {
	return slices.ContainsFunc(m, func(a acts.Act) bool {
		return id != "" && a.Object == id && a.Outcome == acts.Done && strings.HasSuffix(a.Action, "/create")
	})
}

// step begins a step: what is to be kept of it is derived from what it is.
func (s *scope) step(action, target string, status Status, ids result, values ...Value) Step {
	act := acts.Act{
		Ente: s.ente.CodiceIPA, Environment: s.environment, Action: action, Target: target,
		Operator: s.Operator, Workstation: s.Workstation,
		Eservice: ids.eservice, Descriptor: ids.descriptor, Purpose: ids.purpose, Object: ids.object,
	}
	if len(values) > 0 {
		act.Values = make(map[string]string, len(values))
		for _, v := range values {
			act.Values[v.Name] = v.Text
		}
	}
	return Step{Action: action, Target: target, Status: status, Values: values, act: act}
}

func (st Step) because(it, en string) Step {
	st.Why = modi.Text{IT: it, EN: en}
	return st
}

func (st Step) doing(do func(ctx context.Context, w Writer) (result, error)) Step {
	st.do = do
	return st
}

// recorded is a step whose object was found: an interrupted run made it, and only its
// outcome is still to be kept.
func (st Step) recorded(id string) Step {
	st.found = id
	return st.because("l'oggetto c'è già: lo ha fatto un'esecuzione interrotta, resta da registrarne l'esito",
		"the object is there: an interrupted run made it, its outcome is still to be kept")
}

func number(name string, n int64) Value { return Value{name, strconv.FormatInt(n, 10)} }

func flag(name string, b bool) Value { return Value{name, strconv.FormatBool(b)} }

// newest is the latest version of an e-service that is not archived.
func newest(list []api.Descriptor, which func(api.Descriptor) bool) (api.Descriptor, bool) {
	var best api.Descriptor
	version := -1
	for _, d := range list {
		n, err := strconv.Atoi(d.Version)
		if err == nil && n > version && which(d) {
			best, version = d, n
		}
	}
	return best, version >= 0
}
