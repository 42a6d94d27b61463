// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/conformance/internal/judge"
)

// holdKeys puts the keys that the configuration names into the world.
func (s *Suite) holdKeys() error {
	k := s.config.Keys
	if k.Folder != "" {
		if err := s.keepKeys(k.Folder); err != nil {
			return err
		}
	}
	for _, one := range []struct{ name, file, setting string }{{"client", k.Client, "keys.client"}, {"dpop", k.DPoP, "keys.dpop"}} {
		if one.file == "" {
			continue
		}
		if err := s.hold(one.name, one.file, "", one.setting); err != nil {
			return err
		}
	}
	if k.Certificate != "" {
		if k.Client == "" {
			return misuse("keys.certificate senza keys.client, che è la sua chiave", "keys.certificate without keys.client, which is its key")
		}
		return s.hold("consumer", k.Client, k.Certificate, "keys.certificate")
	}
	return nil
}

// hold reads one key, with its certificates.
func (s *Suite) hold(name, file, certificates, setting string) error {
	data, err := os.ReadFile(file) //nolint:gosec // the file that the user names
	if err != nil {
		return misuse("%s: %s", "%s: %s", setting, fileReason(err))
	}
	signer, err := privateKey(data)
	if err != nil {
		return misuse("%s %s: non è una chiave privata in PEM", "%s %s: not a private key in PEM", setting, file)
	}
	k := &forge.Key{Name: name, Signer: signer}
	if k.KID, err = forge.Thumbprint(signer.Public()); err != nil {
		return misuse("%s %s: serve una chiave RSA o EC", "%s %s: an RSA or EC key is needed", setting, file)
	}
	if certificates != "" {
		data, err := os.ReadFile(certificates) //nolint:gosec // the file that the user names
		if err != nil {
			return misuse("%s: %s", "%s: %s", setting, fileReason(err))
		}
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			if block.Type == "CERTIFICATE" {
				k.Chain = append(k.Chain, block.Bytes)
			}
		}
		if len(k.Chain) == 0 {
			return misuse("%s %s: non ci sono certificati PEM", "%s %s: there are no PEM certificates", setting, certificates)
		}
	}
	s.world.Hold(k)
	return nil
}

// fileReason is why a file could not be read, with its name.
func fileReason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Path + ": " + path.Err.Error()
	}
	return err.Error()
}

func privateKey(data []byte) (crypto.Signer, error) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		var key any
		var err error
		switch block.Type {
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("parse key: %w", err)
		}
		if signer, ok := key.(crypto.Signer); ok {
			return signer, nil
		}
	}
	return nil, errors.New("no private key")
}

// keptKeys are the keys that a service may have been set up with.
func keptKeys() []string {
	return []string{"platform", "client", "other-client", "producer-keychain", "dpop", "root", "consumer", "consumer-twin", "other-consumer", "provider"}
}

// keepKeys takes the keys from a folder, or makes them there.
func (s *Suite) keepKeys(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return misuse("keys.folder: %s", "keys.folder: %s", fileReason(err))
	}
	for _, name := range keptKeys() {
		file := filepath.Join(folder, name+".pem")
		data, err := os.ReadFile(file) //nolint:gosec // the folder that the user names
		switch {
		case err == nil:
			err = s.world.Restore(name, data)
		case errors.Is(err, fs.ErrNotExist):
			if data, err = s.world.Keep(name); err == nil {
				err = os.WriteFile(file, data, 0o600)
			}
		}
		if err != nil {
			return misuse("keys.folder, %s: %v", "keys.folder, %s: %v", file, err)
		}
	}
	public, err := s.jwks("platform")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "jwks.json"), public, 0o600); err != nil {
		return misuse("keys.folder: %s", "keys.folder: %s", fileReason(err))
	}
	return nil
}

// publicKeys are the keys that the messages of the party under test are checked with.
type publicKeys struct {
	platform, producer, consumer map[string]crypto.PublicKey // by kid; nil: not configured
}

func (c Config) publicKeys() (publicKeys, error) {
	var out publicKeys
	for _, one := range []struct {
		file, setting string
		into          *map[string]crypto.PublicKey
	}{
		{c.Keys.Platform, "keys.platform", &out.platform}, {c.Keys.Producer, "keys.producer", &out.producer}, {c.Keys.Consumer, "keys.consumer", &out.consumer},
	} {
		if one.file == "" {
			continue
		}
		data, err := os.ReadFile(one.file)
		if err != nil {
			return out, misuse("%s: %s", "%s: %s", one.setting, fileReason(err))
		}
		if *one.into, err = readPublic(data); err != nil {
			return out, misuse("%s %s: serve un JWKS, la risposta di PDND a /keys/{kid} o una chiave pubblica in PEM (%s)",
				"%s %s: a JWKS, the answer of PDND to /keys/{kid} or a public key in PEM is needed (%s)", one.setting, one.file, told(err.Error()))
		}
	}
	return out, nil
}

// readPublic reads a JWKS, one JWK, the answer of PDND for one key, or public keys in PEM.
func readPublic(data []byte) (map[string]crypto.PublicKey, error) {
	out := map[string]crypto.PublicKey{}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		public, err := publicOf(block)
		if err != nil {
			return nil, err
		}
		kid, err := forge.Thumbprint(public)
		if err != nil {
			return nil, err
		}
		out[kid] = public
	}
	if len(out) > 0 {
		return out, nil
	}
	return judge.ParseKeys(data)
}

func publicOf(block *pem.Block) (crypto.PublicKey, error) {
	if block.Type == "CERTIFICATE" {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate: %w", err)
		}
		return cert.PublicKey, nil
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}
