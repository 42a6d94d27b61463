// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// opener opens the keys of a configuration and collects what is wrong with them.
type opener struct {
	provider     Provider
	path         func(string) string // of the files of public keys
	uses         map[string]use      // by identity of the public key
	certificates []Certificate
	faults       []error
}

// use is where a key was met first.
type use struct {
	role  Role
	where string
}

func (o *opener) fault(where string, err error) {
	o.faults = append(o.faults, fmt.Errorf("%s: %w", where, err))
}

func (o *opener) ente(code string, e *config.Ente) *bunch {
	b := &bunch{
		clients:    make(map[string]Client),
		apiClients: make(map[string]Client),
		keychains:  make(map[string]Keychain),
	}
	at := func(path string) string { return code + ": " + path }
	for _, name := range sortedKeys(e.Clients) {
		b.clients[name] = o.client(at("clients."+name), e.Clients[name])
	}
	for _, environment := range sortedKeys(e.APIClients) {
		client := e.APIClients[environment]
		client.Environment = environment
		b.apiClients[environment] = o.client(at("apiClients."+environment), client)
	}
	for _, name := range sortedKeys(e.Keychains) {
		k := e.Keychains[name]
		b.keychains[name] = Keychain{
			ID: k.ID, Environment: k.Environment,
			Key:      o.signing(at("keychains."+name), RoleKeychain, k.Key, k.KID),
			Previous: o.retiredKeys(at("keychains."+name+".previous"), RoleKeychain, k.Previous),
		}
	}
	o.seal(b, at, e.Seal)
	return b
}

// client opens the keys of a PDND client. Its integrity key may be the assertion key
// itself (D17): then it is opened once and counts as one use.
func (o *opener) client(where string, c config.Client) Client {
	out := Client{ID: c.ID, Environment: c.Environment}
	out.Assertion = o.signing(where+".key", RoleClient, c.Key, c.KID)
	out.Previous = o.retiredKeys(where+".previous", RoleClient, c.Previous)
	if c.DPoPKey != "" {
		out.DPoP = o.signing(where+".dpopKey", RoleDPoP, c.DPoPKey, "")
	}
	if c.ModIKey == "" || c.ModIKey == c.Key {
		out.ModI = out.Assertion
		return out
	}
	out.ModI = o.signing(where+".modiKey", RoleModI, c.ModIKey, c.ModIKID)
	return out
}

func (o *opener) seal(b *bunch, at func(string) string, s config.Seal) {
	if s.Provenance != "" {
		key := o.signing(at("seal.provenance"), RoleProvenance, s.Provenance, "")
		b.provenance = &key
	}
	if s.Identity != "" {
		key := o.signing(at("seal.identity"), RoleIdentity, s.Identity, "")
		b.identity = &key
	}
	b.previousIdentities = o.retiredKeys(at("seal.previousIdentities"), RoleIdentity, s.PreviousIdentities)
	o.previous(b, at, s)
	if s.Checkpoint == "" {
		return
	}
	where := at("seal.checkpoint")
	pair, err := o.provider.Pair(s.Checkpoint)
	if err == nil {
		err = o.claim(where, RoleCheckpoint, pair.Signer.Public())
	}
	if err == nil {
		b.checkpoint, err = asEd25519(s.Checkpoint, pair.Signer)
	}
	if err != nil {
		o.fault(where, err)
	}
}

// previous opens the public keys of a seal that is no longer in use.
func (o *opener) previous(b *bunch, at func(string) string, s config.Seal) {
	b.previous = o.retiredKeys(at("seal.previous"), RoleProvenance, s.Previous)
	for i, ref := range s.PreviousCheckpoints {
		where := at(fmt.Sprintf("seal.previousCheckpoints[%d]", i))
		public, err := o.retired(where, RoleCheckpoint, ref)
		if err != nil {
			o.fault(where, err)
			continue
		}
		if key, ok := public.(ed25519.PublicKey); ok { // retired admits no other kind
			b.previousCheckpoints = append(b.previousCheckpoints, key)
		}
	}
}

// retiredKeys opens the public keys of a setting, each with its thumbprint as kid.
func (o *opener) retiredKeys(where string, role Role, refs []string) []modi.Key {
	var list []modi.Key
	for i, ref := range refs {
		where := fmt.Sprintf("%s[%d]", where, i)
		public, err := o.retired(where, role, ref)
		kid := ""
		if err == nil {
			kid, err = token.Thumbprint(public)
		}
		if err != nil {
			o.fault(where, err)
			continue
		}
		list = append(list, modi.Key{KID: kid, Public: public})
	}
	return list
}

func (o *opener) retired(where string, role Role, ref string) (crypto.PublicKey, error) {
	public, err := readPublic(o.path(ref))
	if err != nil {
		return nil, err
	}
	return public, o.claim(where, role, public)
}

func (o *opener) signing(where string, role Role, ref, kid string) token.SigningKey {
	key, err := o.openSigning(where, role, ref, kid)
	if err != nil {
		o.fault(where, err)
		return token.SigningKey{}
	}
	return key
}

func (o *opener) openSigning(where string, role Role, ref, kid string) (token.SigningKey, error) {
	if ref == "" {
		return token.SigningKey{}, bilingual.Errorf("%w: nessuna chiave configurata", "%w: no key is configured", ErrNotFound)
	}
	key, err := signing(o.provider, ref, "")
	if err != nil {
		return token.SigningKey{}, err
	}
	if kid != "" && kid != key.KID {
		return token.SigningKey{}, bilingual.Errorf(
			"%w: %s ha impronta %s, il kid configurato è %s: PDND nomina una chiave con la sua impronta, quindi uno dei due è sbagliato",
			"%w: %s has thumbprint %s, the configured kid is %s: PDND names a key by its thumbprint, so one of the two is wrong",
			ErrUnsuitable, ref, key.KID, kid)
	}
	if len(key.Chain) > 0 {
		o.certificates = append(o.certificates, Certificate{Where: where, Leaf: key.Chain[0]})
	}
	return key, o.claim(where, role, key.Signer.Public())
}

// claim checks that a key suits its role and has no other use.
func (o *opener) claim(where string, role Role, pub crypto.PublicKey) error {
	if err := fits(role, pub); err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return bilingual.Errorf("chiave pubblica: %w", "public key: %w", err)
	}
	id := sha256.Sum256(der)
	first, taken := o.uses[string(id[:])]
	if taken {
		return bilingual.Errorf("%w: è già %s di %s; darne una a ciascuno (snodo keys generate)",
			"%w: it is already %s of %s; give each its own (snodo keys generate)", ErrMixed, first.role, first.where)
	}
	o.uses[string(id[:])] = use{role, where}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
