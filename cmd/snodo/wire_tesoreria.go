// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	siope "github.com/snodo-pa/snodo/adapters/tesoreria"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	"github.com/snodo-pa/snodo/registry"
)

// openTesoreria opens the treasuries of the enti that have one.
func (h *hub) openTesoreria(context.Context) error {
	var err error
	kept := h.store.Tesoreria()
	h.tesoreria, err = tesoreria.New(tesoreria.Options{
		Config: h.config, Store: kept, Position: kept, Numbers: h.store.State(), Queue: h.queue, Sealer: h.sealer, Evidence: h.evidence,
		Siope: h.siope, Clock: h.app.clock, Rand: h.app.rand, Rome: h.rome, Logger: h.logger, FileKey: h.fileKey, Notify: h.notifyTreasury,
	})
	if err != nil {
		return bilingual.Errorf("tesoreria: %w", "treasury: %w", err)
	}
	return nil
}

// siope is the channel of an ente, over the network that holds its client certificate.
func (h *hub) siope(ente string) (tesoreria.Siope, error) {
	t := h.config.Enti[ente].Tesoreria
	client, err := h.clients.For(t.Rete, h.config.Enti[ente].Rete)
	if err != nil {
		return nil, err
	}
	channel, err := siope.New(siope.Config{
		Base: t.URL, A2A: t.CodiceA2A, Ufficio: t.CodiceUfficio, HTTP: siopeHTTP{client}, Rome: h.rome, Clock: h.app.clock,
		Guard: registry.NewGuard(siope.Service+"/"+ente, registry.GuardSettings{Failures: 10, OpenFor: 5 * time.Second}, h.metrics.Guard),
	})
	if err != nil {
		return nil, err
	}
	return siopeChannel{channel}, nil
}

// siopeDeadline bounds one call; flows and cash books are large.
const siopeDeadline = 90 * time.Second

// siopeHTTP gives the adapter the one HTTP client.
type siopeHTTP struct{ client *outbound.Client }

// Do implements siope.HTTP.
func (c siopeHTTP) Do(ctx context.Context, req *http.Request, again bool) (int, http.Header, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, siopeDeadline)
	defer cancel()
	x := outbound.Exchange{MaxBody: siope.MaxDocument}
	if again {
		x.Attempts = 3
		x.Retryable = func(resp *outbound.Response, err error) bool { return err != nil || resp.Status >= 500 }
	}
	resp, err := c.client.Do(ctx, req, x)
	if err != nil {
		switch outbound.ReasonOf(err) {
		case outbound.ReasonAddress, outbound.ReasonCertificate, outbound.ReasonName, outbound.ReasonRefused, outbound.ReasonPrepare:
			err = errors.Join(siope.ErrNotSent, err)
		case outbound.ReasonLost, outbound.ReasonTLS, outbound.ReasonTimeout, outbound.ReasonCancelled, outbound.ReasonCut, outbound.ReasonTooLarge,
			outbound.ReasonEncoding, outbound.ReasonProtocol: // it may have arrived
		}
		return 0, nil, nil, err
	}
	return resp.Status, resp.Header, resp.Body, nil
}

// siopeChannel is the adapter in the words of internal/tesoreria.
type siopeChannel struct{ client *siope.Client }

// Upload implements tesoreria.Siope.
func (c siopeChannel) Upload(ctx context.Context, document []byte) (tesoreria.Upload, error) {
	u, err := c.client.Upload(ctx, document)
	return tesoreria.Upload{Number: u.Number, Location: u.Location}, err
}

// List implements tesoreria.Siope.
func (c siopeChannel) List(ctx context.Context, list string, from, to time.Time, page int, fresh bool) ([]tesoreria.Item, int, error) {
	p, err := c.client.List(ctx, siope.Query{List: siope.List(list), From: from, To: to, Page: page, Fresh: fresh})
	items := make([]tesoreria.Item, len(p.Items))
	for i, item := range p.Items {
		items[i] = tesoreria.Item(item)
	}
	return items, p.Pages, err
}

// Fetch implements tesoreria.Siope.
func (c siopeChannel) Fetch(ctx context.Context, location string) ([]byte, error) {
	return c.client.Fetch(ctx, location)
}

// Judge implements tesoreria.Siope.
func (c siopeChannel) Judge(err error) tesoreria.Judgement {
	switch {
	case errors.Is(err, siope.ErrRefused):
		return tesoreria.Rejected
	case errors.Is(err, siope.ErrNotSent) && errors.Is(err, registry.ErrDenied):
		return tesoreria.NotToSend
	case errors.Is(err, siope.ErrNotSent):
		return tesoreria.NotSent
	default:
		return tesoreria.Unknown
	}
}

// Unreadable implements tesoreria.Siope.
func (c siopeChannel) Unreadable(err error) bool { return errors.Is(err, siope.ErrReply) }

// fileKey opens the signing key of an ente: environment locale alone has one.
func (h *hub) fileKey(ente string) (tesoreria.FileKey, error) {
	t := h.config.Enti[ente].Tesoreria
	data, err := keys.ReadFile(h.config.Path(t.ChiaveFirma))
	if err != nil {
		return tesoreria.FileKey{}, err
	}
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return tesoreria.FileKey{}, bilingual.Errorf("%s: servono una chiave e il suo certificato in PEM", "%s: a key and its certificate in PEM are needed", t.ChiaveFirma)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return tesoreria.FileKey{}, fmt.Errorf("%s: no signing key", t.ChiaveFirma)
	}
	return tesoreria.FileKey{Key: signer, Chain: []*x509.Certificate{pair.Leaf}}, nil
}

// notifyTreasury delivers a notice over the ente's network.
func (h *hub) notifyTreasury(ctx context.Context, ente string, r *http.Request) (int, error) {
	client, err := h.clients.For(h.config.Enti[ente].Rete)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(ctx, r, outbound.Exchange{})
	if err != nil {
		return 0, err
	}
	return resp.Status, nil
}
