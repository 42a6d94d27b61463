// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"
)

// noteEd25519 is the algorithm byte of an Ed25519 key in a note (package note of golang.org/x/mod).
const noteEd25519 = 1

// Origin names the log of an ente in its checkpoints (design D9).
func Origin(hub, ente string) string { return hub + "/" + ente }

func validOrigin(s string) bool {
	return s != "" && !strings.Contains(s, "+") &&
		strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) < 0
}

// Signers are the checkpoint keys of one ente.
type Signers struct {
	Current *Signer
	Retired []string // verifier keys of seals that signed checkpoints in the past
}

// keys returns the verifier keys, the current one first.
func (s Signers) keys() []string { return append([]string{s.Current.VerifierKey()}, s.Retired...) }

// A Signer signs the checkpoints of one log with an Ed25519 key that may live in a provider.
type Signer struct {
	origin string
	vkey   string
	hash   uint32
	key    crypto.Signer
}

var _ note.Signer = (*Signer)(nil)

// NewSigner returns the signer of the log that [Origin] names. The key must be Ed25519 (design D17: ente seal).
func NewSigner(origin string, key crypto.Signer) (*Signer, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("checkpoint key of %s: %T, want Ed25519", origin, key.Public())
	}
	vkey, err := VerifierKey(origin, pub)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	_, _ = io.WriteString(h, origin+"\n") // writing to a hash never fails
	_, _ = h.Write(append([]byte{noteEd25519}, pub...))
	return &Signer{origin: origin, vkey: vkey, hash: binary.BigEndian.Uint32(h.Sum(nil)), key: key}, nil
}

// Name returns the origin of the log.
func (s *Signer) Name() string { return s.origin }

// KeyHash returns the short hash by which a note names its key.
func (s *Signer) KeyHash() uint32 { return s.hash }

// Sign signs the text of a note.
func (s *Signer) Sign(msg []byte) ([]byte, error) { return s.key.Sign(nil, msg, crypto.Hash(0)) }

// VerifierKey returns the public half, as a note verifier key: <origin>+<hash>+<base64>. It is what an ente publishes.
func (s *Signer) VerifierKey() string { return s.vkey }

// VerifierKey returns a public checkpoint key of the log that [Origin] names as a note verifier key.
func VerifierKey(origin string, pub ed25519.PublicKey) (string, error) {
	if !validOrigin(origin) {
		return "", errors.New("checkpoint key: origin is empty or has white space or +")
	}
	vkey, err := note.NewEd25519VerifierKey(origin, pub)
	if err != nil {
		return "", fmt.Errorf("checkpoint key of %s: %w", origin, err)
	}
	return vkey, nil
}

// Fingerprint returns the SHA-256, in lower-case hexadecimal, of the 32 bytes of the Ed25519 key in a verifier key.
func Fingerprint(vkey string) (string, error) {
	_, pub, err := parseVerifierKey(vkey)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(pub)
	return hex.EncodeToString(sum[:]), nil
}

// parseVerifierKey accepts one spelling of a key only: hexadecimal and base64 would otherwise give it several.
func parseVerifierKey(vkey string) (name string, pub ed25519.PublicKey, err error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return "", nil, errors.New("verifier key: not <origin>+<hash>+<key>")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != noteEd25519 {
		return "", nil, errors.New("verifier key: not an Ed25519 key")
	}
	canonical, err := note.NewEd25519VerifierKey(parts[0], raw[1:])
	if err != nil || canonical != vkey || !validOrigin(parts[0]) {
		return "", nil, errors.New("verifier key: origin, hash and key do not belong together")
	}
	return parts[0], raw[1:], nil
}
