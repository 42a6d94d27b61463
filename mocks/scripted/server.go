// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scripted

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // quotas follow the days of Rome, also on machines without zone files

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/producer"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// ErrKeyUnknown is what a [KeyLookup] returns when no client has that kid.
var ErrKeyUnknown = producer.ErrKeyUnknown

// KeyLookup finds the owner and the key of a consumer's kid on PDND.
type KeyLookup = producer.KeyLookup

// Refusal is why a gateway refused a request. It never goes over the wire.
type Refusal = producer.Refusal

// Options configure a [Server]. Issuer, JWKSURL, Keys and Scripts have no default.
type Options struct {
	Clock   func() time.Time // time.Now when nil
	Rand    io.Reader        // crypto/rand when nil
	Issuer  string           // of the vouchers accepted
	JWKSURL func() string    // address of the platform's keys
	Keys    KeyLookup
	Scripts []Script
}

// Server serves every script below its own path, over plain HTTP. It is safe for
// concurrent use.
type Server struct {
	*host.Host
	opts    Options
	rome    *time.Location
	gate    *producer.Gate
	quota   map[string]*producer.Quota
	signers map[string]*producer.Signer // of the scripts whose answers are signed
	engine  engine
}

// New makes a server. It fails when an option without default is missing, or when two
// scripts share a name or a path.
func New(opts Options) (*Server, error) {
	if opts.Issuer == "" || opts.JWKSURL == nil || opts.Keys == nil {
		return nil, errors.New("scripted mock: Issuer, JWKSURL and Keys are needed")
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.Reader
	}
	opts.Rand = rules.Locked(opts.Rand)
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, fmt.Errorf("load the time zone of Rome: %w", err)
	}
	s := &Server{opts: opts, rome: rome, quota: map[string]*producer.Quota{}, signers: map[string]*producer.Signer{}, engine: engine{clock: opts.Clock}}
	s.gate = producer.NewGate(producer.Options{
		Clock: opts.Clock, Rand: opts.Rand, Realm: "registro", Issuer: opts.Issuer, JWKSURL: opts.JWKSURL, Keys: opts.Keys,
		Future: 5 * time.Second,
	})
	paths := map[string]bool{}
	for _, script := range opts.Scripts {
		if s.quota[script.Name] != nil || paths[script.Eservice.Path] {
			return nil, fmt.Errorf("%w: two scripts are called %s or share its path", ErrInvalid, script.Name)
		}
		s.quota[script.Name], paths[script.Eservice.Path] = producer.NewQuota(script.Quota), true
		if !script.Signed() {
			continue
		}
		if s.signers[script.Name], err = s.newSigner(script); err != nil {
			return nil, err
		}
	}
	routes, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.Host = host.New(routes, nil, opts.Clock)
	return s, nil
}

func (s *Server) newSigner(script Script) (*producer.Signer, error) {
	key, err := rsa.GenerateKey(s.opts.Rand, 2048)
	if err != nil {
		return nil, fmt.Errorf("generate the key of the answers: %w", err)
	}
	kid, err := rules.Thumbprint(&key.PublicKey)
	return &producer.Signer{
		Clock: s.opts.Clock, Rand: s.opts.Rand, Key: key, Kid: kid, ProducerID: script.Eservice.ProducerID,
	}, err
}

func (s *Server) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, script := range s.opts.Scripts {
		routes := map[string]http.HandlerFunc{
			"GET " + script.Eservice.Path + "/status": func(w http.ResponseWriter, _ *http.Request) {
				host.JSON(w, http.StatusOK, "application/problem+json", map[string]any{"type": "about:blank", "title": "OK", "status": http.StatusOK})
			},
		}
		for i := range script.Routes {
			route := &script.Routes[i]
			pattern := route.Method + " " + script.Eservice.Path + route.Path
			if routes[pattern] != nil {
				return nil, fmt.Errorf("%w: %s: route %s is there twice", ErrInvalid, script.Name, pattern)
			}
			routes[pattern] = func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, script, route) }
		}
		for pattern, handler := range routes {
			if err := handle(mux, pattern, handler); err != nil {
				return nil, fmt.Errorf("%w: %s: %s", ErrInvalid, script.Name, err.Error())
			}
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if s.gate.Transaction(w) {
			s.gate.Problem(r.Context(), w, http.StatusNotFound, "NotFound", "Unknown API Request",
				&rules.Fault{Class: rules.ClassProfile, Name: "path-unknown", Detail: "no such e-service or operation"})
		}
	})
	return mux, nil
}

// handle adds a route of a script. ServeMux tells of a pattern that it cannot read, or
// that conflicts with another, by a panic: here it is a mistake of the data.
func handle(mux *http.ServeMux, pattern string, handler http.HandlerFunc) (err error) {
	defer func() {
		if refused := recover(); refused != nil {
			err = fmt.Errorf("route %s: %v", pattern, refused)
		}
	}()
	mux.HandleFunc(pattern, handler)
	return nil
}

// serve is the gateway first, then the registry.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, script Script, route *Route) {
	if !s.gate.Transaction(w) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	who, fault := s.gate.Verify(r, script.admission(), body)
	if fault != nil {
		s.refuse(r.Context(), w, script, fault)
		return
	}
	local := s.opts.Clock().In(s.rome)
	if !s.quota[script.Name].Take(w.Header(), who.ClientID+" "+who.PurposeID, local) {
		s.gate.Problem(r.Context(), w, http.StatusTooManyRequests, "LimitExceeded", "Limit exceeded detected",
			&rules.Fault{Name: "quota-exhausted", Detail: "the calls of the day are used up"})
		return
	}
	in, fault := s.read(r, script, body)
	if in != nil {
		in.caller = script.Name + " " + who.ClientID
	}
	if fault != nil {
		s.gate.Problem(r.Context(), w, http.StatusBadRequest, "InvalidRequestContent", "Request content not conform to API specification", fault)
		return
	}
	s.write(r.Context(), w, script, who.ClientID, in, s.engine.operate(script, route, in))
}

func (s Script) admission() producer.Service {
	return producer.Service{
		Audience: s.Eservice.Audience, ProducerID: s.Eservice.ProducerID, EserviceID: s.Eservice.EserviceID,
		DescriptorIDs: []string{s.Eservice.DescriptorID},
		Integrity:     slices.Contains(s.Request, patternIntegrity), Audit: slices.Contains(s.Request, patternAudit),
	}
}

// refuse answers in the words of the script, if it has some for the status, else as
// GovWay.
func (s *Server) refuse(ctx context.Context, w http.ResponseWriter, script Script, fault *rules.Fault) {
	own, has := script.Refusals[producer.StatusOf(fault.Class)]
	if !has {
		s.gate.Refuse(ctx, w, fault)
		return
	}
	s.gate.Note(ctx, producer.StatusOf(fault.Class), fault)
	host.JSON(w, producer.StatusOf(fault.Class), "application/problem+json", own)
}

// read makes the values of a request findable.
func (s *Server) read(r *http.Request, script Script, body []byte) (*values, *rules.Fault) {
	in := &values{request: r, clock: s.opts.Clock, random: s.opts.Rand, base: s.URL() + script.Eservice.Path}
	if len(body) == 0 {
		return in, nil
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, &rules.Fault{Class: rules.ClassProfile, Name: "content-type", Detail: "the content is not application/json"}
	}
	if in.body, err = oneDocument(body); err != nil {
		return nil, &rules.Fault{Class: rules.ClassProfile, Name: "content", Detail: "the body is not one JSON document"}
	}
	return in, nil
}

// oneDocument reads a body that is JSON and nothing else.
func oneDocument(body []byte) (any, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, end := d.Token(); !errors.Is(end, io.EOF) {
		return nil, errors.New("more follows the document")
	}
	return v, nil
}

// write sends a reply, signed when the script says so and it is a good one.
func (s *Server) write(ctx context.Context, w http.ResponseWriter, script Script, clientID string, in *values, reply Reply) {
	signer := s.signers[script.Name]
	if signer == nil || reply.Status >= 400 {
		reply.send(w, in, script.Tables)
		return
	}
	reply.setHeaders(w, in)
	body, _ := in.fill(reply.Body, script.Tables)
	signer.Answer(ctx, w, reply.Status, clientID, body)
}

func (reply Reply) setHeaders(w http.ResponseWriter, in *values) {
	for name, value := range reply.Headers {
		if text, ok := in.fill(value, nil); ok {
			w.Header().Set(name, fmt.Sprint(text))
		}
	}
}

// send writes a reply as it is.
func (reply Reply) send(w http.ResponseWriter, in *values, tables map[string][]map[string]any) {
	reply.setHeaders(w, in)
	body, _ := in.fill(reply.Body, tables)
	contentType := "application/json"
	if reply.Status >= 400 {
		contentType = "application/problem+json"
	}
	if reply.Type != "" {
		contentType = reply.Type
	}
	if body == nil {
		w.WriteHeader(reply.Status)
		return
	}
	if text, isText := body.(string); isText && !isJSON(contentType) {
		w.Header().Set("Content-Type", contentType)
		if reply.Status == http.StatusOK { // with HEAD, Range and the conditions of RFC 9110
			http.ServeContent(&problemWriter{ResponseWriter: w}, in.request, "", time.Time{}, strings.NewReader(text))
			return
		}
		w.WriteHeader(reply.Status)
		_, _ = io.WriteString(w, text) //nolint:gosec // a mock says what its data say; a client that has left is not an error
		return
	}
	host.JSON(w, reply.Status, contentType, body)
}

// LastRefusal returns the latest refusal, or nil when there was none yet.
func (s *Server) LastRefusal() *Refusal { return s.gate.LastRefusal() }

// PublicKeyPEM returns the public key of the signed answers of a script, as PDND wants
// it uploaded.
func (s *Server) PublicKeyPEM(script string) ([]byte, error) {
	signer := s.signers[script]
	if signer == nil {
		return nil, fmt.Errorf("%w: %s has no signed answers", ErrInvalid, script)
	}
	der, err := x509.MarshalPKIXPublicKey(&signer.Key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// Signed tells whether the answers of the script are signed, and so its producer has a
// keychain.
func (s Script) Signed() bool { return slices.Contains(s.Response, patternIntegrity) }
