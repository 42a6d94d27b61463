// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
)

// headerMutations change the JOSE header of a token before it is signed.
func headerMutations() map[string]mutation {
	return map[string]mutation{
		"jose.set":    {doc: "sets a member of the JOSE header", apply: func(_ *draft, t *token, s step) error { return setMember(&t.head, s) }},
		"jose.text":   {doc: "sets a member of the JOSE header to a text of JSON, as it is", apply: func(_ *draft, t *token, s step) error { return setText(&t.head, s) }},
		"jose.add":    {doc: "adds a member to the JOSE header, even if it is there", apply: func(_ *draft, t *token, s step) error { return addMember(&t.head, s) }},
		"jose.remove": {doc: "takes a member out of the JOSE header", apply: func(_ *draft, t *token, s step) error { return removeMember(&t.head, s) }},
		"jose.reference": {doc: "adds a reference (name) to the key of that name (value)", apply: func(_ *draft, t *token, s step) error {
			key, err := s.key()
			if err != nil {
				return err
			}
			read, ok := references()[s.Name]
			if !ok {
				return fmt.Errorf("no reference is called %q", s.Name)
			}
			t.head.setLate(s.Name, func() (any, error) { return read(key) })
			return nil
		}},
		"jose.references": {doc: "refers to the key with these members and no other", apply: func(_ *draft, t *token, s step) error {
			names, err := s.texts()
			if err != nil {
				return err
			}
			t.unrefer()
			return t.refer(names...)
		}},
		"jwk.set":     {doc: "sets a member of the jwk in the header", apply: changeJWK(func(jwk map[string]any, s step) { jwk[s.Name] = s.Value })},
		"jwk.private": {doc: "adds the private part of the key to the jwk in the header", apply: exposePrivate},
		"x5c.rewrite": {doc: "replaces a text (name) by another (value) in the first certificate of x5c, or every 64 characters when there is no name", apply: rewriteX5C},
		"x5c.base64url": {doc: "writes x5c in the alphabet of base64url", apply: func(_ *draft, t *token, _ step) error {
			return eachX5C(t, func(text string) string {
				return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(text), "=")
			})
		}},
	}
}

// claimMutations change the claims of a token before it is signed.
func claimMutations() map[string]mutation {
	return map[string]mutation{
		"claim.set":         {doc: "sets a claim", apply: func(_ *draft, t *token, s step) error { return setMember(&t.claims, s) }},
		"claim.text":        {doc: "sets a claim to a text of JSON, as it is", apply: func(_ *draft, t *token, s step) error { return setText(&t.claims, s) }},
		"claim.add":         {doc: "adds a claim, even if it is there", apply: func(_ *draft, t *token, s step) error { return addMember(&t.claims, s) }},
		"claim.add-escaped": {doc: "adds a claim whose name is written with an escape, so that it reads the same and looks different", apply: addEscaped},
		"claim.remove":      {doc: "takes a claim out", apply: func(_ *draft, t *token, s step) error { return removeMember(&t.claims, s) }},
		"claim.rename":      {doc: "gives a claim another name, with the same value", apply: renameClaim},
		"claim.time": {doc: "sets a claim to so many seconds from now", apply: func(d *draft, t *token, s step) error {
			n, err := s.number()
			if err != nil {
				return err
			}
			return t.claims.set(s.Name, d.seconds(time.Duration(n)*time.Second))
		}},
		"claim.time-text": {doc: "sets a claim to so many seconds from now, written with this format (%d, \"%d\", %d000 ...)", apply: func(d *draft, t *token, s step) error {
			text, err := s.text()
			if err != nil {
				return err
			}
			offset := 0
			form, shift, found := strings.Cut(text, "@")
			if found {
				_, err = fmt.Sscanf(shift, "%d", &offset)
			}
			t.claims.setText(s.Name, fmt.Sprintf(form, d.seconds(time.Duration(offset)*time.Second)))
			return err
		}},
		"claim.signs": {doc: "lists these HTTP fields in signed_headers", apply: func(_ *draft, t *token, s step) error {
			names, err := s.texts()
			t.signs = names
			return err
		}},
		"claim.signs-merged": {doc: "lists the HTTP fields of signed_headers in one object", apply: func(d *draft, t *token, _ step) error {
			t.claims.setLate("signed_headers", func() (any, error) {
				one := map[string]string{}
				for _, member := range t.signedHeaders(d.header) {
					maps.Copy(one, member)
				}
				return []any{one}, nil
			})
			return nil
		}},
		"claim.copy-jti": {doc: "gives the token the jti of another one (value)", apply: func(d *draft, t *token, s step) error {
			place, err := s.text()
			if err != nil {
				return err
			}
			from, err := d.token(place)
			if err != nil {
				return err
			}
			at := from.claims.index("jti")
			if at < 0 {
				return errors.New("it has no jti")
			}
			t.claims.setText("jti", from.claims.members[at].text)
			return nil
		}},
		"claim.repeat-char": {doc: "sets a claim to a text of so many letters", apply: func(_ *draft, t *token, s step) error {
			n, err := s.number()
			if err != nil {
				return err
			}
			return t.claims.set(s.Name, strings.Repeat("j", n))
		}},
	}
}

func setMember(o *object, s step) error {
	name, err := s.named()
	if err != nil {
		return err
	}
	value, err := s.value()
	if err != nil {
		return err
	}
	return o.set(name, value)
}

func setText(o *object, s step) error {
	name, err := s.named()
	if err != nil {
		return err
	}
	text, err := s.text()
	o.setText(name, text)
	return err
}

func addMember(o *object, s step) error {
	name, err := s.named()
	if err != nil {
		return err
	}
	value, err := s.value()
	if err != nil {
		return err
	}
	text, err := encode(value)
	o.add(name, text)
	return err
}

func addEscaped(_ *draft, t *token, s step) error {
	err := addMember(&t.claims, s)
	if err != nil {
		return err
	}
	last := &t.claims.members[len(t.claims.members)-1]
	last.written = fmt.Sprintf(`"\u%04x%s"`, s.Name[0], s.Name[1:])
	return nil
}

func removeMember(o *object, s step) error {
	if !o.remove(s.Name) {
		return fmt.Errorf("there is no %q", s.Name)
	}
	return nil
}

func renameClaim(_ *draft, t *token, s step) error {
	name, err := s.text()
	at := t.claims.index(s.Name)
	if err != nil || at < 0 {
		return errors.Join(err, fmt.Errorf("rename %q", s.Name))
	}
	t.claims.members[at].name = name
	return nil
}

func changeJWK(change func(jwk map[string]any, s step)) func(*draft, *token, step) error {
	return func(_ *draft, t *token, s step) error {
		before := t.head.members[max(t.head.index("jwk"), 0)].late
		if t.head.index("jwk") < 0 || before == nil {
			return errors.New("the token has no jwk")
		}
		t.head.setLate("jwk", func() (any, error) {
			value, err := before()
			jwk, ok := value.(map[string]any)
			if err != nil || !ok {
				return nil, errors.Join(err, errors.New("jwk is not an object"))
			}
			change(jwk, s)
			return jwk, nil
		})
		return nil
	}
}

func exposePrivate(d *draft, t *token, s step) error {
	key, ok := t.shown.Signer.(*ecdsa.PrivateKey)
	if !ok {
		return errors.New("the key is not on a curve")
	}
	scalar, err := key.Bytes()
	if err != nil {
		return fmt.Errorf("encode key: %w", err)
	}
	s.Name, s.Value = "d", b64(scalar)
	return changeJWK(func(jwk map[string]any, s step) { jwk[s.Name] = s.Value })(d, t, s)
}

func rewriteX5C(_ *draft, t *token, s step) error {
	with, err := s.text()
	if err != nil {
		return err
	}
	return eachX5C(t, func(text string) string {
		if s.Name != "" {
			return strings.ReplaceAll(text, s.Name, with)
		}
		var b strings.Builder
		for len(text) > 64 {
			b.WriteString(text[:64] + with)
			text = text[64:]
		}
		return b.String() + text
	})
}

func eachX5C(t *token, change func(string) string) error {
	value, err := references()["x5c"](t.shown)
	if err != nil {
		return err
	}
	chain, ok := value.([]string)
	if !ok {
		return errors.New("x5c is not a list")
	}
	for i := range chain {
		chain[i] = change(chain[i])
	}
	text, err := json.Marshal(chain)
	t.head.setText("x5c", string(text))
	return err
}
