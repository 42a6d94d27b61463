// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"net/url"
	"strings"
)

// The schemes of references. A reference without one is the path of a file.
const (
	SchemeFile   = "file:"
	SchemePKCS11 = "pkcs11:"
)

// reference is a reference to a file.
type reference struct {
	path      string
	pinSource string // path of the file with the password; "" for none
}

// parseReference reads a path or a file: URI. Only the URI form is decoded, so that a path
// may hold any character.
func parseReference(ref string) (reference, error) {
	if strings.HasPrefix(ref, SchemePKCS11) {
		return reference{}, unsuitable("un riferimento pkcs11: vuole un programma compilato con -tags pkcs11",
			"a pkcs11: reference needs a program built with -tags pkcs11")
	}
	rest, ok := strings.CutPrefix(ref, SchemeFile)
	if !ok {
		return reference{path: ref}, nil
	}
	where, query, asked := strings.Cut(rest, "?")
	path, err := filePath(where)
	if err != nil {
		return reference{}, err
	}
	r := reference{path: path}
	if !asked {
		return r, nil
	}
	value, ok := strings.CutPrefix(query, "pin-source=")
	if !ok || strings.ContainsAny(value, "&;") {
		return reference{}, malformed("un riferimento file: prende pin-source=file:PERCORSO e nient'altro",
			"a file: reference takes pin-source=file:PATH and nothing else")
	}
	r.pinSource, err = PINSource(value)
	return r, err
}

// PINSource reads the value of the attribute pin-source (RFC 7512 §2.4) of a reference:
// file:PATH, percent-encoded, absolute or not. Commands are not run.
func PINSource(value string) (string, error) {
	path, ok := strings.CutPrefix(value, SchemeFile)
	if !ok {
		return "", malformed("pin-source è file:PERCORSO; una password non si scrive mai in un riferimento",
			"pin-source is file:PATH; a password is never written in a reference")
	}
	return filePath(path)
}

// filePath decodes what follows file: an absolute path behind an empty host, or a path.
func filePath(text string) (string, error) {
	if strings.HasPrefix(text, "//") && !strings.HasPrefix(text, "///") {
		return "", malformed("un riferimento file: non nomina un host", "a file: reference names no host")
	}
	path, err := url.PathUnescape(strings.TrimPrefix(text, "//"))
	if err != nil || path == "" || strings.ContainsRune(path, 0) {
		return "", malformed("un riferimento file: senza un percorso leggibile", "a file: reference without a path that can be read")
	}
	return path, nil
}
