// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	siope "github.com/snodo-pa/snodo/adapters/tesoreria"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/firma"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	mock "github.com/snodo-pa/snodo/mocks/siope"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

const (
	comune   = evidencetest.EnteA
	app      = "contabilita"
	ragioner = "mat-1"            // prepares
	dirigent = "mat-2"            // signs
	neri     = "NRELNE70A41H501T" // codice fiscale of the invented signatory
	a2a      = "A2A-00000011"
)

// person is somebody with a signing key.
type person struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

var (
	elena    = sync.OnceValue(func() person { return mustPerson(neri) })
	stranger = sync.OnceValue(func() person { return mustPerson("CNTGLI88L65G999B") })
)

func mustPerson(codiceFiscale string, usage ...x509.KeyUsage) person {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Persona di prova", SerialNumber: "TINIT-" + codiceFiscale},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
	}
	if len(usage) > 0 {
		template.KeyUsage = usage[0]
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return person{key, cert}
}

func (p person) sign(t testing.TB, document []byte, at time.Time) []byte {
	t.Helper()
	signed, err := firma.Sign(document, p.key, []*x509.Certificate{p.cert}, at)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// treasury is a desk over a real store, queue and evidence, and SIOPE+ with its bank.
type treasury struct {
	*jobstest.World
	t        testing.TB
	clock    *replaytest.Clock
	rome     *time.Location
	bank     *mock.Server
	numbered int64 // where the bank begins to number its messages
	cfg      *config.Tesoreria
	config   *config.Config
	log      *evidence.Log
	desk     *tesoreria.Desk
	set      *jobs.Handlers
	notices  []*http.Request
	bodies   []string
	answer   int // to notices
}

// start opens a treasury; change may alter its configuration first.
func start(t testing.TB, change func(*tesoreria.Options, *config.Tesoreria), slow ...mock.Delays) *treasury {
	t.Helper()
	w := &treasury{t: t, clock: jobstest.NewClock(), answer: http.StatusOK}
	w.World = jobstest.New(t, w.clock.Now)
	var err error
	if w.rome, err = time.LoadLocation("Europe/Rome"); err != nil {
		t.Fatal(err)
	}
	var delays mock.Delays
	if len(slow) > 0 {
		delays = slow[0]
	}
	w.numbered = w.clock.Now().UnixMilli()
	w.bank, err = mock.New(mock.Options{Delays: delays, Clock: w.clock.Now, Enti: []mock.Ente{{
		Ufficio: "UFBORG", ISTAT: "000999123", CodiceFiscale: "99999990007", Denominazione: "Comune di Borgo Prova", A2A: a2a,
		CodiceEnteBT: "0000042", CodiceABI: "99999", TramiteBT: "A2A-00000012", Fondo: 100_000_00,
	}}, PerPage: 2, Rows: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.bank.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.bank.Close() })
	w.open(change)
	return w
}

func (w *treasury) write(name string, data []byte) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func certPEM(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}

// open opens the desk, as a start of the process does.
func (w *treasury) open(change func(*tesoreria.Options, *config.Tesoreria)) {
	w.t.Helper()
	w.cfg = &config.Tesoreria{
		Environment: registry.Locale, URL: w.bank.URL(), CodiceA2A: a2a, CodiceUfficio: "UFBORG", CodiceISTAT: "000999123", CodiceABI: "99999",
		CodiceTramiteBT: "A2A-00000012", CodiceEnteBT: "0000042", Versione: "1.7.1", Applicazioni: []string{app}, Esercizi: []int{2026},
		Firmatari:   []config.Firmatario{{CodiceFiscale: neri, Operatore: dirigent}},
		FirmatariCA: []string{w.write("people.pem", append(certPEM(elena().cert), certPEM(stranger().cert)...))},
		TesoriereCA: []string{w.write("bank.pem", w.bank.BankPEM())},
		Ogni:        time.Minute, Sovrapposizione: time.Hour, AttesaEsito: 5 * time.Minute, Elenco: config.ElencoNuovi, Massimo: 1 << 20,
	}
	w.config = &config.Config{Dir: w.t.TempDir(), Enti: map[string]*config.Ente{comune: {
		CodiceIPA: comune, Denominazione: "Comune di Borgo Prova", CodiceFiscale: "99999990007", Tesoreria: w.cfg,
		Applicazioni: map[string]config.Applicazione{app: {Operatori: config.OperatoriElenco}, "altra": {}},
		Operatori:    map[string]config.Operatore{ragioner: {Tipo: "persona"}, dirigent: {Tipo: "persona"}},
	}, "c_x": {}}}
	if w.log == nil {
		settings, _ := evidencetest.Config(w.t)
		settings.Clock = w.clock.Now
		w.log = evidencetest.Start(w.t, w.Store.Evidence(), settings)
	}
	kept := w.Store.Tesoreria()
	o := tesoreria.Options{
		Config: w.config, Store: kept, Position: kept, Numbers: w.Store.State(), Queue: w.Queue, Sealer: w.Sealer, Evidence: w.log,
		Siope: w.channel, Clock: w.clock.Now, Rand: rand.Reader, Rome: w.rome, Logger: slog.New(slog.NewTextHandler(w.Log, nil)),
		Notify: func(_ context.Context, _ string, r *http.Request) (int, error) {
			body, err := io.ReadAll(r.Body)
			w.notices, w.bodies = append(w.notices, r), append(w.bodies, string(body))
			return w.answer, err
		},
		FileKey: func(string) (tesoreria.FileKey, error) {
			return tesoreria.FileKey{Key: elena().key, Chain: []*x509.Certificate{elena().cert}}, nil
		},
	}
	if change != nil {
		change(&o, w.cfg)
	}
	var err error
	if w.desk, err = tesoreria.New(o); err != nil {
		w.t.Fatal(err)
	}
	w.set = jobs.NewHandlers()
	if err := w.desk.Register(w.set); err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time go by and runs what is due.
func (w *treasury) pass(d time.Duration) {
	w.t.Helper()
	w.clock.Advance(d)
	w.Drain(w.t, w.set)
}

// state tells the state of a flow.
// message is where the bank has the n-th message of a list.
func (w *treasury) message(list string, n int64) string {
	return list + strconv.FormatInt(w.numbered+n, 10)
}

func (w *treasury) state(id string) tesoreria.State {
	w.t.Helper()
	f, err := w.desk.Flow(w.t.Context(), comune, app, tesoreria.FlowKey{Year: 2026, ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return f.Stato
}

func (w *treasury) order(collection bool, number int64) tesoreria.Order {
	w.t.Helper()
	o, err := w.desk.Order(w.t.Context(), comune, app, tesoreria.OrderKey{Collection: collection, Year: 2026, Number: number})
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// flow is a good flow: mandati from 1 and reversali from 1.
func flow(id string, mandati, reversali int) *opi.Flusso {
	f := &opi.Flusso{Esercizio: 2026, Testata: opi.Testata{
		CodiceABI: "99999", IdentificativoFlusso: id, DataOraCreazioneFlusso: "2026-03-01T09:30:15", CodiceEnte: "UFBORG",
		DescrizioneEnte: "Comune di Borgo Prova", CodiceISTATEnte: "000999123", CodiceFiscaleEnte: "99999990007",
		CodiceTramiteEnte: a2a, CodiceTramiteBT: "A2A-00000012", CodiceEnteBT: "0000042",
	}}
	for n := int64(1); n <= int64(mandati); n++ {
		amount := opi.Importo(10000 + n)
		f.Ordinativi = append(f.Ordinativi, opi.Ordinativo{Mandato: &opi.Mandato{
			TipoOperazione: "INSERIMENTO", Numero: n, Data: "2026-03-01", Importo: amount,
			Beneficiari: []opi.InformazioniBeneficiario{{
				Progressivo: 1, Importo: amount, TipoPagamento: "SEPA CREDIT TRANSFER",
				Classificazioni: []opi.ClassificazioneUscita{{Codice: "1040202999", Importo: amount, Dati: opi.DatiSIOPEUscite{Debiti: []opi.Debito{{NonCommerciale: "NON_COMMERCIALE"}}}}},
				Bollo:           opi.Bollo{Assoggettamento: "ESENTE BOLLO"}, Beneficiario: opi.Beneficiario{Anagrafica: "Giulia Conti", CodiceFiscale: "CNTGLI88L65G999B"},
				SEPA: &opi.SEPA{IBAN: "IT60X0542811101000000123456"}, Causale: fmt.Sprintf("Contributo %d", n),
			}},
		}})
	}
	for n := int64(1); n <= int64(reversali); n++ {
		amount := opi.Importo(5000 + n)
		f.Ordinativi = append(f.Ordinativi, opi.Ordinativo{Reversale: &opi.Reversale{
			TipoOperazione: "INSERIMENTO", Numero: n, Data: "2026-03-01", Importo: amount,
			Versanti: []opi.InformazioniVersante{{
				Progressivo: 1, Importo: amount, TipoRiscossione: "CASSA",
				Classificazioni: []opi.ClassificazioneEntrata{{Codice: "3010201008", Importo: amount, Dati: opi.DatiSIOPEEntrate{Debiti: []opi.Debito{{NonCommerciale: "NON_COMMERCIALE"}}}}},
				Bollo:           opi.Bollo{Assoggettamento: "ESENTE BOLLO"}, Versante: opi.Versante{Anagrafica: "Giulia Conti"},
				Causale: fmt.Sprintf("Refezione /RFB/%017d", n),
			}},
		}})
	}
	return f
}

func document(t testing.TB, f *opi.Flusso) []byte {
	t.Helper()
	data, err := opi.Write(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// submission is a flow in XML, as the accounting program gives it.
func submission(data []byte) tesoreria.Submission {
	return tesoreria.Submission{Ente: comune, Application: app, Operator: ragioner, Form: tesoreria.FormXML, Data: data}
}

// submitted signs a flow and submits it.
func (w *treasury) submitted(f *opi.Flusso) tesoreria.Flow {
	w.t.Helper()
	got, err := w.desk.Submit(w.t.Context(), submission(elena().sign(w.t, document(w.t, f), w.clock.Now())))
	if err != nil {
		w.t.Fatalf("Submit: %v", err)
	}
	return got
}

func wantRule(t testing.TB, err error, rule modi.RuleID) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Rule != rule {
		t.Errorf("got %v, want %s", err, rule)
	}
}

// channel is the adapter over TLS with the client certificate that the mock wants.
func (w *treasury) channel(string) (tesoreria.Siope, error) {
	both, err := w.bank.ClientPEM(a2a)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(both, both)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.bank.CAPEM())
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, Certificates: []tls.Certificate{pair}}}}
	w.t.Cleanup(client.CloseIdleConnections)
	c, err := siope.New(siope.Config{
		Base: w.bank.URL(), A2A: a2a, Ufficio: "UFBORG", HTTP: doer{client}, Rome: w.rome, Clock: w.clock.Now,
		Guard: registry.NewGuard("siope", registry.GuardSettings{Failures: 1000, MinCalls: 1000}, nil),
	})
	return channel{c}, err
}

type doer struct{ client *http.Client }

func (d doer) Do(_ context.Context, req *http.Request, _ bool) (int, http.Header, []byte, error) {
	resp, err := d.client.Do(req)
	if err != nil {
		if strings.Contains(err.Error(), "refused") {
			err = errors.Join(siope.ErrNotSent, err)
		}
		return 0, nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, body, err
}

type channel struct{ c *siope.Client }

func (c channel) Upload(ctx context.Context, document []byte) (tesoreria.Upload, error) {
	u, err := c.c.Upload(ctx, document)
	return tesoreria.Upload{Number: u.Number, Location: u.Location}, err
}

func (c channel) List(ctx context.Context, list string, from, to time.Time, page int, fresh bool) (items []tesoreria.Item, pages int, err error) {
	p, err := c.c.List(ctx, siope.Query{List: siope.List(list), From: from, To: to, Page: page, Fresh: fresh})
	for _, i := range p.Items {
		items = append(items, tesoreria.Item(i))
	}
	return items, p.Pages, err
}

func (c channel) Fetch(ctx context.Context, location string) ([]byte, error) {
	return c.c.Fetch(ctx, location)
}

func (c channel) Judge(err error) tesoreria.Judgement {
	switch {
	case errors.Is(err, siope.ErrRefused):
		return tesoreria.Rejected
	case errors.Is(err, siope.ErrNotSent) && errors.Is(err, registry.ErrDenied):
		return tesoreria.NotToSend
	case errors.Is(err, siope.ErrNotSent):
		return tesoreria.NotSent
	}
	return tesoreria.Unknown
}

func (c channel) Unreadable(err error) bool { return errors.Is(err, siope.ErrReply) }
