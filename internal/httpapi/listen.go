// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/httpapi/wire"
)

// MaxHeaderBytes bounds the head of a request; a longer one is 431. Four ModI tokens of 4096-bit keys fit in it.
const MaxHeaderBytes = 32 << 10

// Listen opens a listener of the configuration: TCP, with TLS where it is configured, or a Unix socket that only the
// hub's own user may open. resolve turns the file names of the configuration into paths. It holds at most MaxConnections
// connections, of each address its share. The framing of every connection is watched (package wire), inside TLS.
func Listen(ctx context.Context, l config.Listener, resolve func(string) string, share Share) (net.Listener, error) {
	inner, err := open(ctx, l, resolve, share)
	if err != nil {
		return nil, err
	}
	return wire.Listener{Listener: inner, MaxHead: MaxHeaderBytes}, nil
}

func open(ctx context.Context, l config.Listener, resolve func(string) string, share Share) (net.Listener, error) {
	if l.Socket != "" {
		inner, err := openSocket(ctx, resolve(l.Socket))
		if err != nil {
			return nil, err
		}
		return limit(inner, MaxConnections, Share{}), nil
	}
	tcp, err := new(net.ListenConfig).Listen(ctx, "tcp", l.Address)
	if err != nil {
		return nil, err
	}
	inner := limit(tcp, MaxConnections, share)
	if l.TLS == nil {
		return inner, nil
	}
	settings, err := serverTLS(*l.TLS, resolve)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	return tls.NewListener(inner, settings), nil
}

func serverTLS(t config.TLS, resolve func(string) string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(resolve(t.Certificate), resolve(t.Key))
	if err != nil {
		return nil, fmt.Errorf("certificate of the listener: %w", err)
	}
	settings := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{pair},
		NextProtos:   []string{"http/1.1"},
	}
	if t.ClientCA == "" {
		return settings, nil
	}
	pem, err := os.ReadFile(resolve(t.ClientCA))
	if err != nil {
		return nil, fmt.Errorf("CA of the clients: %w", err)
	}
	settings.ClientCAs = x509.NewCertPool()
	if !settings.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, errors.New("CA of the clients: no certificate in PEM")
	}
	settings.ClientAuth = tls.RequireAndVerifyClientCert
	return settings, nil
}
