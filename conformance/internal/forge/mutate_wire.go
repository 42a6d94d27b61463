// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"fmt"
	"net/http"
	"strings"
)

// wireMutations change the message after it was signed, as an attacker or a careless
// proxy does.
func wireMutations() map[string]mutation {
	after := func(doc string, change func(m *Message, s step) error) mutation {
		return mutation{doc: doc, whole: true, apply: func(d *draft, _ *token, s step) error {
			d.wire = append(d.wire, func(m *Message) error { return change(m, s) })
			return nil
		}}
	}
	field := func(doc string, change func(h http.Header, name, text string)) mutation {
		return after(doc, func(m *Message, s step) error {
			name, err := s.named()
			if err != nil {
				return err
			}
			text, err := s.text()
			if err == nil {
				change(m.Header, name, text)
			}
			return err
		})
	}
	return map[string]mutation{
		"wire.set": field("sets an HTTP field after signing", http.Header.Set),
		"wire.add": field("adds an HTTP field after signing", http.Header.Add),
		"wire.remove": after("takes an HTTP field out after signing", func(m *Message, s step) error {
			name, err := s.named()
			if err == nil && len(m.Header.Values(name)) == 0 {
				err = fmt.Errorf("the message has no field %s", name)
			}
			m.Header.Del(name)
			return err
		}),
		"wire.repeat": after("sends an HTTP field a second time, with the same value", func(m *Message, s step) error {
			name, err := s.named()
			if err == nil && len(m.Header.Values(name)) == 0 {
				err = fmt.Errorf("the message has no field %s", name)
			}
			m.Header.Add(name, m.Header.Get(name))
			return err
		}),
		"wire.join": after("sends an HTTP field once with its value twice, joined by a comma", func(m *Message, s step) error {
			name, err := s.named()
			m.Header.Set(name, m.Header.Get(name)+", "+m.Header.Get(name))
			return err
		}),
		"wire.copy": after("sends the value of one HTTP field (value) as another one (name)", func(m *Message, s step) error {
			name, err := s.named()
			if err != nil {
				return err
			}
			from, err := s.text()
			m.Header.Set(name, strings.TrimPrefix(m.Header.Get(from), "Bearer "))
			return err
		}),
		"wire.body": after("replaces the body after signing", func(m *Message, s step) error {
			text, err := s.text()
			m.Body = []byte(text)
			return err
		}),
		"wire.swap": after("changes the first text (name) of the body into another (value) after signing", swap),
		"wire.gzip": after("compresses the body after signing, as a proxy does", func(m *Message, _ step) error {
			body, err := zip(m.Body)
			m.Body = body
			m.Header.Set("Content-Encoding", "gzip")
			return err
		}),
		"wire.url": after("sends a request signed for one address to another", func(m *Message, s step) error {
			text, err := s.text()
			m.URL = text
			return err
		}),
	}
}

// swap changes the body. A real one that does not hold the text gets a blank, which
// changes it as well.
func swap(m *Message, s step) error {
	text, err := s.text()
	switch {
	case err != nil:
		return err
	case strings.Contains(string(m.Body), s.Name):
		m.Body = []byte(strings.Replace(string(m.Body), s.Name, text, 1))
	case s.world.Content.Body != nil:
		m.Body = append(m.Body, ' ')
	default:
		return fmt.Errorf("the body has no %q", s.Name)
	}
	return nil
}
