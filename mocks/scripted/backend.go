// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scripted

import (
	"crypto/rand"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// BackEnd describes the back end of an e-service that an ente offers: the software of the
// ente, which knows nothing of PDND or ModI.
type BackEnd struct {
	Name   string                      `yaml:"name"` // of the e-service
	Tables map[string][]map[string]any `yaml:"tables"`
	Routes []Route                     `yaml:"routes"`
}

// ParseBackEnd reads the description of a back end. Unknown keys are refused.
func ParseBackEnd(text []byte) (BackEnd, error) {
	var b BackEnd
	if err := yaml.UnmarshalWithOptions(text, &b, yaml.Strict()); err != nil {
		return BackEnd{}, fmt.Errorf("%w: %s", ErrInvalid, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	if b.Name == "" || len(b.Routes) == 0 {
		return BackEnd{}, fmt.Errorf("%w: name and routes are needed", ErrInvalid)
	}
	script := b.script()
	for i := range b.Routes {
		if err := script.compileRoute(&b.Routes[i]); err != nil {
			return BackEnd{}, fmt.Errorf("%w: route %s %s: %s", ErrInvalid, b.Routes[i].Method, b.Routes[i].Path, err.Error())
		}
	}
	return b, nil
}

// LoadBackEnds reads the *.yaml of a folder, by name of the e-service. An error that wraps
// [ErrInvalid] names the file.
func LoadBackEnds(folder fs.FS) (map[string]BackEnd, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the back ends: %w", err)
	}
	all := map[string]BackEnd{}
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		b, err := ParseBackEnd(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[b.Name] = b
	}
	return all, nil
}

//go:embed backends
var backEnds embed.FS

// BuiltinBackEnd returns the description of the back end of a built-in e-service, as it is
// written.
func BuiltinBackEnd(name string) ([]byte, error) {
	text, err := backEnds.ReadFile("backends/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("back end of the built-in e-service %q: %w", name, fs.ErrNotExist)
	}
	return text, nil
}

func (b BackEnd) script() *Script { return &Script{Name: b.Name, Tables: b.Tables, Routes: b.Routes} }

// BackEndOptions configure a [BackEndServer]. The zero value is good for tests.
type BackEndOptions struct {
	Clock func() time.Time // time.Now when nil
	Rand  io.Reader        // crypto/rand when nil
}

// BackEndServer answers as a back end does, in plain JSON over HTTP. It is safe for
// concurrent use.
type BackEndServer struct {
	*host.Host
	opts   BackEndOptions
	script *Script
	engine engine
}

// NewBackEnd makes a server. It fails on routes that contradict each other.
func NewBackEnd(b BackEnd, opts BackEndOptions) (*BackEndServer, error) {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.Reader
	}
	opts.Rand = rules.Locked(opts.Rand)
	s := &BackEndServer{opts: opts, script: b.script(), engine: engine{clock: opts.Clock}}
	mux := http.NewServeMux()
	for i := range b.Routes {
		route := &b.Routes[i]
		serve := func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, route) }
		if err := handle(mux, route.Method+" "+route.Path, serve); err != nil {
			return nil, fmt.Errorf("%w: %s: %s", ErrInvalid, b.Name, err.Error())
		}
	}
	s.Host = host.NewStreaming(mux, maxTaken, opts.Clock)
	return s, nil
}

func (s *BackEndServer) serve(w http.ResponseWriter, r *http.Request, route *Route) {
	in := &values{request: r, clock: s.opts.Clock, random: s.opts.Rand, base: s.URL(), caller: s.script.Name}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBackEndBody))
	if err == nil && len(body) > 0 && isJSON(r.Header.Get("Content-Type")) {
		in.body, err = oneDocument(body)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body) // what is longer is taken, and not looked at
	}
	if err != nil {
		host.JSON(w, http.StatusBadRequest, "application/problem+json", map[string]any{
			"title": "Il corpo non è JSON", "status": http.StatusBadRequest,
		})
		return
	}
	s.engine.operate(*s.script, route, in).send(w, in, s.script.Tables)
}

// maxBackEndBody bounds what a back end looks at of a body, maxTaken what it takes: more than the hub does.
const (
	maxBackEndBody = 16 << 20
	maxTaken       = 512 << 20
)

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasSuffix(media, "+json"))
}

// problemWriter turns the errors of [http.ServeContent], which are texts, into problem
// documents.
type problemWriter struct {
	http.ResponseWriter
	failed bool
}

// WriteHeader writes the whole answer when it is an error.
func (p *problemWriter) WriteHeader(status int) {
	if status < http.StatusBadRequest {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.failed = true
	p.Header().Del("Content-Length")
	host.JSON(p.ResponseWriter, status, "application/problem+json", map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status,
	})
}

// Write drops the text of an error.
func (p *problemWriter) Write(b []byte) (int, error) {
	if p.failed {
		return len(b), nil
	}
	return p.ResponseWriter.Write(b)
}
