// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// defaultBackEndDeadline bounds a call to a back end when neither binding nor recipe does.
const defaultBackEndDeadline = 10 * time.Second

// exposed is one e-service of one ente, compiled at start. It is read-only but for its guard.
type exposed struct {
	ente     *config.Ente
	binding  *config.Expose
	recipe   *registry.Exposure
	base     string // /modi/{codiceIPA}/{name}/v{major}, as the log writes it
	document *schema.Document
	verifier voucher.Verifier // of Bearer vouchers
	bound    voucher.Verifier // the same for vouchers that come with a proof of possession

	terms        *terms            // of the operations that have none of their own
	own          map[string]*terms // by operationId
	lenient      modi.Lenient
	certificates modi.CertificateResolver // of callers; nil where no operation takes one

	key       func() (token.SigningKey, error) // the one in use: it may be another on the next call
	producer  string                           // PDND tenant id of the ente: iss and sub of signed answers
	backEnd   Doer
	streamer  Streamer // the same, where an operation is streamed
	url       string   // of the back end, without a final slash
	deadline  time.Duration
	guard     *registry.Guard
	guardName string

	limits   quota.Limits  // calls a day
	places   chan struct{} // of the calls under way, taken by sending; nil where the recipe does not bound them
	arrivals chan struct{} // of the uploads that are not here to their end; as many again
	refusals refusalFormat // nil = the problem document
}

func (d InDeps) complete() (InDeps, error) {
	if d.Config == nil || d.Log == nil || d.Replay == nil || d.VoucherKeys == nil || d.ConsumerKeys == nil ||
		d.Keychain == nil || d.BackEnd == nil || d.Clock == nil || d.Rand == nil {
		return d, errors.New("gateway: a mandatory dependency of the exposed side is missing")
	}
	if d.Location == nil {
		d.Location = time.UTC
	}
	if d.Ledger == nil {
		var err error
		if d.Ledger, err = quota.New(quota.Config{Clock: d.Clock, Location: d.Location}); err != nil {
			return d, err
		}
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Deadline <= 0 {
		d.Deadline = DefaultDeadline
	}
	return d, nil
}

func compileExposed(d InDeps) (map[string]*exposed, error) {
	all := map[string]*exposed{}
	documents := map[string]*schema.Document{} // compiled once for every ente that shares the recipe
	for _, ente := range d.Config.Enti {
		for name, binding := range ente.Exposes {
			recipe, ok := d.Config.Exposes[binding.Recipe]
			if !ok {
				return nil, fmt.Errorf("ente %s exposes %s: no recipe %s", ente.CodiceIPA, name, binding.Recipe)
			}
			if documents[recipe.Name] == nil {
				document, err := schema.Compile(recipe.Document)
				if err != nil {
					return nil, fmt.Errorf("exposure %s: %w", recipe.Name, err)
				}
				documents[recipe.Name] = document.Without(StatusPath) // answered by the hub itself
			}
			e, err := d.compileOne(ente, binding, recipe, documents[recipe.Name])
			if err != nil {
				return nil, fmt.Errorf("ente %s exposes %s: %w", ente.CodiceIPA, name, err)
			}
			all[fmt.Sprintf("%s/%s/v%d", ente.CodiceIPA, recipe.Name, recipe.Major)] = e
		}
	}
	return all, nil
}

func (d InDeps) compileOne(
	ente *config.Ente, b *config.Expose, r *registry.Exposure, document *schema.Document,
) (*exposed, error) {
	e := &exposed{
		ente: ente, binding: b, recipe: r, producer: ente.Tenants[b.Environment], document: document,
		base:      fmt.Sprintf("/modi/{codiceIPA}/%s/v%d", r.Name, r.Major),
		key:       func() (token.SigningKey, error) { return d.Keychain(ente.CodiceIPA, b.Keychain) },
		guardName: "esposizione/" + ente.CodiceIPA + "/" + r.Name,
		deadline:  cmp.Or(b.BackEnd.Deadline, r.Guard.Deadline, defaultBackEndDeadline),
		limits: quota.Limits{
			Consumer: cmp.Or(b.QuotaPerConsumer, r.Quota.PerConsumer), Total: cmp.Or(b.QuotaTotal, r.Quota.Total),
		},
	}
	if most := r.Limits.Concurrency; most > 0 {
		e.places, e.arrivals = make(chan struct{}, most), make(chan struct{}, most)
	}
	e.verifier = voucher.Verifier{
		Issuer: d.Config.Environments[b.Environment].Issuer, Audience: b.Audience, ProducerID: e.producer,
		EserviceID: b.EserviceID, DescriptorIDs: b.DescriptorIDs,
		Keys: d.VoucherKeys(b.Environment), Clock: d.Clock, Times: modi.VoucherTimes(),
	}
	e.bound = e.verifier
	e.bound.AllowBound = true
	e.guard = registry.NewGuard(e.guardName, r.Guard, d.Observer.guard)
	d.Observer.guard(e.guardName, "", e.guard.State())
	var err error
	e.refusals = refusalFormats()[r.Refusals]
	if e.lenient, err = modi.ParseLenient(r.Lenient); err != nil {
		return nil, err
	}
	if e.url, err = backEndURL(b.BackEnd, r); err != nil {
		return nil, err
	}
	if err = e.compileTerms(document); err != nil {
		return nil, err
	}
	if err = e.trusts(d); err != nil {
		return nil, err
	}
	if e.backEnd, err = d.BackEnd(ente.CodiceIPA, r.Name); err != nil {
		return nil, fmt.Errorf("back end: %w", err)
	}
	if e.streamer, _ = e.backEnd.(Streamer); e.streamer == nil && slices.ContainsFunc(e.all(), func(t *terms) bool { return t.bulk }) {
		return nil, errors.New("an operation is bulk, and the back end hands nothing on as it comes")
	}
	return e, nil
}

// viewURL stands for the address of a view, and of what the hub itself receives, which have none: only the path below it
// means anything.
const viewURL = "http://vista.invalid"

func backEndURL(b config.BackEnd, r *registry.Exposure) (string, error) {
	if b.View != "" || b.URL == "" && r.Receiver() != "" {
		return viewURL, nil
	}
	u, err := url.Parse(b.URL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", errors.New("back end: not an absolute http or https URL without user and query")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// allowedHeaders is the recipe's allow-list in canonical form, without what must never reach a back end, even if a
// configuration that was not checked lists it.
func allowedHeaders(names []string) []string {
	var out []string
	for _, name := range names {
		if registry.ForwardableHeader(name) {
			out = append(out, textproto.CanonicalMIMEHeaderKey(name))
		}
	}
	return out
}
