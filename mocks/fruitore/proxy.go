// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package fruitore

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
)

// Proxy lets a person try an e-service with a plain HTTP client: what it is sent, it sends
// on as the consumer, with voucher, evidence and signature, and gives back the answer.
type Proxy struct {
	*host.Host
	target func() string
	world  World
}

// World tells a proxy who calls what. Consumer finds who calls what stands at a path, nil when nobody may; Known lists what
// can be called, as /modi/{codiceIPA}/{name}/v{major}.
type World struct {
	Consumer func(path string) *Client
	Known    func() []string
}

// NewProxy makes a proxy towards a hub.
func NewProxy(target func() string, world World, clock func() time.Time) *Proxy {
	p := &Proxy{target: target, world: world}
	p.Host = host.NewStreaming(http.HandlerFunc(p.serve), maxProxied, clock)
	return p
}

// maxProxied bounds the body of a request: more than the 256 MiB that a hub takes unless told otherwise.
const maxProxied = 300 << 20

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	client := p.world.Consumer(r.URL.Path)
	if client == nil {
		http.Error(w, "Nessun e-service di questa simulazione è a questo indirizzo. Ci sono: / No e-service of this mock is at this address. There are:\n  "+
			strings.Join(p.world.Known(), "\n  "), http.StatusNotFound)
		return
	}
	body, err := spool(r.Body)
	if err != nil {
		host.Unread(w, err)
		return
	}
	defer body.drop()
	answer, err := client.open(r.Context(), r.Method, strings.TrimRight(p.target(), "/")+r.URL.RequestURI(), body, Hooks{
		ContentType: contentType(r.Header),
		Request: func(out *http.Request) {
			for name, values := range r.Header {
				if out.Header.Get(name) == "" && passes(name) {
					out.Header[name] = values
				}
			}
		},
	})
	if err != nil {
		http.Error(w, "Lo Snodo o la piattaforma non risponde: / The hub or the platform does not answer: "+err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	for name, values := range answer.Header {
		if passes(name) {
			w.Header()[name] = values
		}
	}
	if answer.ContentLength >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(answer.ContentLength, 10))
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // a client that has left is not an error; one that gets less than announced sees it
}

// contentType is what the caller says that its body is. What curl says by itself of --data is no word of the caller.
func contentType(h http.Header) string {
	if said := h.Get("Content-Type"); said != "application/x-www-form-urlencoded" {
		return said
	}
	return ""
}

// spooled is a body in a file of its own: it is read twice, once for its digest.
type spooled struct{ *os.File }

func spool(body io.Reader) (spooled, error) {
	file, err := os.CreateTemp("", "snodo-mock-*")
	if err != nil {
		return spooled{}, err
	}
	s := spooled{file}
	if _, err = io.Copy(file, body); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		s.drop()
		return spooled{}, err
	}
	return s, nil
}

func (s spooled) drop() {
	_ = s.Close() // of a file that goes
	_ = os.Remove(s.Name())
}

// passes tells the headers of a message from those of one connection.
func passes(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Content-Length", "Accept-Encoding", "Host", "Expect":
		return false
	}
	return true
}
