// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"math/big"
)

// RSA keys outside these sizes are refused: shorter ones are weak, longer ones let a
// stranger buy seconds of our processor with one token.
const (
	MinRSABits = 2048
	MaxRSABits = 8192
)

// Algorithm is one signature algorithm of RFC 7518 §3.3-3.4.
type Algorithm struct {
	Name  string
	Hash  crypto.Hash
	Curve elliptic.Curve // nil for RSA
}

// AlgorithmByName finds one of RS256, RS384, RS512, ES256, ES384, ES512. There is no
// none, no HMAC and no PSS: ModI parties share no secret and AgID lists no PSS.
func AlgorithmByName(name string) (Algorithm, bool) {
	switch name {
	case "RS256":
		return Algorithm{Name: name, Hash: crypto.SHA256}, true
	case "RS384":
		return Algorithm{Name: name, Hash: crypto.SHA384}, true
	case "RS512":
		return Algorithm{Name: name, Hash: crypto.SHA512}, true
	case "ES256":
		return Algorithm{Name: name, Hash: crypto.SHA256, Curve: elliptic.P256()}, true
	case "ES384":
		return Algorithm{Name: name, Hash: crypto.SHA384, Curve: elliptic.P384()}, true
	case "ES512":
		return Algorithm{Name: name, Hash: crypto.SHA512, Curve: elliptic.P521()}, true
	default:
		return Algorithm{}, false
	}
}

// CheckKey tells whether the algorithm may use the key: the type and curve that the
// algorithm names, RSA of 2048 to 8192 bits with an odd exponent of at least 3.
func (a Algorithm) CheckKey(pub crypto.PublicKey) error {
	fault := func(found string) error {
		return &Fault{Kind: KeyUnsuitable, Expected: a.keyNeeded(), Found: found}
	}
	switch key := pub.(type) {
	case *rsa.PublicKey:
		switch {
		case key == nil || key.N == nil:
			return fault("no key")
		case a.Curve != nil:
			return fault("an RSA key")
		case key.N.BitLen() < MinRSABits || key.N.BitLen() > MaxRSABits:
			return fault(fmt.Sprintf("an RSA key of %d bits", key.N.BitLen()))
		case key.E < 3 || key.E%2 == 0:
			return fault(fmt.Sprintf("the RSA exponent %d", key.E))
		}
	case *ecdsa.PublicKey:
		switch {
		case key == nil || key.Curve == nil:
			return fault("no key")
		case a.Curve != key.Curve:
			return fault("a key on " + key.Curve.Params().Name)
		}
	default:
		return fault(fmt.Sprintf("a key of type %T", pub))
	}
	return nil
}

func (a Algorithm) keyNeeded() string {
	if a.Curve == nil {
		return fmt.Sprintf("for %s an RSA key of %d to %d bits with an odd exponent of at least 3", a.Name, MinRSABits, MaxRSABits)
	}
	return fmt.Sprintf("for %s a key on %s", a.Name, a.Curve.Params().Name)
}

// Verify checks a signature over input. ES* signatures have the fixed length r||s of
// RFC 7518 §3.4; the DER form is refused.
func (a Algorithm) Verify(pub crypto.PublicKey, input, signature []byte) error {
	err := a.CheckKey(pub)
	if err != nil {
		return err
	}
	digest := a.digest(input)
	ok := false
	switch key := pub.(type) {
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(key, a.Hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		size := a.coordinateSize()
		if len(signature) == 2*size {
			r := new(big.Int).SetBytes(signature[:size])
			s := new(big.Int).SetBytes(signature[size:])
			ok = ecdsa.Verify(key, digest, r, s)
		}
	}
	if !ok {
		return &Fault{Kind: SignatureInvalid, Expected: "a signature by the key of the kid or certificate over the token as received", Found: "one that does not verify"}
	}
	return nil
}

// digest hashes input with the hash of the algorithm.
func (a Algorithm) digest(input []byte) []byte {
	switch a.Hash {
	case crypto.SHA384:
		sum := sha512.Sum384(input)
		return sum[:]
	case crypto.SHA512:
		sum := sha512.Sum512(input)
		return sum[:]
	default:
		sum := sha256.Sum256(input)
		return sum[:]
	}
}

func (a Algorithm) coordinateSize() int { return (a.Curve.Params().BitSize + 7) / 8 }
