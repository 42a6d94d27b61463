// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/jobs"
)

type sealed = seal.Box

// Evidence is what a Desk needs of the log; *evidence.Log is the one.
type Evidence interface {
	// Append keeps a record; nil means that it is durable.
	Append(ctx context.Context, r evidence.Record) (evidence.Receipt, error)
	// List returns the entries that match, by ascending index.
	List(ctx context.Context, q evidence.Query) ([]evidence.Stored, error)
}

// Numbers hands out numbers that never repeat.
type Numbers interface {
	Next(ctx context.Context, ente, name string) (uint64, error)
}

// FileKey is a signing key in a file, which only the environment locale admits.
type FileKey struct {
	Key   crypto.Signer
	Chain []*x509.Certificate
}

// Options are what a Desk needs. All are mandatory but FileKey, Remote and Notify.
type Options struct {
	Config   *config.Config
	Store    Store
	Position Positions
	Numbers  Numbers
	Queue    *jobs.Queue
	Sealer   *seal.Sealer
	Evidence Evidence
	Siope    func(ente string) (Siope, error)
	Clock    func() time.Time
	Rand     io.Reader
	Rome     *time.Location
	Logger   *slog.Logger

	// FileKey opens the signing key that an ente names; it is called in the environment locale alone.
	FileKey func(ente string) (FileKey, error)
	// Remote signs through a provider where the signatory's key is, with the one-time password that they were sent for
	// this flow.
	Remote RemoteSigner
	// Notify sends a request of an ente, without retries.
	Notify func(ctx context.Context, ente string, r *http.Request) (status int, err error)
}

// ErrRemoteRefused means that a provider does not sign: the one-time password is wrong, spent or too old, or it does not
// know the signatory. Any other error means that it is not known whether it would.
var ErrRemoteRefused = errors.New("the provider does not sign")

// RemoteSigner is a provider of remote signatures. The document comes back with an enveloped signature; what a provider
// gives is verified as what a person uploads is.
type RemoteSigner interface {
	// Sign signs a document for the signatory with a codice fiscale; [ErrRemoteRefused].
	Sign(ctx context.Context, ente, signatory, otp string, document []byte) ([]byte, error)
}

// A Desk carries the flows of all enti that have a treasury. It is safe for concurrent use.
type Desk struct {
	Options
	channels map[string]*channel
}

// channel is the treasury of one ente.
type channel struct {
	Channel
	ente    *config.Ente
	cfg     *config.Tesoreria
	siope   Siope
	signers *x509.CertPool
	bank    *x509.CertPool
	pins    []*x509.Certificate // those of tesoriereCA that are the treasurer's own
}

// pinned tells whether a certificate is itself among those of the treasurer.
func (c *channel) pinned(cert *x509.Certificate) bool { return slices.ContainsFunc(c.pins, cert.Equal) }

// New opens the certificates that the configuration names.
func New(o Options) (*Desk, error) {
	if o.Config == nil || o.Store == nil || o.Position == nil || o.Numbers == nil || o.Queue == nil || o.Sealer == nil || o.Evidence == nil ||
		o.Siope == nil || o.Clock == nil || o.Rand == nil || o.Rome == nil || o.Logger == nil {
		return nil, errors.New("tesoreria: a mandatory option is missing")
	}
	d := &Desk{Options: o, channels: map[string]*channel{}}
	for _, name := range slices.Sorted(maps.Keys(o.Config.Enti)) {
		ente := o.Config.Enti[name]
		if ente.Tesoreria == nil {
			continue
		}
		c := &channel{Channel: Channel{name, ente.Tesoreria.Environment}, ente: ente, cfg: ente.Tesoreria}
		var err error
		if c.signers, _, err = d.pool(ente.Tesoreria.FirmatariCA); err != nil {
			return nil, bilingual.Errorf("ente %s, tesoreria.firmatariCA: %w", "ente %s, tesoreria.firmatariCA: %w", name, err)
		}
		if c.bank, c.pins, err = d.pool(ente.Tesoreria.TesoriereCA); err != nil {
			return nil, bilingual.Errorf("ente %s, tesoreria.tesoriereCA: %w", "ente %s, tesoreria.tesoriereCA: %w", name, err)
		}
		if len(c.pins) == 0 && len(c.cfg.FirmeTesoriere) == 0 {
			return nil, bilingual.Errorf(
				"ente %s: tesoreria.tesoriereCA ha solo CA, e ogni loro certificato varrebbe per il tesoriere: scrivere in tesoreria.firmeTesoriere l'organizationIdentifier o il codice fiscale di chi firma per lui",
				"ente %s: tesoreria.tesoriereCA has only CAs, and any certificate of theirs would do for the treasurer: write in tesoreria.firmeTesoriere the organizationIdentifier or codice fiscale of who signs for it", name)
		}
		if c.siope, err = o.Siope(name); err != nil {
			return nil, bilingual.Errorf("ente %s, tesoreria: %w", "ente %s, tesoreria: %w", name, err)
		}
		d.channels[name] = c
	}
	return d, nil
}

// pool reads certificates from PEM files. own are those that are of no CA: who holds one is trusted by name.
func (d *Desk) pool(files []string) (pool *x509.CertPool, own []*x509.Certificate, err error) {
	pool = x509.NewCertPool()
	for _, file := range files {
		data, err := os.ReadFile(d.Config.Path(file))
		if err != nil {
			return nil, nil, err
		}
		found := 0
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			if block.Type != "CERTIFICATE" {
				continue
			}
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", file, err)
			}
			pool.AddCert(cert)
			if found++; !cert.IsCA {
				own = append(own, cert)
			}
		}
		if found == 0 {
			return nil, nil, fmt.Errorf("%s: no certificate in PEM", file)
		}
	}
	return pool, own, nil
}

// Enti lists the enti that have a treasury.
func (d *Desk) Enti() []string { return slices.Sorted(maps.Keys(d.channels)) }

// channel finds the treasury of an ente.
func (d *Desk) channel(ente string) (*channel, error) {
	c := d.channels[ente]
	if c == nil {
		return nil, noTreasury()
	}
	return c, nil
}

// header is what the header of every flow of an ente says.
func (c *channel) header() opi.Testata {
	return opi.Testata{
		CodiceABI: c.cfg.CodiceABI, CodiceEnte: c.cfg.CodiceUfficio, DescrizioneEnte: c.ente.Denominazione, CodiceISTATEnte: c.cfg.CodiceISTAT,
		CodiceFiscaleEnte: c.ente.CodiceFiscale, CodiceTramiteEnte: c.cfg.CodiceA2A, CodiceTramiteBT: c.cfg.CodiceTramiteBT,
		CodiceEnteBT: c.cfg.CodiceEnteBT,
	}
}

// version is the version of OPI that flows are checked against.
func (d *Desk) version(c *channel) opi.Version { return opi.Version(c.cfg.Versione) }
