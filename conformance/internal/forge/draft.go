// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/snodo-pa/snodo/conformance/cases"
)

// Message is a built HTTP message, as it is on the wire.
type Message struct {
	Method, URL string // of the request, or of the one that a reply answers
	Status      int    // of a reply; 0 for a request
	Header      http.Header
	Body        []byte
	Tokens      map[string]string // the compact tokens as they were put in, by place
	Asked       string            // on a reply, the Digest of the request that it answers
}

// draft is a message before it is sealed.
type draft struct {
	world  *World
	method string
	url    string
	status int
	header http.Header
	body   []byte
	form   url.Values // of a token request, instead of body
	digest *digestPlan
	tokens []*token // in the order in which they are sealed
	asked  string
	wire   []func(*Message) error // what happens to the message on the way
}

// digestPlan says how the Digest header is written. The zero value is none.
type digestPlan struct {
	name     string // as written in the header
	hash     crypto.Hash
	encoding string
	of       []byte                             // what is hashed; the body when nil
	change   func(sum []byte)                   // of the bytes, before they are encoded
	rewrite  func(value string) (string, error) // of the encoded text
	text     string                             // the whole field, instead of all the rest
}

// Build makes the genuine message of a subject, applies the steps and seals it.
func (w *World) Build(subject string, steps []cases.Step) (*Message, error) {
	base, ok := subjects()[subject]
	if !ok {
		return nil, fmt.Errorf("no subject %q", subject)
	}
	d := &draft{world: w, header: http.Header{}}
	err := base.compose(d)
	if err == nil {
		err = d.complete()
	}
	if err != nil {
		return nil, fmt.Errorf("subject %s: %w", subject, err)
	}
	for i, s := range steps {
		err = d.apply(base.token, s)
		if err != nil {
			return nil, fmt.Errorf("step %d, %s: %w", i+1, s.Do, err)
		}
	}
	return d.seal()
}

// seal writes the Digest, then each token, then does what happens on the way.
func (d *draft) seal() (*Message, error) {
	if d.digest != nil {
		text, err := d.digest.write(d.body)
		if err != nil {
			return nil, err
		}
		d.header.Add("Digest", text)
	}
	tokens := map[string]string{}
	for _, t := range d.tokens {
		err := t.seal(d)
		if err != nil {
			return nil, fmt.Errorf("token %s: %w", t.place, err)
		}
		tokens[t.place] = t.compact
		switch {
		case t.field != "":
			d.header.Add(t.field, t.value())
		case d.form != nil:
			d.form.Set("client_assertion", t.compact)
		}
	}
	if d.form != nil {
		d.body = []byte(d.form.Encode())
	}
	m := &Message{
		Method: d.method, URL: d.url, Status: d.status, Header: d.header, Body: d.body, Tokens: tokens, Asked: d.asked,
	}
	for _, change := range d.wire {
		err := change(m)
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// token finds a token of the draft by its place.
func (d *draft) token(place string) (*token, error) {
	for _, t := range d.tokens {
		if t.place == place {
			return t, nil
		}
	}
	return nil, fmt.Errorf("the message has no token %q", place)
}

// seconds is the NumericDate of an offset from the world's now.
func (d *draft) seconds(offset time.Duration) int64 { return d.world.Now.Add(offset).Unix() }

func (p *digestPlan) write(body []byte) (string, error) {
	if p.text != "" {
		return p.text, nil
	}
	data := p.of
	if data == nil {
		data = body
	}
	sum, name := digest(p.hash, data), p.name+"="
	if p.name == "" {
		name = ""
	}
	if p.change != nil {
		p.change(sum)
	}
	value, err := p.encode(sum)
	if err == nil && p.rewrite != nil {
		value, err = p.rewrite(value)
	}
	return name + value, err
}

func (p *digestPlan) encode(sum []byte) (string, error) {
	switch p.encoding {
	case "", "base64":
		return base64.StdEncoding.EncodeToString(sum), nil
	case "base64url":
		return base64.URLEncoding.EncodeToString(sum), nil
	case "unpadded":
		return base64.RawStdEncoding.EncodeToString(sum), nil
	case "hex":
		return hex.EncodeToString(sum), nil
	default:
		return "", fmt.Errorf("no encoding %q of a digest", p.encoding)
	}
}
