// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // the digests that are admitted
	_ "crypto/sha512"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// scheme is a way to sign.
type scheme int

const (
	rsaPKCS1 scheme = iota
	rsaPSS
	ecdsaScheme
)

// method is a scheme with its digest.
type method struct {
	scheme scheme
	hash   crypto.Hash
}

// xmlMethod reads a SignatureMethod; SHA-1 and HMAC are none (RFC 9231, and ETSI TS 119 312 for what is weak).
func xmlMethod(uri string) (method, error) {
	switch uri {
	case "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256":
		return method{rsaPKCS1, crypto.SHA256}, nil
	case "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384":
		return method{rsaPKCS1, crypto.SHA384}, nil
	case "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512":
		return method{rsaPKCS1, crypto.SHA512}, nil
	case "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1":
		return method{rsaPSS, crypto.SHA256}, nil
	case "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1":
		return method{rsaPSS, crypto.SHA384}, nil
	case "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1":
		return method{rsaPSS, crypto.SHA512}, nil
	case "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256":
		return method{ecdsaScheme, crypto.SHA256}, nil
	case "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384":
		return method{ecdsaScheme, crypto.SHA384}, nil
	case "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512":
		return method{ecdsaScheme, crypto.SHA512}, nil
	}
	return method{}, weak(uri)
}

// xmlDigest reads a DigestMethod.
func xmlDigest(uri string) (crypto.Hash, error) {
	switch uri {
	case "http://www.w3.org/2001/04/xmlenc#sha256":
		return crypto.SHA256, nil
	case "http://www.w3.org/2001/04/xmldsig-more#sha384":
		return crypto.SHA384, nil
	case "http://www.w3.org/2001/04/xmlenc#sha512":
		return crypto.SHA512, nil
	}
	return 0, weak(uri)
}

func weak(name string) *Refusal {
	name = name[strings.LastIndexByte(name, '#')+1:]
	if len(name) > 40 {
		name = name[:40]
	}
	return refuse("algorithm", "algoritmo %q non ammesso: servono RSA o ECDSA con SHA-256, 384 o 512",
		"algorithm %q is not admitted: RSA or ECDSA with SHA-256, 384 or 512 is needed", name)
}

func digest(h crypto.Hash, data []byte) []byte {
	hash := h.New()
	hash.Write(data)
	return hash.Sum(nil)
}

// strong refuses keys that are too weak, or of a kind that no rule here is for.
func strong(key crypto.PublicKey) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < 2048 || bits > 8192 || key.E < 3 || key.E%2 == 0 {
			return refuse("key", "chiave RSA di %d bit: ne servono da 2048 a 8192", "RSA key of %d bits: 2048 to 8192 are needed", bits)
		}
		return nil
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
	}
	return refuse("key", "serve una chiave RSA o una curva P-256, P-384 o P-521", "an RSA key or a curve P-256, P-384 or P-521 is needed")
}

// verify checks a signature over signed. raw says that those of ECDSA are r and s side by side, as XML Signature has
// them (RFC 6931 §2.3.6), and not in DER.
func (m method) verify(key crypto.PublicKey, signed, sig []byte, raw bool) error {
	if err := strong(key); err != nil {
		return err
	}
	sum := digest(m.hash, signed)
	good := false
	switch key := key.(type) {
	case *rsa.PublicKey:
		switch m.scheme {
		case rsaPKCS1:
			good = rsa.VerifyPKCS1v15(key, m.hash, sum, sig) == nil
		case rsaPSS:
			good = rsa.VerifyPSS(key, m.hash, sum, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		case ecdsaScheme:
		}
	case *ecdsa.PublicKey:
		if m.scheme == ecdsaScheme {
			if raw {
				sig = derOf(sig, (key.Curve.Params().BitSize+7)/8)
			}
			good = ecdsa.VerifyASN1(key, sum, sig)
		}
	}
	if !good {
		return refuse("invalid", "la firma non è valida per il certificato che la accompagna", "the signature is not valid for the certificate that comes with it")
	}
	return nil
}

// derOf writes r and s, each of size bytes, as DER; nil for what is neither.
func derOf(sig []byte, size int) []byte {
	if len(sig) != 2*size {
		return nil
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(sig[:size]))
		b.AddASN1BigInt(new(big.Int).SetBytes(sig[size:]))
	})
	der, err := b.Bytes()
	if err != nil {
		return nil
	}
	return der
}
