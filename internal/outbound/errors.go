// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// Reason says why an exchange brought no usable reply.
type Reason string

// The reasons. They are few and stable, so that they can label a metric.
const (
	ReasonAddress     Reason = "address refused by the egress policy"
	ReasonName        Reason = "name not resolved"
	ReasonRefused     Reason = "connection refused"
	ReasonLost        Reason = "connection lost"
	ReasonCertificate Reason = "certificate not accepted"
	ReasonTLS         Reason = "TLS failed"
	ReasonTimeout     Reason = "no answer in time"
	ReasonCancelled   Reason = "given up by the caller"
	ReasonCut         Reason = "reply cut short"
	ReasonTooLarge    Reason = "reply larger than allowed"
	ReasonEncoding    Reason = "reply in a content encoding that was not asked for or is broken"
	ReasonPrepare     Reason = "request could not be prepared"
	ReasonProtocol    Reason = "exchange failed"
)

// Local tells whether the hub itself stopped the exchange, by its network settings: the
// egress policy or the roots it trusts. Whether the host is up is not known then, so no
// guard may count it; whoever runs the hub has something to set.
func (r Reason) Local() bool { return r == ReasonAddress || r == ReasonCertificate }

// Error is the failure of an exchange. It is built from the reason and from words of
// this package: the text of net/http errors is dropped, since it can hold the URL or
// bytes sent by the peer. Detail never holds a URL, a header or a body.
type Error struct {
	Reason Reason
	Detail string
	cause  error // context.Canceled, context.DeadlineExceeded or an error of Prepare
}

// Error names the reason and the detail.
func (e *Error) Error() string {
	if e.Detail == "" {
		return string(e.Reason)
	}
	return string(e.Reason) + ": " + e.Detail
}

// Unwrap gives context.Canceled, context.DeadlineExceeded or what Prepare returned,
// and nil for every other cause.
func (e *Error) Unwrap() error { return e.cause }

// ReasonOf returns the reason of an error of Do, "" when err is none.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

// clean turns whatever net/http returned into an *Error.
func clean(ctx context.Context, err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	if e := fromContext(ctx, err); e != nil {
		return e
	}
	for _, look := range []func(error) *Error{fromTLS, fromNetwork} {
		if e := look(err); e != nil {
			return e
		}
	}
	return &Error{Reason: ReasonProtocol}
}

func fromContext(ctx context.Context, err error) *Error {
	switch {
	case errors.Is(context.Cause(ctx), errIdle):
		return &Error{Reason: ReasonTimeout, Detail: errIdle.Error(), cause: context.DeadlineExceeded}
	case errors.Is(err, context.Canceled) || errors.Is(ctx.Err(), context.Canceled):
		return &Error{Reason: ReasonCancelled, cause: context.Canceled}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), ctx.Err() != nil:
		return &Error{Reason: ReasonTimeout, cause: context.DeadlineExceeded}
	}
	return nil
}

func fromTLS(err error) *Error {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return &Error{Reason: ReasonCertificate, Detail: "it chains to no known root; a private one goes in rete.ca"}
	case errors.As(err, &host):
		return &Error{Reason: ReasonCertificate, Detail: "it is for another host"}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &Error{Reason: ReasonCertificate, Detail: "it is expired or not yet valid"}
	case errors.As(err, &invalid), errors.As(err, &verification):
		return &Error{Reason: ReasonCertificate, Detail: "its chain does not verify"}
	case errors.As(err, &alert):
		return &Error{Reason: ReasonTLS, Detail: alert.Error()}
	case errors.As(err, &record):
		return &Error{Reason: ReasonTLS, Detail: "the peer does not speak TLS"}
	}
	return nil
}

func fromNetwork(err error) *Error {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns):
		return &Error{Reason: ReasonName}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Error{Reason: ReasonRefused}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Reason: ReasonCut}
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, net.ErrClosed):
		return &Error{Reason: ReasonLost}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Reason: ReasonTimeout, cause: context.DeadlineExceeded}
	}
	return nil
}
