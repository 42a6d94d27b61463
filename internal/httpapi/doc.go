// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package httpapi is the hub's HTTP surface: three handlers, each mounting only its routes (design D19), and the servers
// that carry them.
//
// It owns bounds, authentication of applications, the JSON of requests and answers, problem documents on every refusal
// and the access log with the fields of RAC_GEN_LOG_01. It is the only importer of gin. What is done behind a route
// belongs to internal/gateway, evidence and store; this package never decides on a voucher, a procedimento or a proof,
// and never logs a raw path, a body, a token or a codice fiscale.
package httpapi
