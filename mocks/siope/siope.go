// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package siope is a stand-in for SIOPE+ and for the treasury bank behind it.
//
// It owns their rules as far as they are public: the client certificate, the zip with one entry, what every element of
// a flow has to be, the sums, the identifier that is used once (code 101), the signature, and the messages that follow:
// ACK, answer of the treasurer, outcome of every order, cash book. The rules are its own, written by hand. It depends on
// the other packages of mocks and on the standard library. Codes that Banca d'Italia has not published are its own
// invention and begin with 9.
package siope

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/privateca"
)

// Ente is a body that SIOPE+ knows.
type Ente struct {
	Ufficio, ISTAT, CodiceFiscale, Denominazione string // Ufficio is the codice univoco ufficio of the flow's codice_ente
	A2A                                          string // who sends for it: its own code or its intermediary's
	CodiceEnteBT, CodiceABI, TramiteBT           string
	Fondo                                        int64 // cash at the beginning, in cents
}

// Delays are how long each step takes; zero is at once.
type Delays struct {
	Ack      time.Duration // from the upload to the ACK
	Esito    time.Duration // from the ACK to the answer of the treasurer
	Esiti    time.Duration // from there to the outcome of the orders
	Giornale time.Duration // from a movement to the cash book that has it
}

// Options configure a [Server].
type Options struct {
	Clock   func() time.Time // time.Now
	Rand    io.Reader        // crypto/rand
	Enti    []Ente
	Delays  Delays
	PerPage int // results in a page of a list: 50
	Rows    int // movements in a page of the cash book: 100
}

// Server is SIOPE+ with one treasury bank. Its methods are safe for concurrent use.
type Server struct {
	*host.Host
	opts  Options
	ca    *privateca.CA // of the server and of its clients
	bank  authority     // signs for the treasurer
	place *time.Location

	mu       sync.Mutex
	enti     map[string]*body // by ufficio
	due      []event
	messages []*message
	plans    map[orderKey]string
	since    int // where numbers begin, from the clock: what a server numbered is not another's after it on the same folder
	progress int
}

// body is what the bank keeps about an ente.
type body struct {
	Ente
	flows     map[flowKey]*flow
	movements []movement // of the cash book still to be written
	written   []movement
	balance   int64
	numbers   int
	receipts  int
	bookDue   bool
	books     int
}

// flowKey is what is used once.
type flowKey struct {
	year int
	id   string
}

type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// New makes a server. Start it with Start, as every mock.
func New(opts Options) (*Server, error) {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.Reader
	}
	if opts.PerPage == 0 {
		opts.PerPage = 50
	}
	if opts.Rows == 0 {
		opts.Rows = 100
	}
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, fmt.Errorf("siope: %w", err)
	}
	since := int(opts.Clock().UnixMilli())
	s := &Server{opts: opts, place: rome, enti: map[string]*body{}, plans: map[orderKey]string{}, since: since, progress: since}
	for _, e := range opts.Enti {
		s.enti[e.Ufficio] = &body{Ente: e, flows: map[flowKey]*flow{}, balance: e.Fondo, numbers: since, books: since}
	}
	if s.ca, err = privateca.New(opts.Rand, "SIOPE+ mock CA"); err != nil {
		return nil, err
	}
	if s.bank, err = newAuthority(opts.Rand); err != nil {
		return nil, err
	}
	config, err := s.ca.Server(true)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.routes(mux)
	s.Host = host.New(mux, config, opts.Clock)
	return s, nil
}

// CAPEM is the authority of the server's certificate.
func (s *Server) CAPEM() []byte { return s.ca.PEM() }

// BankPEM is the certificate with which the treasurer signs its messages.
func (s *Server) BankPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.bank.cert.Raw})
}

// ClientPEM issues the client certificate of an A2A code, with its key, in one PEM text.
func (s *Server) ClientPEM(a2a string) ([]byte, error) {
	cert, key, err := s.ca.Client(a2a)
	return append(cert, key...), err
}

// Received tells how often a flow arrived and how often it was taken: more than once never.
func (s *Server) Received(ufficio string, year int, id string) (uploads, taken int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.enti[ufficio]; b != nil {
		if f := b.flows[flowKey{year, id}]; f != nil {
			return f.uploads, f.taken
		}
	}
	return 0, 0
}

// Plan decides the outcome of an order that is still to come: "NON ESEGUIBILE", "NON ACQUISITO" … instead of payment
// or collection, "NON VARIATO" or "NON ANNULLATO" of a flow that varies or cancels it.
func (s *Server) Plan(collection bool, year, number int, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans[orderKey{collection, year, number}] = outcome
}

// ErrUnknownEnte means that SIOPE+ has no such body.
var ErrUnknownEnte = errors.New("no such ente")

// Provisional books a sum that came in (or, negative, went out) without an order, and returns the number of the
// provvisorio.
func (s *Server) Provisional(ufficio string, cents int64, who, why string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.enti[ufficio]
	if b == nil {
		return 0, ErrUnknownEnte
	}
	now := s.opts.Clock().In(s.place)
	number := int64(now.Year())*1_000_000 + int64(len(b.movements)+len(b.written)+1)
	m := movement{kind: "SOSPESO ENTRATA", income: true, operation: "ESEGUITO", number: number, line: 1, cents: cents, at: now, who: who, why: why}
	if cents < 0 {
		m.kind, m.income, m.cents = "SOSPESO USCITA", false, -cents
	}
	s.book(b, m)
	return number, nil
}

// Misreport makes the next cash book of an ente say a final balance that is off by so many cents, as a bank that errs.
func (s *Server) Misreport(ufficio string, cents int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.enti[ufficio]; b != nil {
		b.balance += cents
	}
}
