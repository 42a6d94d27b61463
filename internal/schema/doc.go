// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package schema holds messages against their contract: a strict JSON reader, the OpenAPI documents of exposed
// e-services and the input schemas of acquisitions.
//
// It owns which operation a path names, what "valid" means and how a fault is told: by place and expectation, never by
// value, because the value may be somebody's data. It depends on kin-openapi for the schemas and on internal/problem
// for the words of a refusal. It never fetches a reference, changes a message or fills in defaults.
package schema
