// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package forge builds the messages of the conformance table: genuine ones, and what a
// named mutation makes of them.
//
// It owns no rule: it signs whatever it is told to. It is written on the standard
// library alone and never uses the producers of modi, so that a mistake of theirs
// cannot hide in its own mirror. Time, randomness and parties are handed in; keys and
// certificates are made at run time and written nowhere. It does no I/O.
package forge
