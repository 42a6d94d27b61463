// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build !mariadb

package sqlview

import "fmt"

const builtMariaDB = false

func openMariaDB(Settings) (*Source, error) {
	return nil, fmt.Errorf("%w: mariadb (go build -tags mariadb)", ErrNotBuilt)
}
