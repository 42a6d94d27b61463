// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import "github.com/snodo-pa/snodo/internal/quota"

// Ledger is where the requests of the day are counted.
func (t *Transport) Ledger() *quota.Ledger { return t.gates.ledger }
