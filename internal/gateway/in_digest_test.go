// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/snodo-pa/snodo/modi/rest"
)

func TestDeclaredDigests(t *testing.T) {
	good := sha256Digest("abc")
	for name, c := range map[string]struct {
		values []string
		ok     bool
	}{
		"good":               {[]string{good}, true},
		"small letters":      {[]string{strings.Replace(good, "SHA", "sha", 1)}, true},
		"none":               {nil, false},
		"two":                {[]string{good, good}, false},
		"a list":             {[]string{good + "," + good}, false},
		"another algorithm":  {[]string{"SHA-512=" + good[8:]}, false},
		"not base64":         {[]string{"SHA-256=***"}, false},
		"of another length":  {[]string{"SHA-256=YWJj"}, false},
		"without a value":    {[]string{"SHA-256"}, false},
		"an URL-safe base64": {[]string{"SHA-256=__________________________________________8="}, false},
	} {
		d, err := declaredDigest(http.Header{rest.HeaderDigest: c.values})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.Open(); err == nil {
			t.Errorf("%s: a body that is not here was opened", name)
		}
		if _, err := d.Digest(crypto.SHA512); err == nil {
			t.Errorf("%s: a digest that nobody told", name)
		}
	}
}

// FuzzChecked: whatever the body and however it comes, it is whole when it is the one of the digest, and never otherwise.
func FuzzChecked(f *testing.F) {
	f.Add([]byte("abc"), "abc")
	f.Add([]byte{}, "")
	f.Add([]byte("abc"), "abd")
	f.Fuzz(func(t *testing.T, body []byte, told string) {
		want, err := declaredDigest(http.Header{rest.HeaderDigest: {sha256Digest(told)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []io.Reader{bytes.NewReader(body), iotest.OneByteReader(bytes.NewReader(body)), iotest.DataErrReader(bytes.NewReader(body))} {
			got, err := io.ReadAll(newChecked(io.NopCloser(from), want))
			if same := string(body) == told; same != (err == nil) || same && string(got) != told {
				t.Errorf("%d bytes of %d: %v", len(got), len(body), err)
			}
			if err != nil && (!errors.Is(err, errOtherBody) || len(body) > 0 && len(got) >= len(body)) {
				t.Errorf("%d bytes of %d: %v", len(got), len(body), err)
			}
		}
	})
}

// FuzzNamesPerson: what stands in an address escaped is found as it is without escapes.
func FuzzNamesPerson(f *testing.F) {
	for _, seed := range []string{"/a/RSSMRA85T10A562S", "/%52SSMRA85T10A562S", "%", "/a?b=%zz", "RSSMRA85T10A562SRSSMRA85T10A562S"} {
		f.Add(seed)
	}
	same := func(s string) (string, error) { return s, nil }
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "%") {
			namesPerson(text, undo)
			return
		}
		if namesPerson(text, undo) != namesPerson(text, same) {
			t.Errorf("%q", text)
		}
		if !namesPerson("/"+text+"/RSSMRA85T10A562S", same) {
			t.Errorf("a person after %q is not found", text)
		}
	})
}

func undo(s string) (string, error) { return undoHeaderSafe(s), nil }
