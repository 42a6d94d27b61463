// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Names are the identifiers that the messages carry. A text of the table refers to one
// as ${name}.
type Names map[string]string

// InventedNames are parties and services that exist nowhere.
func InventedNames() Names {
	n := Names{
		"audience":          "https://api.ente.example/rest/anagrafe/v1",
		"consumer-audience": "https://fruitore.example/modi",
		"host":              "api.ente.example",
		"path":              "/rest/anagrafe/v1/verifiche",
		"url":               "https://api.ente.example/rest/anagrafe/v1/verifiche",
		"token-url":         "https://auth.uat.example/token.oauth2",
		"assertion-aud":     "auth.uat.example/client-assertion",
		"issuer":            "uat.example",
		"api-issuer":        "https://api.uat.example",
		"client":            "5c1d8a20-1111-4c00-8000-0000000000a1",
		"other-client":      "5c1d8a20-1111-4c00-8000-0000000000a2",
		"purpose":           "5c1d8a20-2222-4c00-8000-0000000000b1",
		"producer":          "5c1d8a20-3333-4c00-8000-0000000000c1",
		"consumer":          "5c1d8a20-4444-4c00-8000-0000000000c2",
		"eservice":          "5c1d8a20-5555-4c00-8000-0000000000d1",
		"descriptor":        "5c1d8a20-6666-4c00-8000-0000000000e1",
		"keychain":          "5c1d8a20-7777-4c00-8000-0000000000f1",
		"platform-kid":      "5c1d8a20-8888-4c00-8000-0000000000f2",
		"api-kid":           "5c1d8a20-9999-4c00-8000-0000000000f3",
		"organisation":      "CF:IT-81234500015",
		"producer-org":      "CF:IT-00918273640",
		"user":              "operatore-17",
		"workstation":       "postazione-04",
		"elsewhere":         "https://attaccante.example/chiave",
		"x5u":               "https://certificati.fruitore.example/firma.pem",
	}
	n.At(n["url"])
	return n
}

// At sets the names that depend on the address of the e-service: its host and path, and
// other spellings of the address, which are the same, and neighbours, which are not. An
// address that is not absolute changes nothing but url.
func (n Names) At(address string) {
	n["url"] = address
	bare, _, _ := strings.Cut(address, "?")
	scheme, rest, found := strings.Cut(bare, "://")
	host, path, _ := strings.Cut(rest, "/")
	cut := strings.LastIndexByte(path, '/') + 1
	last := path[cut:]
	if !found || last == "" {
		return
	}
	n["host"], n["path"] = host, "/"+path
	base := scheme + "://" + host + "/" + path[:cut]
	port := map[string]string{"https": ":443", "http": ":80"}[scheme]
	if strings.Contains(host, ":") {
		port = ""
	}
	n["url-sibling"] = base + "altro"
	n["url-other-scheme"] = map[string]string{"https": "http", "http": "https"}[scheme] + "://" + rest
	n["url-other-host"] = scheme + "://altro.example/" + path
	n["url-upper"] = strings.ToUpper(scheme+"://"+host) + "/" + path
	n["url-port"] = scheme + "://" + host + port + "/" + path
	n["url-escaped"] = base + fmt.Sprintf("%%%02x", last[0]) + last[1:]
	n["url-dots"] = base + "./x/../" + last
	n["url-case"] = base + strings.ToUpper(last[:1]) + last[1:]
}

// World is where the messages are made: a clock that stands still, a source of
// randomness, names, and the keys and certificates of every party. It is safe for
// concurrent use; each key is made when it is first asked for.
type World struct {
	Now     time.Time
	Names   Names
	Content Content // what the messages carry; the zero value is invented

	rand io.Reader
	*vault
}

// vault holds the keys and certificates, which the views of one world share.
type vault struct {
	mu    sync.Mutex
	keys  map[string]*Key
	trust *authorities
}

// NewWorld returns an empty world. Randomness is for keys, jti and signatures.
func NewWorld(now time.Time, rand io.Reader, names Names) *World {
	return &World{Now: now.UTC().Truncate(time.Second), Names: names, rand: rand, vault: &vault{keys: map[string]*Key{}}}
}

// At is the same world, with the same keys, at another time and with other content.
func (w *World) At(now time.Time, content Content) *World {
	view := *w
	view.Now, view.Content = now.UTC().Truncate(time.Second), content
	return &view
}

// Hold puts a key that a party really has in the place of the one that would be made.
func (w *World) Hold(k *Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys[k.Name] = k
}

// Expand replaces every ${name} of a text. An unknown name is an error.
func (w *World) Expand(text string) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		value, known := w.Names[name]
		if !closed || !known {
			return "", fmt.Errorf("no name ${%s} in this world", name)
		}
		out.WriteString(value)
		text = after
	}
}

// uuid returns a random identifier of RFC 9562 version 4.
func (w *World) uuid() (string, error) {
	var b [16]byte
	_, err := io.ReadFull(w.rand, b[:])
	if err != nil {
		return "", fmt.Errorf("random identifier: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}
