// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package pkcs11 opens keys that stay inside a PKCS#11 token: a smart card, an HSM, or
// SoftHSM.
//
// It owns the reading of pkcs11: references (a subset of RFC 7512) and, in programs built
// with the tag pkcs11 (which need cgo), the sessions with tokens; in all others it says
// that it is not there. It depends on keys for the contract of a provider. It never
// exports a private key and never writes to a token.
package pkcs11

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/keys"
)

// URI is a reference to a key in a token.
type URI struct {
	Module    string // absolute path of the library
	Token     string // label of the token; or
	Serial    string // its serial number
	Object    string // label of the key; or
	ID        []byte // its CKA_ID; or both
	PINSource string // path of the file with the user PIN
}

// maxURI bounds a reference in bytes.
const maxURI = 4096

// Parse reads a reference such as
//
//	pkcs11:token=hub;object=sigillo?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:hub.pin
//
// Of RFC 7512 it takes token, serial, object, id and type=private, and module-path and
// pin-source, each once. One of token and serial, one of object and id, and both of the
// latter are required: nothing is looked for by guess. Anything else is refused, above all
// pin-value: a PIN is never written in a reference, nor repeated in an error.
func Parse(ref string) (URI, error) {
	rest, ok := strings.CutPrefix(ref, keys.SchemePKCS11)
	if !ok || len(ref) > maxURI {
		return URI{}, malformed("atteso pkcs11: seguito dagli attributi", "expected pkcs11: and its attributes")
	}
	path, query, _ := strings.Cut(rest, "?")
	var u URI
	if err := u.read(path, ";"); err != nil {
		return URI{}, err
	}
	if err := u.read(query, "&"); err != nil {
		return URI{}, err
	}
	return u, u.check()
}

// read takes the attributes of one part of the URI.
func (u *URI) read(part, separator string) error {
	if part == "" {
		return nil
	}
	seen := map[string]bool{}
	for attribute := range strings.SplitSeq(part, separator) {
		name, raw, ok := strings.Cut(attribute, "=")
		value, err := url.PathUnescape(raw)
		if !ok || err != nil || value == "" || seen[name] {
			return malformed("un attributo pkcs11: è vuoto, ripetuto o non valido", "a pkcs11: attribute is empty, repeated or not valid")
		}
		seen[name] = true
		if err := u.set(separator+name, value, raw); err != nil {
			return err
		}
	}
	return nil
}

// set takes one attribute; the separator before its name tells path from query.
func (u *URI) set(name, value, raw string) error {
	switch name {
	case ";token":
		u.Token = value
	case ";serial":
		u.Serial = value
	case ";object":
		u.Object = value
	case ";id":
		u.ID = []byte(value)
	case ";type":
		if value != "private" {
			return malformed("type=%.20s: attesa una chiave private", "type=%.20s: expected a private key", value)
		}
	case "&module-path":
		u.Module = value
	case "&pin-source":
		path, err := keys.PINSource(raw)
		u.PINSource = path
		return err
	case "&pin-value":
		return malformed("pin-value: il PIN sta in un file, pin-source=file:PERCORSO", "pin-value: the PIN stands in a file, pin-source=file:PATH")
	default:
		return malformed("attributo pkcs11: %.30q sconosciuto", "unknown pkcs11: attribute %.30q", name[1:])
	}
	return nil
}

func (u *URI) check() error {
	switch {
	case (u.Token == "") == (u.Serial == ""):
		return malformed("pkcs11: vuole token oppure serial", "pkcs11: needs either token or serial")
	case u.Object == "" && u.ID == nil:
		return malformed("pkcs11: vuole object o id", "pkcs11: needs object or id")
	case !filepath.IsAbs(u.Module):
		return malformed("pkcs11: vuole module-path con il percorso assoluto della libreria", "pkcs11: needs module-path with the absolute path of the library")
	case u.PINSource == "":
		return malformed("pkcs11: vuole pin-source=file:PERCORSO", "pkcs11: needs pin-source=file:PATH")
	}
	return nil
}

func malformed(it, en string, args ...any) error {
	return bilingual.Errorf("%w: "+it, "%w: "+en, append([]any{keys.ErrMalformed}, args...)...)
}
