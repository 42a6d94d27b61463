// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// cmpEmpty takes nil and empty for the same.
func cmpEmpty() cmp.Option { return cmpopts.EquateEmpty() }
