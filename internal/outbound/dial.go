// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// newTransport builds the one kind of connection the hub makes.
//
// HTTP/1.1 only: HTTP/2 sends a request again by itself when the server refuses its
// stream, and a signed request must never leave twice with the same jti.
func newTransport(s Settings) (*http.Transport, error) {
	roots, err := roots(s.CA)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	if s.ClientCertificate != nil {
		config.Certificates = []tls.Certificate{*s.ClientCertificate}
	}
	t := &http.Transport{
		DialContext:            dialer(s),
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    s.DialTimeout,
		ResponseHeaderTimeout:  s.HeaderTimeout,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // bodies are decoded here, within bounds
		MaxIdleConns:           128,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        60 * time.Second,
		Protocols:              new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	if s.Socket != "" && (s.Proxy != nil || s.LocalIP.IsValid()) {
		return nil, errors.New("socket: it goes with no proxy and no source address")
	}
	if s.Proxy != nil {
		if err := checkProxy(s.Proxy); err != nil {
			return nil, err
		}
		t.Proxy = http.ProxyURL(s.Proxy)
	}
	return t, nil
}

func roots(extra []byte) (*x509.CertPool, error) {
	if len(extra) == 0 {
		return nil, nil //nolint:nilnil // a nil pool is crypto/tls's way to say: the system's
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("roots of the system: %w", err)
	}
	if !pool.AppendCertsFromPEM(extra) {
		return nil, errors.New("private roots: no PEM certificate found")
	}
	return pool, nil
}

func checkProxy(u *url.URL) error {
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return errors.New("proxy: expected http://host:port or https://host:port")
	}
	return nil
}

// dialer returns the one way out. With a proxy, only the proxy's address is dialled;
// it is refused nothing but being a metadata address.
func dialer(s Settings) func(ctx context.Context, network, address string) (net.Conn, error) {
	if s.Socket != "" {
		local := &net.Dialer{Timeout: s.DialTimeout}
		return func(ctx context.Context, _, _ string) (net.Conn, error) {
			return local.DialContext(ctx, "unix", s.Socket)
		}
	}
	d := &net.Dialer{Timeout: s.DialTimeout, KeepAlive: 30 * time.Second, Control: s.Egress.control}
	if s.LocalIP.IsValid() {
		d.LocalAddr = &net.TCPAddr{IP: s.LocalIP.AsSlice()}
	}
	if s.Proxy == nil {
		return d.DialContext
	}
	toProxy := *d
	toProxy.Control = anywhere().control
	return toProxy.DialContext
}

// anywhere allows all but metadata addresses.
func anywhere() Egress {
	return Egress{AllowPrivate: []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"),
	}}
}

// checkTarget refuses what a proxy would be asked to reach on the hub's behalf and
// the dialer never sees: a literal special address or a name of this machine. Other
// names are resolved, and answered for, by the proxy.
func (c *Client) checkTarget(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return &Error{Reason: ReasonAddress, Detail: "scheme is neither http nor https"}
	}
	if c.settings.Proxy == nil {
		return nil
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return c.settings.Egress.Check(addr)
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return c.settings.Egress.Check(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	return nil
}
