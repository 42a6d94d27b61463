// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// tokenMutations change who signs a token, with what, and where it travels.
func tokenMutations() map[string]mutation {
	return map[string]mutation{
		"token.algorithm": {doc: "signs with another algorithm, which the header names", apply: func(_ *draft, t *token, s step) error {
			text, err := s.text()
			t.algorithm = text
			return err
		}},
		"token.key": {doc: "signs with another key, which the header names", apply: func(_ *draft, t *token, s step) error {
			key, err := s.key()
			t.signer, t.shown = key, key
			return err
		}},
		"token.signer": {doc: "signs with another key than the one that the header names", apply: func(_ *draft, t *token, s step) error {
			key, err := s.key()
			t.signer = key
			return err
		}},
		"token.header": {doc: "uses these bytes as JOSE header", apply: func(_ *draft, t *token, s step) error {
			text, err := s.text()
			t.header = []byte(text)
			return err
		}},
		"token.payload": {doc: "signs these bytes as payload", apply: func(_ *draft, t *token, s step) error {
			text, err := s.text()
			t.payload = []byte(text)
			return err
		}},
		"token.trailing": {doc: "signs the claims followed by these bytes", apply: func(_ *draft, t *token, s step) error {
			text, err := s.text()
			if err != nil {
				return err
			}
			claims, err := t.claims.write()
			t.payload = append(claims, text...)
			return err
		}},
		"token.scheme": {doc: "puts this scheme in front of the token", apply: func(_ *draft, t *token, s step) error {
			text, err := s.text()
			t.scheme = text
			return err
		}},
		"token.field": {doc: "sends the token in another HTTP field", apply: func(_ *draft, t *token, s step) error {
			text, err := s.text()
			t.field = text
			return err
		}},
		"token.drop": {doc: "does not send the token", apply: func(d *draft, t *token, _ step) error {
			d.tokens = slices.DeleteFunc(d.tokens, func(other *token) bool { return other == t })
			return nil
		}},
		"bind.alg": {doc: "names another algorithm in the digest that binds the voucher", apply: func(_ *draft, t *token, s step) error {
			return rebind(t, func(d map[string]string) error {
				text, err := s.text()
				d["alg"] = text
				return err
			})
		}},
		"bind.remove": {doc: "takes a member out of the digest that binds the voucher", apply: func(_ *draft, t *token, s step) error {
			return rebind(t, func(d map[string]string) error {
				delete(d, s.Name)
				return nil
			})
		}},
		"bind.upper":   {doc: "writes the digest that binds the voucher in upper case", apply: rebound(strings.ToUpper)},
		"bind.base64":  {doc: "writes the digest that binds the voucher in base64", apply: rebound(hexToBase64)},
		"bind.other":   {doc: "binds the voucher to another evidence", apply: rebound(func(string) string { return strings.Repeat("0f", 32) })},
		"bind.payload": {doc: "binds the voucher to the claims of the evidence, not to its compact form", apply: bindPayload},
		"token.unbound": {doc: "does not bind the voucher to the evidence or the proof", apply: func(_ *draft, t *token, _ step) error {
			if !t.claims.remove("digest") && !t.claims.remove("cnf") {
				return errors.New("the token is bound to nothing")
			}
			return nil
		}},
	}
}

// compactMutations change the compact form of a token after it was signed.
func compactMutations() map[string]mutation {
	edit := func(doc string, change func(compact string, s step) (string, error)) mutation {
		return mutation{doc: doc, apply: func(_ *draft, t *token, s step) error {
			t.edits = append(t.edits, func(compact string) (string, error) { return change(compact, s) })
			return nil
		}}
	}
	part := func(doc string, change func(part string, s step) (string, error)) mutation {
		return edit(doc, func(compact string, s step) (string, error) {
			parts := strings.Split(compact, ".")
			i := slices.Index([]string{"header", "payload", "signature"}, s.Name)
			if i < 0 {
				return "", fmt.Errorf("no part %q", s.Name)
			}
			var err error
			parts[i], err = change(parts[i], s)
			return strings.Join(parts, "."), err
		})
	}
	return map[string]mutation{
		"compact.value": edit("sends this text instead of the token", func(_ string, s step) (string, error) { return s.text() }),
		"compact.parts": edit("sends the token with so many parts", changeParts),
		"compact.insert": part("puts a text into the middle of a part (name)", func(part string, s step) (string, error) {
			text, err := s.text()
			return part[:len(part)/2] + text + part[len(part)/2:], err
		}),
		"compact.pad":        part("pads a part (name) with = as base64 with padding does", pad),
		"compact.truncate":   part("cuts so many bytes off a part (name)", truncate),
		"compact.stray-bits": part("sets a bit that the last character of a part (name) does not need", strayBits),
		"compact.der":        part("writes the ECDSA signature in DER, as X.509 does", derSignature),
		"compact.empty":      part("empties a part (name)", func(string, step) (string, error) { return "", nil }),
		"compact.flip":       part("changes the tenth byte of a part (name)", flip),
		"compact.claim": edit("changes a text (name) of the payload into another (value), keeping the signature", func(compact string, s step) (string, error) {
			with, err := s.text()
			if err != nil {
				return "", err
			}
			parts := strings.Split(compact, ".")
			payload, err := base64.RawURLEncoding.DecodeString(parts[1])
			if err != nil {
				return "", fmt.Errorf("payload: %w", err)
			}
			changed := strings.Replace(string(payload), s.Name, with, 1)
			if changed == string(payload) {
				return "", fmt.Errorf("the payload has no %q", s.Name)
			}
			parts[1] = b64([]byte(changed))
			return strings.Join(parts, "."), nil
		}),
	}
}

func changeParts(compact string, s step) (string, error) {
	n, err := s.number()
	parts := strings.Split(compact, ".")
	for len(parts) < n {
		parts = append(parts, "YQ")
	}
	return strings.Join(parts[:max(n, 0)], "."), err
}

func pad(part string, _ step) (string, error) {
	if len(part)%4 == 0 {
		return "", errors.New("the part needs no padding")
	}
	return part + strings.Repeat("=", (4-len(part)%4)%4), nil
}

func truncate(part string, s step) (string, error) {
	n, err := s.number()
	if err != nil {
		return "", err
	}
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return b64(raw[:max(len(raw)-n, 0)]), err
}

// strayBits changes a part into another text of the same bytes: a verifier that takes
// both lets one token pass for two.
func strayBits(part string, _ step) (string, error) {
	// The two alphabets differ in characters that a part with bits to spare cannot end in.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, part[len(part)-1])
	if len(part)%4 == 0 || last < 0 || last&1 != 0 {
		return "", errors.New("the part has no bit to spare")
	}
	return part[:len(part)-1] + string(alphabet[last|1]), nil
}

func derSignature(part string, _ step) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return "", fmt.Errorf("signature: %w", err)
	}
	half := len(raw) / 2
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
	return b64(der), err
}

func flip(part string, _ step) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || len(raw) < 11 {
		return "", fmt.Errorf("a part of %d bytes: %w", len(raw), errors.Join(err, errors.New("cannot be changed")))
	}
	raw[10] ^= 0x01
	return b64(raw), nil
}

// rebind changes the digest that binds a voucher to its evidence.
func rebind(t *token, change func(map[string]string) error) error {
	at := t.claims.index("digest")
	if at < 0 || t.claims.members[at].late == nil {
		return errors.New("the token is bound to nothing")
	}
	before := t.claims.members[at].late
	t.claims.setLate("digest", func() (any, error) {
		value, err := before()
		digest, ok := value.(map[string]string)
		if err != nil || !ok {
			return nil, errors.Join(err, errors.New("digest is not an object of texts"))
		}
		return digest, change(digest)
	})
	return nil
}

func rebound(change func(string) string) func(*draft, *token, step) error {
	return func(_ *draft, t *token, _ step) error {
		return rebind(t, func(d map[string]string) error {
			d["value"] = change(d["value"])
			return nil
		})
	}
}

func hexToBase64(text string) string {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return text
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func bindPayload(d *draft, t *token, _ step) error {
	e, err := d.token(Evidence)
	if err != nil {
		return err
	}
	return rebind(t, func(digest map[string]string) error {
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(e.compact, ".")[1])
		maps.Copy(digest, evidenceDigest(string(payload)))
		return err
	})
}
