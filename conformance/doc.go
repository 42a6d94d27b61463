// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package conformance is the referee of ModI and PDND implementations, ours and others.
//
// The table of cases is in cases, as data; the messages are built in internal/forge. It
// depends on modi for its words and on mocks for the parties of an exchange, and never
// on the hub that it judges: only its tests hold the table against the hub's layers.
package conformance
