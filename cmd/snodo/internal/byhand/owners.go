// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// owners tells of the proofs that stood whose signer was not compared with anybody: a
// signature that verifies says that a key signed, and no more.
func (c *collector) owners(r rest.Result) {
	certified, registered := false, false
	for _, p := range []*rest.Proof{r.IDAuth, r.Audit, r.Integrity} {
		switch {
		case p == nil || p.Pattern == modi.PatternPDNDResponse: // that is signed with the keys of PDND
		case p.Certificate != nil:
			certified = certified || c.v.Organization == ""
		case r.Voucher != nil: // its client is the owner
		case c.v.Reply, c.v.ClientID == "":
			registered = true
		}
	}
	if certified {
		c.unchecked("di chi è il certificato non è confrontato con nulla: indicare --organization",
			"whose the certificate is, is compared with nothing: give --organization")
	}
	switch {
	case registered && c.v.Reply:
		c.unchecked("di quale erogatore è la chiave non è confrontato con nulla: vale quella di --keys",
			"whose the key of the provider is, is compared with nothing: that of --keys counts")
	case registered:
		c.unchecked("di quale client è la chiave non è confrontato con nulla: indicare --client-id o verificare anche il voucher",
			"which client the key belongs to is compared with nothing: give --client-id or verify the voucher too")
	}
}
