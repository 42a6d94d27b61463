// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package keys opens the private keys of the hub and of its enti.
//
// It owns the roles of keys, which are never mixed, the file provider (PEM, JWK,
// PKCS#12), the generation of new keys and the Ring: every key of a configuration, opened
// once. Keys of a PKCS#11 token are package pkcs11's. It depends on config for the names
// of the files and on modi/token for thumbprints. It never shows a private key: errors
// name files, roles and public identifiers.
package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Role is what a key is for. A key has one role; the only pair that may share a key
// is RoleClient and RoleModI, where the configuration says so.
type Role string

// The roles.
const (
	RoleClient     Role = "client"     // signs PDND client assertions: RSA
	RoleModI       Role = "modi"       // signs integrity and audit tokens: RSA
	RoleKeychain   Role = "keychain"   // signs the answers of exposed e-services: RSA
	RoleProvenance Role = "provenance" // ente seal, signs provenance: EC P-256
	RoleCheckpoint Role = "checkpoint" // signs checkpoints of the evidence log: Ed25519
	RoleDPoP       Role = "dpop"       // signs DPoP proofs: EC P-256
	RoleIdentity   Role = "identity"   // signs to back ends who calls: EC P-256
	RoleMaster     Role = "master"     // wraps the data keys of evidence: 32 random bytes
)

// Roles lists every role in the order of the documentation.
func Roles() []Role {
	return []Role{RoleClient, RoleModI, RoleKeychain, RoleProvenance, RoleCheckpoint, RoleDPoP, RoleIdentity, RoleMaster}
}

// Errors of this package, wrapped with the file and what to do about it.
var (
	ErrNotFound    = bilingual.New("chiave assente", "key not found")
	ErrPermissions = bilingual.New("il file della chiave può essere letto da altri", "key file can be read by others")
	ErrMalformed   = bilingual.New("la chiave non si può leggere", "key cannot be read")
	ErrUnsuitable  = bilingual.New("la chiave non è adatta al suo ruolo", "key does not suit its role")
	ErrMixed       = bilingual.New("la stessa chiave in due ruoli o due enti", "one key in two roles or enti")
)

// minRSA and maxRSA bound the modulus in bits: PDND takes no shorter key, and verifiers
// refuse longer ones.
const (
	minRSA = 2048
	maxRSA = 8192
)

// algorithmFor gives the JWS algorithm tied to a public key. Ed25519 keys sign no
// token here and have none.
func algorithmFor(pub crypto.PublicKey) (token.Algorithm, error) {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSA || bits > maxRSA {
			return "", bilingual.Errorf("%w: RSA di %d bit, attesi da %d a %d",
				"%w: RSA of %d bits, expected %d to %d", ErrUnsuitable, bits, minRSA, maxRSA)
		}
		if k.E < 3 || k.E%2 == 0 {
			return "", bilingual.Errorf("%w: esponente RSA %d", "%w: RSA exponent %d", ErrUnsuitable, k.E)
		}
		return token.RS256, nil
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return token.ES256, nil
		case elliptic.P384():
			return token.ES384, nil
		case elliptic.P521():
			return token.ES512, nil
		}
		return "", bilingual.Errorf("%w: curva %s", "%w: curve %s", ErrUnsuitable, k.Curve.Params().Name)
	default:
		return "", bilingual.Errorf("%w: %s non firma token", "%w: %s signs no token", ErrUnsuitable, kindOf(pub))
	}
}

// fits tells whether a public key may serve a role.
func fits(role Role, pub crypto.PublicKey) error {
	var want modi.Text
	switch role {
	case RoleClient, RoleModI, RoleKeychain:
		if _, ok := pub.(*rsa.PublicKey); ok {
			_, err := algorithmFor(pub)
			return err
		}
		want = modi.Text{IT: "RSA, l'unico tipo che PDND accetta", EN: "RSA, the only kind PDND takes"}
	case RoleProvenance, RoleDPoP, RoleIdentity:
		if k, ok := pub.(*ecdsa.PublicKey); ok && k.Curve == elliptic.P256() {
			return nil
		}
		want = modi.Text{IT: "EC P-256", EN: "EC P-256"}
	case RoleCheckpoint:
		if _, ok := pub.(ed25519.PublicKey); ok {
			return nil
		}
		want = modi.Text{IT: "Ed25519", EN: "Ed25519"}
	case RoleMaster:
		want = modi.Text{IT: "32 byte casuali, nessuna coppia di chiavi", EN: "32 random bytes, no key pair"}
	}
	return bilingual.Errorf("%w: il ruolo %s richiede %s, trovato %s",
		"%w: role %s needs %s, found %s", ErrUnsuitable, role, want, kindOf(pub))
}

func kindOf(pub crypto.PublicKey) modi.Text {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return modi.Text{IT: fmt.Sprintf("RSA di %d bit", k.N.BitLen()), EN: fmt.Sprintf("RSA of %d bits", k.N.BitLen())}
	case *ecdsa.PublicKey:
		name := "EC " + k.Curve.Params().Name
		return modi.Text{IT: name, EN: name}
	case ed25519.PublicKey:
		return modi.Text{IT: "Ed25519", EN: "Ed25519"}
	default:
		name := fmt.Sprintf("%T", pub)
		return modi.Text{IT: name, EN: name}
	}
}
