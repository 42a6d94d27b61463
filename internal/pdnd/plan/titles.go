// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
)

// Title says under which titoli (design D10) an ente can consume an e-service.
type Title struct {
	Recipe   string
	Eservice string // id; "" when the recipe does not name it
	Chosen   string // what the folder says
	Options  []TitleOption
}

// TitleOption is one titolo for one ente and e-service.
type TitleOption struct {
	Titolo   string
	Possible bool
	Why      modi.Text
}

// titles looks at every e-service that the ente consumes or wants to.
func (s *scope) titles(ctx context.Context, r Reader) ([]Title, error) {
	wanted := map[string]*config.Consume{}
	for name, b := range s.ente.Consumes {
		if b.Environment == s.environment {
			wanted[name] = b
		}
	}
	for _, u := range s.sheets.purposes {
		wanted[u.Recipe] = u.binding()
	}
	var list []Title
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		t, err := s.title(ctx, r, wanted[name])
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func (s *scope) title(ctx context.Context, r Reader, b *config.Consume) (Title, error) {
	t := Title{Recipe: b.Recipe, Chosen: b.Titolo, Eservice: s.Config.Consumes[b.Recipe].Environments[s.environment].EserviceID}
	if t.Eservice == "" {
		return t, nil
	}
	service, err := r.Eservice(ctx, t.Eservice)
	if err != nil {
		return t, err
	}
	descriptors, err := r.Descriptors(ctx, t.Eservice, "")
	if err != nil {
		return t, err
	}
	version, published := newest(descriptors, func(d api.Descriptor) bool { return d.State == api.DescriptorPublished })
	if !published {
		why := modi.Text{IT: "l'e-service non ha una versione pubblicata", EN: "the e-service has no published version"}
		for _, titolo := range titoli {
			t.Options = append(t.Options, TitleOption{Titolo: titolo, Why: why})
		}
		return t, nil
	}
	groups, err := r.DescriptorAttributes(ctx, t.Eservice, version.ID)
	if err != nil {
		return t, err
	}
	own, err := s.missing(ctx, r, s.tenant, groups)
	if err != nil {
		return t, err
	}
	others, err := s.holders(ctx, r, groups)
	if err != nil {
		return t, err
	}
	t.Options = []TitleOption{
		ownTitle(config.TitoloProprio, own),
		ownTitle(config.TitoloServizio28, own),
		delegatedTitle(service, own),
		transferredTitle(others, s.transferredTo(b)),
	}
	return t, nil
}

// titoli are the four of D10 in the order in which they are shown.
var titoli = []string{config.TitoloProprio, config.TitoloServizio28, titoloDelega, config.TitoloFunzione}

const titoloDelega = "delega PDND"

// missing names the first requirement that a tenant does not meet; nil when it meets all.
func (s *scope) missing(ctx context.Context, r Reader, tenant string, groups []api.AttributeGroup) (*modi.Text, error) {
	if tenant == "" {
		return &modi.Text{IT: "tenants." + s.environment + " manca in ente.yaml", EN: "tenants." + s.environment + " is missing in ente.yaml"}, nil
	}
	if len(groups) == 0 {
		return nil, nil
	}
	assigned, err := r.TenantAttributes(ctx, tenant)
	if err != nil {
		return nil, err
	}
	held := holding(assigned)
	for _, g := range groups {
		if slices.ContainsFunc(g.Attributes, func(a api.GroupAttribute) bool { return held[a.ID] }) {
			continue
		}
		names := make([]string, len(g.Attributes))
		for i, a := range g.Attributes {
			names[i] = a.Name
		}
		all := strings.Join(names, ", ")
		return &modi.Text{IT: "l'ente non ha nessuno degli attributi certificati: " + all, EN: "the ente holds none of the certified attributes: " + all}, nil
	}
	return nil, nil
}

func holding(assigned []api.HeldAttribute) map[string]bool {
	held := map[string]bool{}
	for _, a := range assigned {
		if a.RevokedAt == nil {
			held[a.ID] = true
		}
	}
	return held
}

// holders are the other enti of the hub that meet the requirements themselves.
func (s *scope) holders(ctx context.Context, r Reader, groups []api.AttributeGroup) ([]string, error) {
	var list []string
	for _, code := range slices.Sorted(maps.Keys(s.Config.Enti)) {
		other := s.Config.Enti[code]
		if other == s.ente || other.Tenants[s.environment] == "" {
			continue
		}
		lacks, err := s.missing(ctx, r, other.Tenants[s.environment], groups)
		if err != nil {
			return nil, err
		}
		if lacks == nil {
			list = append(list, code)
		}
	}
	return list, nil
}

func ownTitle(titolo string, lacks *modi.Text) TitleOption {
	if lacks != nil {
		return TitleOption{Titolo: titolo, Why: *lacks}
	}
	return TitleOption{Titolo: titolo, Possible: true, Why: modi.Text{IT: "l'ente ha gli attributi certificati richiesti", EN: "the ente holds the certified attributes asked for"}}
}

// delegatedTitle needs the consent of the producer, written in the e-service, and a
// delegator that could consume it itself.
func delegatedTitle(e api.Eservice, lacks *modi.Text) TitleOption {
	o := TitleOption{Titolo: titoloDelega}
	switch {
	case !e.IsConsumerDelegable:
		o.Why = modi.Text{IT: "l'erogatore non ammette deleghe in fruizione (isConsumerDelegable)", EN: "the producer allows no delegation of use (isConsumerDelegable)"}
	case !e.IsClientAccessDelegable:
		o.Why = modi.Text{
			IT: "l'erogatore non ammette il client del delegato (isClientAccessDelegable)",
			EN: "the producer does not allow the delegate's client (isClientAccessDelegable)",
		}
	case lacks != nil:
		o.Why = *lacks
	default:
		o.Possible = true
		o.Why = modi.Text{
			IT: "l'erogatore la ammette e l'ente ha gli attributi; la delega si conferisce e si accetta su PDND",
			EN: "the producer allows it and the ente holds the attributes; the delegation is given and accepted on PDND",
		}
	}
	return o
}

// transferredTo is the ente that the folder says has the function now, "" when it says none.
func (s *scope) transferredTo(b *config.Consume) string {
	if owner, _ := s.Config.OwnerOf(s.ente, b); b.Titolo == config.TitoloFunzione && owner != nil && owner != s.ente {
		return owner.CodiceIPA
	}
	return ""
}

func transferredTitle(holders []string, to string) TitleOption {
	o := TitleOption{Titolo: config.TitoloFunzione}
	if to != "" && !slices.Contains(holders, to) {
		o.Why = modi.Text{
			IT: to + ", a cui la funzione è trasferita, non ha gli attributi certificati richiesti",
			EN: to + ", to which the function is transferred, does not hold the certified attributes asked for",
		}
		return o
	}
	if len(holders) == 0 {
		o.Why = modi.Text{IT: "nessun altro ente dello Snodo ha gli attributi certificati richiesti", EN: "no other ente of the hub holds the certified attributes asked for"}
		return o
	}
	all := strings.Join(holders, ", ")
	o.Possible = true
	o.Why = modi.Text{
		IT: "se la funzione è trasferita a " + all + ", che ha gli attributi certificati richiesti",
		EN: "if the function is transferred to " + all + ", which holds the certified attributes asked for",
	}
	return o
}

// allows finds the option of a titolo as the folder writes it.
func (t *Title) allows(titolo string) (TitleOption, bool) {
	for _, o := range t.Options {
		if o.Titolo == titolo || o.Titolo == titoloDelega && strings.HasPrefix(titolo, titoloDelega) {
			return o, true
		}
	}
	return TitleOption{}, false
}
