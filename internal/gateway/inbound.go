// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"io"
	"net/http"
)

// Inbound is one request of another administration, bounded.
type Inbound struct {
	Method   string
	Host     string // as the caller wrote it: it may be among the signed headers
	Path     string // escaped path, from /modi/
	RawQuery string
	Header   http.Header
	Body     []byte // raw bytes as received; nobody changes them any more
	// Open reads the body, for a caller that has not, up to so many bytes; 0 is the caller's own limit. It is called at most
	// once, after the voucher has verified. The e-service, and sender, who is known by a signature, take their shares of
	// the room for all. Its errors are told as they are. nil = Body is there already.
	Open func(most int64, eservice, sender string) ([]byte, error)
	// Spool does the same for a body that is handed on as it is. The time that it takes is bounded by LongestUpload, and by
	// the caller of Serve alone. The shares are of another room. nil = Open reads those too, and whatever is known to have
	// no body.
	Spool     func(most int64, eservice, sender string) (Upload, error)
	RemoteIP  string
	RequestID string
}

// Reply is an answer to an Inbound.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	// Stream is the body instead, to be read as it comes and closed; an error of it means that the rest is missing or is
	// not what was signed. Length is its length, below 0 when it is not known.
	Stream io.ReadCloser
	Length int64
	Access Access
}

// Access is what the access log and the metrics say of an inbound exchange. Only identifiers that a signature vouches
// for are filled in.
type Access struct {
	Exchange  string // id of the exchange, "" when the path led nowhere
	Ente      string
	Service   string // exposure name
	Operation string // operationId
	Template  string // path template with the base, never the raw path
	Consumer  string // consumerId of a verified voucher
}
