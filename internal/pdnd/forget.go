// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import "strings"

// ForgetClientKey makes the next token signed with a key of a consumer client ask PDND for
// it again. An answer that was asked for before is not kept, and a key that PDND no longer
// has is not used for its silence.
func (p *Platform) ForgetClientKey(kid string) { p.consumers.forget(kid) }

// ForgetProducerKey is ForgetClientKey for the key of a producer keychain.
func (p *Platform) ForgetProducerKey(kid string) { p.producers.forget(kid) }

// ForgetKeys forgets every key of a party and every owner of a keychain: what to do when
// events were missed.
func (p *Platform) ForgetKeys() {
	p.consumers.forgetAll()
	p.producers.forgetAll()
	p.keychains.clear()
}

// ForgetVouchers forgets the vouchers of a client for a purpose, or for all when purposeID
// is "", and that PDND refused them: what was changed there counts at once. A voucher that was
// asked for before is not kept.
func (p *Platform) ForgetVouchers(clientID, purposeID string) {
	p.voucherEra.Add(1)
	prefix := clientID + "\n"
	if purposeID != "" {
		prefix += purposeID + "\n"
	}
	about := func(key string) bool { return strings.HasPrefix(key, prefix) }
	p.vouchers.removeAll(about)
	p.refusals.removeAll(about)
}

// SetEventsAlive tells whether the events of PDND arrive. While they do not, keys of parties
// live for Limits.BlindFresh and BlindStale. A platform that was never told counts on its
// ordinary limits.
func (p *Platform) SetEventsAlive(alive bool) { p.blind.Store(!alive) }
