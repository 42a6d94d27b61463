// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package vigilanza

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/quota"
)

// Book shows the ledger under the names of the configuration. It is safe for concurrent use.
type Book struct {
	Config   *config.Config
	Ledger   *quota.Ledger
	Store    quota.Store
	Clock    func() time.Time
	Location *time.Location // Europe/Rome
}

// Quota is one limit of the day and what of it is used.
type Quota struct {
	Direzione string `json:"direzione"` // acquisizione | erogazione
	Ambiente  string `json:"ambiente"`
	Ente      string `json:"ente"`     // codice IPA
	Servizio  string `json:"servizio"` // recipe
	Fruitore  string `json:"fruitore,omitempty"`
	Finalita  string `json:"finalita,omitempty"`
	Limite    int64  `json:"limite"` // calls a day, 0 for none known
	Usate     int64  `json:"usate"`
	Residue   int64  `json:"residue"` // 0 when there is no limit
	// Riserva is how many of the last ones only persons may make.
	Riserva  int64     `json:"riserva,omitempty"`
	Fermo    bool      `json:"fermo,omitempty"` // the registry said that the quota is used up
	Registro *Registro `json:"registro,omitempty"`
	Livello  Level     `json:"livello"`
}

// Registro is what the registry last said of its own count.
type Registro struct {
	Limite  int64     `json:"limite"`
	Residue int64     `json:"residue"`
	Alle    time.Time `json:"alle"`
}

// Quotas lists the limits of the day: of every purpose that the enti call for, called or not,
// of every consumer that called them, and of every e-service of theirs as a whole.
func (b *Book) Quotas() []Quota {
	used := map[quota.Key]quota.Usage{}
	for _, u := range b.Ledger.Today() {
		used[u.Key] = u
	}
	var out []Quota
	for _, codice := range slices.Sorted(maps.Keys(b.Config.Enti)) {
		ente := b.Config.Enti[codice]
		out = append(out, b.acquired(ente, used)...)
		out = append(out, b.exposed(ente, used)...)
	}
	return out
}

// acquired are the limits of the purposes of an ente.
func (b *Book) acquired(ente *config.Ente, used map[quota.Key]quota.Usage) []Quota {
	var out []Quota
	for _, service := range slices.Sorted(maps.Keys(ente.Consumes)) {
		binding := ente.Consumes[service]
		for _, purpose := range purposes(ente, service) {
			key := b.keyOf(ente, service, purpose)
			limits := quota.Limits{Purpose: binding.QuotaDaily, Reserve: binding.Reserve()}
			if r := b.Config.Consumes[service]; r != nil {
				limits.Purpose = cmp.Or(limits.Purpose, r.Quota.Daily)
			}
			limits = b.Ledger.LimitOf(key, limits)
			u := used[key]
			q := Quota{
				Direzione: string(quota.Out), Ambiente: binding.Environment, Ente: ente.CodiceIPA, Servizio: service,
				Fruitore: key.Consumer, Finalita: purpose, Riserva: limits.Purpose * limits.Reserve / 100, Fermo: u.Stopped,
			}
			if !u.ToldAt.IsZero() {
				q.Registro = &Registro{Limite: u.ToldLimit, Residue: u.ToldRemaining, Alle: u.ToldAt.UTC()}
			}
			out = append(out, q.against(u.Used, limits.Purpose))
		}
	}
	return out
}

// keyOf is where transport counts the calls of a purpose.
func (b *Book) keyOf(ente *config.Ente, service, purpose string) quota.Key {
	binding := ente.Consumes[service]
	_, tenant := b.Config.ConsumerOf(ente, binding)
	eservice := service
	if r := b.Config.Consumes[service]; r != nil {
		eservice = cmp.Or(r.Environments[binding.Environment].EserviceID, service)
	}
	return quota.Key{
		Environment: binding.Environment, Direction: quota.Out, Eservice: eservice,
		Consumer: cmp.Or(tenant, ente.CodiceIPA), Purpose: purpose,
	}
}

// exposed are the limits of the e-services of an ente: of each consumer and as a whole.
func (b *Book) exposed(ente *config.Ente, used map[quota.Key]quota.Usage) []Quota {
	var out []Quota
	for _, name := range slices.Sorted(maps.Keys(ente.Exposes)) {
		binding := ente.Exposes[name]
		perConsumer, total := binding.QuotaPerConsumer, binding.QuotaTotal
		if r := b.Config.Exposes[name]; r != nil {
			perConsumer, total = cmp.Or(perConsumer, r.Quota.PerConsumer), cmp.Or(total, r.Quota.Total)
		}
		consumers, all := map[string]int64{}, int64(0)
		for key, u := range used {
			if key.Direction == quota.In && key.Eservice == binding.EserviceID && key.Environment == binding.Environment {
				consumers[key.Consumer] += u.Used
				all += u.Used
			}
		}
		whole := Quota{Direzione: string(quota.In), Ambiente: binding.Environment, Ente: ente.CodiceIPA, Servizio: name}
		out = append(out, whole.against(all, total))
		for _, consumer := range slices.Sorted(maps.Keys(consumers)) {
			one := whole
			one.Fruitore = consumer
			out = append(out, one.against(consumers[consumer], perConsumer))
		}
	}
	return out
}

// against fills in what is used of a limit and what that means.
func (q Quota) against(used, limit int64) Quota {
	q.Usate, q.Limite, q.Livello = used, limit, Regolare
	if limit > 0 {
		q.Residue = max(limit-used, 0)
	}
	switch {
	case q.Fermo || limit > 0 && q.Residue == 0:
		q.Livello = Oltre
	case limit > 0 && used*100 >= limit*80:
		q.Livello = Attenzione
	}
	return q
}

func purposes(ente *config.Ente, service string) []string {
	found := map[string]bool{}
	for _, p := range ente.Procedimenti {
		if id := p.Purposes[service]; id != "" {
			found[id] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Vigilance computes the indicators of today. The error means "don't know".
func (b *Book) Vigilance(ctx context.Context) ([]Indicator, error) {
	if err := b.Ledger.Sync(ctx); err != nil { // the last second counts too
		return nil, err
	}
	now := b.Clock().In(b.Location)
	day := now.Format(time.DateOnly)
	rows, err := b.Store.Usage(ctx, now.AddDate(0, 0, -Days).Format(time.DateOnly), day)
	if err != nil {
		return nil, err
	}
	list := Assess(rows, day)
	names := b.names()
	for i := range list {
		of := names[series{list[i].Ambiente, list[i].Servizio, list[i].Fruitore}]
		list[i].Servizio, list[i].Enti = cmp.Or(of.service, list[i].Servizio), of.enti
	}
	return list, nil
}

type named struct {
	service string
	enti    []string
}

// names tells which enti call an e-service as a consumer, and how the hub calls it.
func (b *Book) names() map[series]named {
	out := map[series]named{}
	for _, codice := range slices.Sorted(maps.Keys(b.Config.Enti)) {
		ente := b.Config.Enti[codice]
		for service := range ente.Consumes {
			key := b.keyOf(ente, service, "")
			at := series{key.Environment, key.Eservice, key.Consumer}
			out[at] = named{service, append(out[at].enti, codice)}
		}
	}
	return out
}
