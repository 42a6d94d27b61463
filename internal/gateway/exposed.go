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

// exposed is one e-service of one ente, compiled at start. It is read-only but for the guard of its procedure.
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
	procedure *procedure                       // nil where the hub itself answers everything
	backEnd   Doer                             // what answers: the procedure, with what the hub does before it in front
	url       string                           // of the back end, without a final slash

	limits   quota.Limits  // calls a day
	places   *seats        // of the calls under way; nil where the recipe does not bound them
	arrivals *seats        // of the uploads that have no place yet; as many again
	queue    *seats        // of the other calls that wait for a place for a moment; as many again
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
		base: fmt.Sprintf("/modi/{codiceIPA}/%s/v%d", r.Name, r.Major),
		key:  func() (token.SigningKey, error) { return d.Keychain(ente.CodiceIPA, b.Keychain) },
		limits: quota.Limits{
			Consumer: cmp.Or(b.QuotaPerConsumer, r.Quota.PerConsumer), Total: cmp.Or(b.QuotaTotal, r.Quota.Total),
		},
	}
	if most := r.Limits.Concurrency; most > 0 {
		e.places, e.arrivals, e.queue = newSeats(most), newSeats(most), newSeats(most)
	}
	e.verifier = voucher.Verifier{
		Issuer: d.Config.Environments[b.Environment].Issuer, Audience: b.Audience, ProducerID: e.producer,
		EserviceID: b.EserviceID, DescriptorIDs: b.DescriptorIDs,
		Keys: d.VoucherKeys(b.Environment), Clock: d.Clock, Times: modi.VoucherTimes(),
	}
	e.bound = e.verifier
	e.bound.AllowBound = true
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
	if err = d.compileBackEnd(e); err != nil {
		return nil, fmt.Errorf("back end: %w", err)
	}
	return e, nil
}

// compileBackEnd puts the procedure behind its guard, and what the hub does itself in front of it. What is streamed goes to
// the procedure: nothing that stands before it is about bulk operations.
func (d InDeps) compileBackEnd(e *exposed) error {
	ente, name := e.ente.CodiceIPA, e.recipe.Name
	behind, err := d.BackEnd(ente, name)
	if err != nil {
		return err
	}
	if behind != nil {
		e.procedure = &procedure{
			next: behind, service: name, places: e.places, answer: e.recipe.Limits.Answer,
			guard:    registry.NewGuard("esposizione/"+ente+"/"+name, e.recipe.Guard, d.Observer.guard),
			deadline: cmp.Or(e.binding.BackEnd.Deadline, e.recipe.Guard.Deadline, defaultBackEndDeadline),
			clock:    d.Clock, observer: d.Observer,
		}
		d.Observer.guard(e.procedure.guard.Name(), "", e.procedure.guard.State())
		e.backEnd = e.procedure
	}
	if d.Front != nil {
		if e.backEnd, err = d.Front(ente, name, e.backEnd); err != nil {
			return err
		}
	}
	if e.backEnd == nil {
		return errors.New("nothing answers the e-service")
	}
	if _, ok := behind.(Streamer); !ok && slices.ContainsFunc(e.all(), func(t *terms) bool { return t.bulk }) {
		return errors.New("an operation is bulk, and the back end hands nothing on as it comes")
	}
	return nil
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
