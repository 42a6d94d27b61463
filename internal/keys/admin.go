// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"errors"

	"github.com/snodo-pa/snodo/internal/config"
)

// OpenAdmin opens the keys of an admin client, which no Ring holds. where names the file and
// the environment in faults. The client has no ModI key.
func OpenAdmin(p Provider, where string, c config.AdminClient) (Client, error) {
	o := &opener{provider: p, uses: make(map[string]use)}
	client := Client{
		ID:        c.ID,
		Assertion: o.signing(where+".key", RoleClient, c.Key, c.KID),
		DPoP:      o.signing(where+".dpopKey", RoleDPoP, c.DPoPKey, ""),
	}
	return client, errors.Join(o.faults...)
}
