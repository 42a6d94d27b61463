// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package fruitore

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
)

// Proxy lets a person try an e-service with a plain HTTP client: what it is sent, it sends
// on as the consumer, with voucher, evidence and signature, and gives back the answer.
type Proxy struct {
	*host.Host
	target   func() string
	consumer func(path string) *Client
}

// NewProxy makes a proxy towards a hub. consumer finds who calls what stands at a path; nil
// means that nobody may.
func NewProxy(target func() string, consumer func(path string) *Client, clock func() time.Time) *Proxy {
	p := &Proxy{target: target, consumer: consumer}
	p.Host = host.New(http.HandlerFunc(p.serve), nil, clock)
	return p
}

// maxProxied bounds the body of a request.
const maxProxied = 16 << 20

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	client := p.consumer(r.URL.Path)
	if client == nil {
		http.Error(w, "no e-service of this world is called by /modi/{codiceIPA}/{name}/v{major}/...", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxProxied))
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	reply, err := client.Do(r.Context(), r.Method, strings.TrimRight(p.target(), "/")+r.URL.RequestURI(), body, Hooks{Request: func(out *http.Request) {
		for name, values := range r.Header {
			if out.Header.Get(name) == "" && passes(name) {
				out.Header[name] = values
			}
		}
	}})
	if err != nil {
		http.Error(w, "the hub or the platform does not answer: "+err.Error(), http.StatusBadGateway)
		return
	}
	for name, values := range reply.Header {
		if passes(name) {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // a client that has left is not an error
}

// passes tells the headers of a message from those of one connection.
func passes(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Content-Length", "Accept-Encoding", "Host":
		return false
	}
	return true
}
