// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package evidence keeps the proof of what the hub did: one append-only Merkle log per ente (design D9).
//
// Each act of the hub is an [Entry], the public leaf, which never names a person, and a [Side], the rest: operator,
// pratica, token payloads, body digests. The side is encrypted under a key of its own and the leaf holds a salted
// commitment to it, so that erasing a side leaves the log verifiable and says nothing about what was erased.
//
// The logs are RFC 6962 trees (golang.org/x/mod/sumdb/tlog); their states are signed as notes
// (golang.org/x/mod/sumdb/note, text as in c2sp.org/tlog-checkpoint) with the Ed25519 seal of the ente, and the notes
// also go outside the database. [Log.Export] writes a file that [Verify] judges without the hub.
//
// An acquisition, an exposed call or an act on PDND has an intent, durable before anything leaves the hub, and one outcome, durable
// before anything is delivered. An intent whose outcome was lost is closed as [KindSconosciuto].
//
// The package depends on the standard library, golang.org/x/mod and its own packages seal and batch. Rows are kept by a [Store]
// (internal/store). It never opens a database or a key file and never writes personal data to a log or an error.
package evidence
