// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"slices"
)

// jwk are the members of a private JSON Web Key (RFC 7517, RFC 7518 §6, RFC 8037).
// Others, such as kid, are passed over: a key is named by its thumbprint.
type jwk struct {
	Type   string   `json:"kty"`
	Use    string   `json:"use"`
	Ops    []string `json:"key_ops"`
	Curve  string   `json:"crv"`
	X      octets   `json:"x"`
	Y      octets   `json:"y"`
	N      octets   `json:"n"`
	E      octets   `json:"e"`
	D      octets   `json:"d"`
	P      octets   `json:"p"`
	Q      octets   `json:"q"`
	Primes []any    `json:"oth"`
	K      string   `json:"k"`
	X5C    [][]byte `json:"x5c"` // standard base64, as encoding/json reads bytes
	Keys   []any    `json:"keys"`
}

// octets is base64url without padding.
type octets []byte

// UnmarshalText decodes strictly.
func (o *octets) UnmarshalText(text []byte) error {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	*o = decoded
	return err
}

func (o octets) int() *big.Int { return new(big.Int).SetBytes(o) }

// parseJWK reads one private key. Errors do not repeat what is in it.
func parseJWK(data []byte) (Pair, error) {
	var k jwk
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&k); err != nil {
		return Pair{}, malformed("non è un JWK valido", "it does not parse as a JWK")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Pair{}, malformed("testo dopo il JWK", "text after the JWK")
	}
	if err := k.check(); err != nil {
		return Pair{}, err
	}
	signer, err := k.signer()
	if err != nil {
		return Pair{}, err
	}
	var certificates []*x509.Certificate
	for _, der := range k.X5C {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return Pair{}, malformed("il suo x5c non è valido", "its x5c does not parse")
		}
		certificates = append(certificates, c)
	}
	chain, err := Chain(signer.Public(), certificates)
	return Pair{Signer: signer, Chain: chain}, err
}

// check refuses what is no private signing key.
func (k jwk) check() error {
	switch {
	case k.Keys != nil:
		return malformed("è un insieme di JWK, atteso uno solo", "it is a set of JWKs, expected one")
	case k.Type == "oct" || k.K != "":
		return unsuitable("un JWK simmetrico non firma token", "a symmetric JWK signs no token")
	case len(k.D) == 0:
		return malformed("è un JWK pubblico, atteso privato", "it is a public JWK, expected a private one")
	case k.Use != "" && k.Use != "sig", len(k.Ops) > 0 && !slices.Contains(k.Ops, "sign"):
		return unsuitable("il JWK dice di non servire a firmare", "the JWK says that it is not for signatures")
	case len(k.Primes) > 0:
		return unsuitable("RSA con più di due primi", "RSA with more than two primes")
	}
	return nil
}

func (k jwk) signer() (crypto.Signer, error) {
	switch k.Type {
	case "RSA":
		return k.rsa()
	case "EC":
		return k.ec()
	case "OKP":
		if k.Curve != "Ed25519" || len(k.D) != ed25519.SeedSize {
			return nil, unsuitable("un JWK OKP che non è Ed25519", "an OKP JWK that is not Ed25519")
		}
		key := ed25519.NewKeyFromSeed(k.D)
		if !bytes.Equal(key[ed25519.SeedSize:], k.X) {
			return nil, inconsistent()
		}
		return key, nil
	default:
		return nil, malformed("un JWK di tipo %.20q", "a JWK of type %.20q", k.Type)
	}
}

func (k jwk) rsa() (crypto.Signer, error) {
	if len(k.N) == 0 || len(k.E) == 0 || len(k.E) > 4 || len(k.P) == 0 || len(k.Q) == 0 {
		return nil, malformed("a un JWK RSA servono n, e, d, p e q", "an RSA JWK needs n, e, d, p and q")
	}
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: k.N.int(), E: int(k.E.int().Int64())},
		D:         k.D.int(), Primes: []*big.Int{k.P.int(), k.Q.int()},
	}
	if err := key.Validate(); err != nil {
		return nil, inconsistent()
	}
	key.Precompute()
	return key, nil
}

func (k jwk) ec() (crypto.Signer, error) {
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	curve, ok := curves[k.Curve]
	if !ok {
		return nil, unsuitable("un JWK sulla curva %.20q", "a JWK on curve %.20q", k.Curve)
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(k.D) != size || len(k.X) != size || len(k.Y) != size {
		return nil, malformed("d, x e y di un JWK EC su %s hanno %d byte ciascuno",
			"d, x and y of an EC JWK on %s have %d bytes each", k.Curve, size)
	}
	key, err := ecdsa.ParseRawPrivateKey(curve, k.D)
	if err != nil {
		return nil, inconsistent()
	}
	if point, err := key.PublicKey.Bytes(); err != nil || !bytes.Equal(point[1:], slices.Concat(k.X, k.Y)) {
		return nil, inconsistent()
	}
	return key, nil
}

func inconsistent() error {
	return malformed("i membri del JWK non sono della stessa chiave", "the members of the JWK do not belong together")
}
