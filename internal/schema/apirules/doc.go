// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package apirules holds the OpenAPI document of an e-service against the Italian rules: the guideline on the technical
// interoperability of administrations with its recommendations (RAC), and the RFCs they name.
//
// It owns the table of those rules and the reading of documents that may be wrong in any way: it never fails, it finds.
// It covers what the catalogue refuses and what the published ruleset does not see (personal data in a URL, an answer
// that is not described at all). It depends on kin-openapi for the structure of a document and for its examples. It never
// follows a reference outside the document.
package apirules
