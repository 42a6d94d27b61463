// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import (
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/mocks/scripted"
)

// Offered is an e-service that both enti expose beside stato-istanza, with the back end
// that they share.
type Offered struct {
	Name    string
	Major   int
	BackEnd scripted.BackEnd
}

// EserviceOf is the id of an e-service that the ente offers.
func (e Ente) EserviceOf(name string) string {
	if name == statoIstanza {
		return e.EserviceID
	}
	return e.derived("e-service " + name)
}

// DescriptorOf is the descriptor of an e-service that the ente offers.
func (e Ente) DescriptorOf(name string) string {
	if name == statoIstanza {
		return e.DescriptorID
	}
	return e.derived("descriptor " + name)
}

// AudienceOf is the audience of an e-service that the ente offers.
func (e Ente) AudienceOf(name string, major int) string {
	return fmt.Sprintf("https://snodo.locale.invalid/modi/%s/%s/v%d", e.CodiceIPA, name, major)
}

// PurposeUnioneOf is the purpose for which the Unione consumes an e-service of the ente.
func (e Ente) PurposeUnioneOf(name string) string {
	if name == statoIstanza {
		return e.PurposeUnione
	}
	return e.derived("Unione " + name)
}

// PurposePeerOf is the purpose for which the other ente consumes it.
func (e Ente) PurposePeerOf(name string) string { return e.derived("altro ente " + name) }

func (e Ente) derived(what string) string {
	return e.TenantID[:len("b1000000-0000-4000-8000-")] + digits(what)
}

// makeBackEnds makes the back ends of what is offered.
func (a *Ambiente) makeBackEnds() error {
	a.BackEnds = map[string]*scripted.BackEndServer{}
	for _, o := range a.opts.Offered {
		server, err := scripted.NewBackEnd(o.BackEnd, scripted.BackEndOptions{Clock: a.opts.Clock, Rand: a.opts.Rand})
		if err != nil {
			return err
		}
		a.BackEnds[o.Name] = server
	}
	return nil
}

// addOffered registers the further e-services of an ente and returns all of its own, for its
// keychain.
func (a *Ambiente) addOffered(e Ente) ([]string, error) {
	ids := []string{e.EserviceID}
	for _, o := range a.opts.Offered {
		if o.Name == statoIstanza {
			continue
		}
		ids = append(ids, e.EserviceOf(o.Name))
		if err := a.addEservice(e.TenantID, e.EserviceOf(o.Name), e.DescriptorOf(o.Name), o.Name, e.AudienceOf(o.Name, o.Major)); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// registerOffered registers, for each e-service that an ente offers, a purpose of the Unione
// and one of the other ente.
func (a *Ambiente) registerOffered() error {
	for _, o := range a.opts.Offered {
		for _, e := range Enti() {
			if err := a.registerOne(o, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *Ambiente) registerOne(o Offered, e Ente) error {
	if o.Name != statoIstanza {
		if err := a.PDND.AddPurpose(pdnd.Purpose{
			ID: e.PurposeUnioneOf(o.Name), ConsumerID: UnioneTenantID, DescriptorID: e.DescriptorOf(o.Name), Clients: []string{UnioneClientID}, DailyCalls: dailyCalls,
		}); err != nil {
			return err
		}
	}
	for _, peer := range Enti() {
		if peer.CodiceIPA == e.CodiceIPA {
			continue
		}
		if err := a.PDND.AddPurpose(pdnd.Purpose{
			ID: e.PurposePeerOf(o.Name), ConsumerID: peer.TenantID, DescriptorID: e.DescriptorOf(o.Name), Clients: []string{peer.ConsumerClientID}, DailyCalls: dailyCalls,
		}); err != nil {
			return err
		}
	}
	return nil
}

// UnioneFor returns the Unione as a consumer of an e-service of an ente. Call it after
// [Ambiente.Start].
func (a *Ambiente) UnioneFor(e Ente, name string, major int) *fruitore.Client {
	profile := a.PDND.Profile()
	return fruitore.New(fruitore.Options{
		Clock: a.opts.Clock, Rand: a.opts.Rand, TokenURL: profile.TokenURL, AssertionAudience: profile.AssertionAudience,
		ClientID: UnioneClientID, PurposeID: e.PurposeUnioneOf(name), Audience: e.AudienceOf(name, major), Key: a.unioneKey, Kid: a.unioneKid,
	})
}

// consumer finds the Unione as a consumer of what stands at a path of a hub,
// /modi/{codiceIPA}/{name}/v{major}/...; nil when nothing does.
func (a *Ambiente) consumer(path string) *fruitore.Client {
	for _, e := range Enti() {
		for _, o := range a.offered() {
			if below := placeOf(e, o); path == below || strings.HasPrefix(path, below+"/") {
				return a.UnioneFor(e, o.Name, o.Major)
			}
		}
	}
	return nil
}

// callable lists where the e-services are that the Unione may call.
func (a *Ambiente) callable() []string {
	var all []string
	for _, e := range Enti() {
		for _, o := range a.offered() {
			all = append(all, placeOf(e, o))
		}
	}
	return all
}

// offered is what both enti expose: an own stato-istanza takes the place of the one that is always there.
func (a *Ambiente) offered() []Offered {
	if slices.ContainsFunc(a.opts.Offered, func(o Offered) bool { return o.Name == statoIstanza && o.Major == 1 }) {
		return a.opts.Offered
	}
	return append([]Offered{{Name: statoIstanza, Major: 1}}, a.opts.Offered...)
}

func placeOf(e Ente, o Offered) string {
	return fmt.Sprintf("/modi/%s/%s/v%d", e.CodiceIPA, o.Name, o.Major)
}
