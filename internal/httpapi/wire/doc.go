// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package wire watches the bytes of HTTP/1 connections before net/http reads them.
//
// net/http normalises what an attacker needs left alone: it drops a Content-Length that comes with Transfer-Encoding,
// merges equal repeated lengths and accepts bare line feeds. A proxy before it may read the same bytes otherwise, and a
// request can hide inside another one. This package owns the one reading that is allowed: a head with anything
// ambiguous in its framing is replaced, at its place in the stream, by a line that net/http answers with its bare 400
// and Connection: close, after the answers to the requests before it.
//
// It depends on the standard library alone and never interprets a request beyond its framing.
package wire
