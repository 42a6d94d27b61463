// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package obs makes the hub watchable: a JSON logger that cannot be made to write personal data or credentials, and
// metrics whose labels are bounded.
//
// It owns redaction and the names of metrics. It depends on log/slog and the Prometheus client and knows no other
// package of the hub: what is measured is told through plain functions.
package obs
