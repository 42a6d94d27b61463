// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package rules holds the ModI and PDND checks that the mocks apply, written on the
// standard library alone.
//
// It owns the strict reading of a compact JWS, RS256 and ES256 signatures, JWKs and
// their thumbprints, the HTTP Digest, signed_headers, the tracking evidence and the
// voucher. It imports nothing of the project: it is the mirror in which the modi
// packages look at themselves, and a mirror that shared their code would hide their
// mistakes. It does no I/O, keeps no state and never reads the clock.
package rules
