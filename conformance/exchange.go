// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/conformance/internal/forge"
)

// maxReply bounds an answer, in bytes.
const maxReply = 8 << 20

// errUnsendable means that HTTP itself does not let the message through.
var errUnsendable = errors.New("a client of HTTP does not send this")

// maxWaited is how long a run waits in all for services that ask to come again, in seconds.
const maxWaited = 120

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

// send sends a message and writes the exchange down. A reply of 429 is waited for once:
// a limit of requests says nothing of the case, within maxWaited.
func (s *Suite) send(ctx context.Context, m *forge.Message) (*answer, Exchange, error) {
	got, e, err := s.sendOnce(ctx, m)
	if err != nil || got.status != http.StatusTooManyRequests {
		return got, e, err
	}
	wait, errWait := strconv.Atoi(got.header.Get("Retry-After"))
	if errWait != nil || wait < 0 || wait > 30 || s.waited.Add(int64(wait)) > maxWaited {
		return got, e, nil
	}
	timer := time.NewTimer(time.Duration(wait) * time.Second)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return got, e, nil
	case <-timer.C:
		return s.sendOnce(ctx, m)
	}
}

func (s *Suite) sendOnce(ctx context.Context, m *forge.Message) (*answer, Exchange, error) {
	e := Exchange{At: s.config.Clock().UTC(), Request: s.redact.request(m.Method, m.URL, m.Header, m.Body)}
	ctx, cancel := context.WithTimeout(ctx, s.config.Network.timeout())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, m.Method, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return nil, e, fmt.Errorf("%w: its method or its address", errUnsendable) // what net/http says of it quotes the address
	}
	req.Header = m.Header.Clone()
	if err := sendable(req.Header); err != nil {
		return nil, e, err
	}
	began := s.config.Clock()
	resp, err := s.client.Do(req)
	if err != nil {
		e.Took, e.Failure = s.config.Clock().Sub(began), reason(err)
		return nil, e, fmt.Errorf("send: %s", e.Failure)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	e.Took = s.config.Clock().Sub(began)
	e.Reply = s.redact.reply(resp.StatusCode, resp.Header, body)
	if err != nil {
		e.Failure = reason(err)
		return nil, e, fmt.Errorf("read the answer: %s", e.Failure)
	}
	return &answer{status: resp.StatusCode, header: resp.Header, body: body, took: e.Took}, e, nil
}

// sendable refuses fields that net/http would: it tells why a case cannot be played.
func sendable(h http.Header) error {
	for name, values := range h {
		for _, value := range values {
			for i := range len(value) {
				if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
					return fmt.Errorf("%w: the field %s", errUnsendable, name)
				}
			}
		}
	}
	return nil
}

// reason is why an exchange failed, without the address.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return clean(err.Error())
}

// httpClient makes the client of the suite: no redirects, no compression of its own, no
// cookies.
func (c Config) httpClient() (*http.Client, error) {
	if c.Client != nil {
		return c.Client, nil
	}
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32, Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if c.Network.Proxy != "" {
		proxy, err := url.Parse(c.Network.Proxy)
		if err != nil {
			return nil, misuse("network.proxy %q: non è un indirizzo", "network.proxy %q: not an address", addressOnly(c.Network.Proxy))
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	if c.Network.CA != "" {
		pem, err := os.ReadFile(c.Network.CA)
		pool := x509.NewCertPool()
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			return nil, misuse("network.ca %s: non è un file di certificati PEM", "network.ca %s: not a file of PEM certificates", c.Network.CA)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	if c.Network.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(c.Network.Certificate, c.Network.CertificateKey)
		if err != nil {
			return nil, misuse("network.certificate %s e network.certificate_key: non sono una coppia PEM", "network.certificate %s and network.certificate_key: not a PEM pair", c.Network.Certificate)
		}
		transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

func misuse(it, en string, args ...any) error {
	m := &Misuse{}
	m.add(it, en, args...)
	return m
}
