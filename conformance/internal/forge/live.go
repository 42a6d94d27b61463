// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// ErrNotHeld means that a step needs the private key of somebody else: only PDND can sign
// a voucher with other claims.
var ErrNotHeld = errors.New("the suite does not hold the key that signs this")

// Content is what the messages of a real exchange carry in the place of what is
// invented. A zero field keeps the invented value.
type Content struct {
	Method, URL string
	Empty       bool   // there is no body, whatever Body says
	Body        []byte // of the request, or of the reply where the subject is one
	Type        string // Content-Type of Body
	Status      int    // of a reply
	Asked       string // on a reply, the Digest of the request that it answers
	// Demanded are the patterns of the service: a request gets the proofs that its
	// subject lacks, so that nothing but the step spoils it.
	Demanded []modi.Pattern
	// Voucher asks PDND for a voucher bound to a digest ({alg, value} or nil) and to the
	// key of the DPoP proof where jkt is not empty. Nil: the suite is PDND itself.
	Voucher func(digest any, jkt string) (string, error)
}

// fill replaces what a subject invented.
func (c Content) fill(d *draft) {
	d.method, d.url = cmp.Or(c.Method, d.method), cmp.Or(c.URL, d.url)
	switch {
	case c.Empty:
		d.body = nil
		d.header.Del("Content-Type")
	case c.Body != nil:
		d.body = slices.Clone(c.Body)
		d.header.Set("Content-Type", cmp.Or(c.Type, "application/json"))
	}
	if d.status != 0 {
		d.status = cmp.Or(c.Status, d.status)
		d.asked = cmp.Or(c.Asked, d.asked)
	}
}

// complete adds the proofs that the service demands and the subject does not have.
func (d *draft) complete() error {
	if d.status != 0 || d.form != nil {
		return nil
	}
	demanded := d.world.Content.Demanded
	for _, p := range []struct {
		place    string
		patterns []modi.Pattern
		parts    []part
	}{
		{Identity, []modi.Pattern{modi.PatternIDAuthREST01}, []part{identity}},
		{Identity, []modi.Pattern{modi.PatternIDAuthREST02}, []part{identity, withJTI}},
		{Voucher, []modi.Pattern{modi.PatternVoucher}, []part{voucher}},
		{Evidence, []modi.Pattern{modi.PatternAuditREST01}, []part{evidence}},
		{Evidence, []modi.Pattern{modi.PatternAuditREST02}, []part{evidence, withDnonce, bindVoucher}},
		{Proof, []modi.Pattern{modi.PatternDPoP}, []part{possess, proofAtResource}},
		{Signature, []modi.Pattern{modi.PatternIntegrityREST01}, []part{integrityByCertificate}},
		{Signature, []modi.Pattern{modi.PatternIntegrityREST02}, []part{integrity}},
	} {
		_, err := d.token(p.place)
		if err == nil || !slices.Contains(demanded, p.patterns[0]) || p.place == Signature && len(d.body) == 0 {
			continue
		}
		for _, add := range p.parts {
			if err := add(d); err != nil {
				return fmt.Errorf("complete with %s: %w", p.patterns[0], err)
			}
		}
	}
	d.sort()
	return d.fetchVoucher()
}

// sort puts the tokens in the order in which they can be sealed: a voucher holds the
// hash of the evidence, a proof that of the voucher.
func (d *draft) sort() {
	order := []string{Evidence, Identity, Voucher, Signature, Proof}
	slices.SortStableFunc(d.tokens, func(a, b *token) int {
		return cmp.Compare(slices.Index(order, a.place), slices.Index(order, b.place))
	})
}

// fetchVoucher leaves the voucher to PDND where the suite is not PDND.
func (d *draft) fetchVoucher() error {
	t, err := d.token(Voucher)
	ask := d.world.Content.Voucher
	if err != nil || ask == nil {
		return nil //nolint:nilerr // a message without voucher needs none
	}
	jkt := ""
	if t.scheme == "DPoP" {
		key, err := d.world.Key("dpop")
		if err != nil {
			return err
		}
		jkt = key.KID
	}
	t.fetch = func(digest any) (string, error) { return ask(digest, jkt) }
	return nil
}

// ask gets the token from who issues it.
func (t *token) ask() error {
	var digest any
	if at := t.claims.index("digest"); at >= 0 && t.claims.members[at].late != nil {
		var err error
		digest, err = t.claims.members[at].late()
		if err != nil {
			return err
		}
	}
	compact, err := t.fetch(digest)
	if err != nil {
		return err
	}
	t.compact = compact
	return t.edit()
}

// forgeable tells whether a mutation can be made of a token that another issues. One that
// signs it with a wrong key makes it a token of the suite's own.
func (t *token) forgeable(mutation string) error {
	switch {
	case strings.HasPrefix(mutation, "compact."), strings.HasPrefix(mutation, "bind."):
		return nil
	case slices.Contains([]string{"token.drop", "token.scheme", "token.field", "token.unbound"}, mutation):
		return nil
	case slices.Contains([]string{"token.key", "token.signer", "token.algorithm"}, mutation):
		t.fetch = nil
		return nil
	default:
		return fmt.Errorf("%w: %s of a %s", ErrNotHeld, mutation, t.place)
	}
}
