// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package problem turns every error of the hub into one RFC 9457 problem document, in Italian or English.
//
// It owns the hub's own rules (areas "hub.*") and joins them with the protocol's (modi.Rules) into one table, keyed by
// rule id: HTTP status, title, remedy, source (design D7). The problem type is the base URL plus the id; the pages
// under docs/problems and the ones the hub serves are rendered from the same rows.
//
// It depends on modi and registry and never logs, never does I/O and never puts an error's text in a document: only
// what a rule, a violation or a Detail marks as safe reaches the caller.
package problem
