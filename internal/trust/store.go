// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
)

// Store is one trust store, read from its files once. It is a modi.CertificateResolver,
// read-only but for what it remembers, and safe for concurrent use.
type Store struct {
	sources *Sources
	policy  Revocation

	roots, intermediates *x509.CertPool
	pinned               map[[sha256.Size]byte]*x509.Certificate // nil when only the thumbprint is known
	lists                []string                                // files and URLs
	hosts                []x5uHost
	expiries             []Expiry

	verdicts *memo[modi.TrustedCertificate]
}

var _ modi.CertificateResolver = (*Store)(nil)

// Open reads the files of a configuration; path turns their names into paths, nil leaves
// them as they are. All faults are reported at once and name the key and the file. That
// an anchor or a pin has expired is no fault: Expiries tells.
func (s *Sources) Open(c Config, path func(string) string) (*Store, error) {
	if path == nil {
		path = func(name string) string { return name }
	}
	o := opener{path: path, store: &Store{
		sources: s, policy: c.Revoca,
		roots: x509.NewCertPool(), intermediates: x509.NewCertPool(),
		pinned:   map[[sha256.Size]byte]*x509.Certificate{},
		verdicts: newMemo[modi.TrustedCertificate](maxVerdicts),
	}}
	for i, name := range c.CA {
		o.anchors(fmt.Sprintf("ca[%d]", i), name, o.store.roots)
	}
	for i, name := range c.Intermediates {
		o.anchors(fmt.Sprintf("intermedie[%d]", i), name, o.store.intermediates)
	}
	for i, pin := range c.Pins {
		o.pin(fmt.Sprintf("pins[%d]", i), pin)
	}
	for i, source := range c.CRL {
		o.list(fmt.Sprintf("crl[%d]", i), source)
	}
	for i, host := range c.X5UHost {
		h, err := parseX5UHost(host)
		o.fault(fmt.Sprintf("x5u_host[%d]", i), err)
		o.store.hosts = append(o.store.hosts, h)
	}
	switch c.Revoca {
	case "":
		o.store.policy = Required
	case Required, IfAvailable, Off:
	default:
		o.fault("revoca", bilingual.Errorf("%q non è uno di %q, %q, %q", "%q is none of %q, %q, %q", c.Revoca, Required, IfAvailable, Off))
	}
	if len(c.CA)+len(c.Pins) == 0 {
		o.fault("ca", bilingual.New("mancano sia ca sia pins: nessuno sarebbe fidato",
			"neither ca nor pins is there: nobody would be trusted"))
	}
	if len(o.faults) > 0 {
		return nil, errors.Join(o.faults...)
	}
	return o.store, nil
}

// opener fills a store and collects what is wrong with its configuration.
type opener struct {
	store  *Store
	path   func(string) string
	faults []error
}

func (o *opener) fault(key string, err error) {
	if err != nil {
		o.faults = append(o.faults, bilingual.Errorf("fiducia.%s: %w", "fiducia.%s: %w", key, err))
	}
}

func (o *opener) certificates(key, name string) []*x509.Certificate {
	file := o.path(name)
	data, err := readFile(file, maxBundle)
	if err != nil {
		o.fault(key, err)
		return nil
	}
	found, err := ParseBundle(data)
	if err != nil {
		o.fault(key, fmt.Errorf("%s: %w", file, err))
	}
	return found
}

func (o *opener) anchors(key, name string, into *x509.CertPool) {
	for i, c := range o.certificates(key, name) {
		switch err := weak(c); {
		case !c.BasicConstraintsValid || !c.IsCA:
			o.fault(key, bilingual.Errorf("%s: il certificato %d non è di una CA; un firmatario va in pins",
				"%s: certificate %d is not a CA's; a single signer goes in pins", name, i+1))
			continue
		case err != nil:
			o.fault(key, bilingual.Errorf("%s: certificato %d: %w", "%s: certificate %d: %w", name, i+1, err))
			continue
		}
		into.AddCert(c)
		o.expiry(KindCA, name, c)
	}
}

func (o *opener) pin(key, pin string) {
	if sum, err := base64.RawURLEncoding.Strict().DecodeString(pin); err == nil && len(sum) == sha256.Size {
		id := [sha256.Size]byte(sum)
		if _, known := o.store.pinned[id]; !known {
			o.store.pinned[id] = nil
		}
		return
	}
	for i, c := range o.certificates(key, pin) {
		if r := Unsuitable(c); r != nil {
			o.fault(key, bilingual.Errorf("%s: il certificato %d non può firmare token: expected %s, found %s",
				"%s: certificate %d cannot sign tokens: expected %s, found %s", pin, i+1, r.Expected, r.Found))
			continue
		}
		o.store.pinned[sha256.Sum256(c.Raw)] = c
		o.expiry(KindPin, pin, c)
	}
}

// list looks at a source of revocation lists. What is in a file is read when it is
// needed, since it changes often.
func (o *opener) list(key, source string) {
	if isURL(source) {
		o.store.lists = append(o.store.lists, source)
		return
	}
	file := o.path(source)
	info, err := os.Stat(file)
	switch {
	case err != nil:
		o.fault(key, err)
	case !info.Mode().IsRegular():
		o.fault(key, bilingual.Errorf("%s non è un file", "%s is not a regular file", file))
	}
	o.store.lists = append(o.store.lists, file)
}

func (o *opener) expiry(kind Kind, name string, c *x509.Certificate) {
	o.store.expiries = append(o.store.expiries, ExpiryOf(kind, filepath.Base(name), c))
}

// readFile reads a file of at most most bytes.
func readFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // G304: the path is the administrator's configuration
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, bilingual.Errorf("%s ha più di %d byte", "%s has more than %d bytes", path, most)
	}
	return data, nil
}
