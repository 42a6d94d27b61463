// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import "github.com/snodo-pa/snodo/internal/config"

// KID is the kid of one key file that a configuration names, as PDND computes it: the
// thumbprint of the public key. It asks nothing else of the key, and not of its role.
func KID(c *config.Config, ref string) (string, error) {
	key, err := signing(Files{Path: c.Path}, ref, "")
	return key.KID, err
}
