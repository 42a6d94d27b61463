// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"fmt"
	"strings"
)

// messageMutations change the message before it is signed.
func messageMutations() map[string]mutation {
	whole := func(doc string, apply func(d *draft, s step) error) mutation {
		return mutation{doc: doc, whole: true, apply: func(d *draft, _ *token, s step) error { return apply(d, s) }}
	}
	withText := func(doc string, apply func(d *draft, text string)) mutation {
		return whole(doc, func(d *draft, s step) error {
			text, err := s.text()
			if err == nil {
				apply(d, text)
			}
			return err
		})
	}
	field := func(doc string, apply func(d *draft, name, text string)) mutation {
		return whole(doc, func(d *draft, s step) error {
			name, err := s.named()
			if err != nil {
				return err
			}
			text, err := s.text()
			if err == nil {
				apply(d, name, text)
			}
			return err
		})
	}
	return map[string]mutation{
		"message.method": withText("sends the request with another method", func(d *draft, text string) { d.method = text }),
		"message.url":    withText("sends the request to another address", func(d *draft, text string) { d.url = text }),
		"message.body":   withText("gives the message another body, which is then signed", func(d *draft, text string) { d.body = []byte(text) }),
		"message.status": whole("answers with another status", func(d *draft, s step) error {
			n, err := s.number()
			d.status = n
			return err
		}),
		"message.empty": whole("takes the body out and what belongs to it: Digest and Content-Type", func(d *draft, _ step) error {
			d.body, d.digest = nil, nil
			d.header.Del("Content-Type")
			return nil
		}),
		"message.gzip":    whole("compresses the body and says so in Content-Encoding; the Digest is of the compressed bytes", compress),
		"field.set":       field("sets an HTTP field before signing", func(d *draft, name, text string) { d.header.Set(name, text) }),
		"field.add":       field("adds an HTTP field before signing", func(d *draft, name, text string) { d.header.Add(name, text) }),
		"digest.none":     whole("sends no Digest", func(d *draft, _ step) error { d.digest = nil; return nil }),
		"digest.of":       withText("computes the Digest over this text instead of the body", func(d *draft, text string) { d.plan().of = []byte(text) }),
		"digest.encoding": withText("writes the Digest in base64, base64url, unpadded or hex", func(d *draft, text string) { d.plan().encoding = text }),
		"digest.text":     withText("writes this text into Digest", func(d *draft, text string) { d.plan().text = text }),
		"digest.name":     withText("writes the algorithm of the Digest with this name, computing the same", func(d *draft, text string) { d.plan().name = text }),
		"digest.last-byte": whole("changes the last byte of the Digest", func(d *draft, _ step) error {
			d.plan().change = func(sum []byte) { sum[len(sum)-1] ^= 0x01 }
			return nil
		}),
		"digest.stray-bits": whole("sets a bit that the last character of the Digest does not need", func(d *draft, s step) error {
			d.plan().rewrite = func(value string) (string, error) {
				bare := strings.TrimRight(value, "=")
				changed, err := strayBits(bare, s)
				return changed + value[len(bare):], err
			}
			return nil
		}),
		"digest.algorithm": whole("computes the Digest with SHA-256, SHA-384, SHA-512, SHA or MD5", changeDigest),
		"digest.also":      whole("appends the Digest of a second algorithm to the same field", secondDigest),
		"digest.twice": whole("sends the Digest in two fields, both of them signed", func(d *draft, _ step) error {
			text, err := d.plan().write(d.body)
			d.header.Add("Digest", text)
			return err
		}),
	}
}

// plan is the plan of the Digest, which an empty message has not.
func (d *draft) plan() *digestPlan {
	if d.digest == nil {
		d.sealDigest()
	}
	return d.digest
}

func compress(d *draft, _ step) error {
	body, err := zip(d.body)
	d.body = body
	d.header.Set("Content-Encoding", "gzip")
	return err
}

func zip(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return b.Bytes(), nil
}

func digestHash(name string) (crypto.Hash, error) {
	switch name {
	case "SHA-256":
		return crypto.SHA256, nil
	case "SHA-384":
		return crypto.SHA384, nil
	case "SHA-512":
		return crypto.SHA512, nil
	case "SHA":
		return crypto.SHA1, nil
	case "MD5":
		return crypto.MD5, nil
	default:
		return 0, fmt.Errorf("no digest algorithm %q", name)
	}
}

func changeDigest(d *draft, s step) error {
	name, err := s.text()
	if err != nil {
		return err
	}
	d.plan().name = name
	d.plan().hash, err = digestHash(name)
	return err
}

func secondDigest(d *draft, s step) error {
	name, err := s.text()
	if err != nil {
		return err
	}
	hash, err := digestHash(name)
	if err != nil {
		return err
	}
	first, err := d.plan().write(d.body)
	if err != nil {
		return err
	}
	second, err := (&digestPlan{name: name, hash: hash}).write(d.body)
	d.plan().text = strings.Join([]string{first, second}, ",")
	return err
}
