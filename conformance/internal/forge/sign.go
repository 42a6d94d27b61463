// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	_ "crypto/md5" //nolint:gosec // MD5 is forged to be refused
	"crypto/rsa"
	_ "crypto/sha1" //nolint:gosec // RS1 is forged to be refused
	"crypto/sha256"
	_ "crypto/sha512" // registers SHA-384 and SHA-512
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"strings"
)

// sign makes the signature of RFC 7518 §3 that an algorithm and a key give. An
// algorithm that does not fit the key keeps its hash and takes the scheme of the key,
// so that a mismatch of the two can be built.
func sign(rand io.Reader, algorithm string, key *Key, input []byte) ([]byte, error) {
	switch {
	case algorithm == "none":
		return nil, nil
	case strings.HasPrefix(algorithm, "HS"):
		return hmacWithPublicKey(key, input)
	}
	hash, err := hashOf(algorithm)
	if err != nil {
		return nil, err
	}
	switch private := key.Signer.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(private, input), nil
	case *ecdsa.PrivateKey:
		return signECDSA(rand, private, digest(hash, input))
	case *rsa.PrivateKey:
		if strings.HasPrefix(algorithm, "PS") {
			return rsa.SignPSS(rand, private, hash, digest(hash, input), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		}
		return rsa.SignPKCS1v15(rand, private, hash, digest(hash, input))
	default:
		return nil, fmt.Errorf("no signature with a key of type %T", key.Signer)
	}
}

// hmacWithPublicKey is the attack of RFC 8725 §2.1: the public key, which everyone
// has, serves as the secret.
func hmacWithPublicKey(key *Key, input []byte) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key.Signer.Public())
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	mac := hmac.New(sha256.New, secret)
	mac.Write(input)
	return mac.Sum(nil), nil
}

// signECDSA returns R and S, each as long as the curve's order, one after the other.
func signECDSA(rand io.Reader, key *ecdsa.PrivateKey, sum []byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand, key, sum)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	size := (key.Params().N.BitLen() + 7) / 8
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), nil
}

func hashOf(algorithm string) (crypto.Hash, error) {
	switch {
	case algorithm == "EdDSA", strings.HasSuffix(algorithm, "256"):
		return crypto.SHA256, nil
	case strings.HasSuffix(algorithm, "384"):
		return crypto.SHA384, nil
	case strings.HasSuffix(algorithm, "512"):
		return crypto.SHA512, nil
	case algorithm == "RS1":
		return crypto.SHA1, nil
	default:
		return 0, fmt.Errorf("no hash for algorithm %q", algorithm)
	}
}

func digest(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}
