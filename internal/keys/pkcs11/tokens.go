// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build pkcs11

package pkcs11

import (
	"crypto"
	"crypto/x509"
	"errors"
	"strings"
	"sync"

	"github.com/ThalesGroup/crypto11"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/keys"
)

// Available tells whether this program can use tokens.
const Available = true

// maxSessions bounds the sessions with one token, and so the signatures at once; others
// wait.
const maxSessions = 32

// Provider opens the keys of tokens and, for every other reference, of files. It holds a
// session with each token up to Close. It is safe for concurrent use, as its signers are.
type Provider struct {
	files keys.Files

	mu     sync.Mutex
	tokens map[tokenName]*token
}

type tokenName struct{ module, label, serial string }

// token is a session, or why there can be none.
type token struct {
	session *crypto11.Context
	err     error
}

var _ keys.Provider = (*Provider)(nil)

// Over makes a provider of the keys of tokens and, for every other reference, of files.
func Over(files keys.Files) *Provider {
	return &Provider{files: files, tokens: make(map[tokenName]*token)}
}

// Pair opens a key pair: a reference that begins with pkcs11: is looked for in a token,
// any other in files. The certificate with the CKA_ID of the key is its chain. A key that
// is not there is keys.ErrNotFound; two that answer to one reference are keys.ErrMalformed.
func (p *Provider) Pair(ref string) (keys.Pair, error) {
	if !strings.HasPrefix(ref, keys.SchemePKCS11) {
		return p.files.Pair(ref)
	}
	u, err := Parse(ref)
	if err != nil {
		return keys.Pair{}, err
	}
	session, err := p.open(u)
	if err != nil {
		return keys.Pair{}, err
	}
	found, err := session.FindKeyPairs(u.ID, []byte(u.Object))
	switch {
	case err != nil:
		return keys.Pair{}, bilingual.Errorf("token %s: le chiavi non si leggono (la parte pubblica è nel token?): %w",
			"token %s: keys cannot be read (is the public half in the token?): %w", u.name(), err)
	case len(found) == 0:
		return keys.Pair{}, bilingual.Errorf("%w: nel token %s", "%w: in token %s", keys.ErrNotFound, u.name())
	case len(found) > 1:
		return keys.Pair{}, malformed("%d chiavi del token %s rispondono al riferimento: aggiungere id",
			"%d keys of token %s answer to the reference: add id", len(found), u.name())
	}
	chain, err := certificates(session, found[0])
	return keys.Pair{Signer: signer{found[0]}, Chain: chain}, err
}

// Secret opens a secret, which is always in a file.
func (p *Provider) Secret(ref string) ([]byte, error) { return p.files.Secret(ref) }

// Close ends the sessions with tokens. Signers do not work after it.
func (p *Provider) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, t := range p.tokens {
		if t.session != nil {
			errs = append(errs, t.session.Close())
		}
	}
	clear(p.tokens)
	return errors.Join(errs...)
}

// signer shows of a token's key what a signer needs: whoever holds it cannot delete it.
type signer struct{ crypto.Signer }

// name is how a token is called in errors.
func (u *URI) name() string {
	if u.Token != "" {
		return u.Token
	}
	return u.Serial
}

// open logs into a token once. A PIN that the token refused is remembered too: a few wrong
// ones block it, and a configuration has many keys. Any other failure may pass (a device
// that was not plugged in, a module or a file that was not there yet) and is tried again by
// the next key.
func (p *Provider) open(u URI) (*crypto11.Context, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := tokenName{u.Module, u.Token, u.Serial}
	if t, ok := p.tokens[name]; ok {
		return t.session, t.err
	}
	session, err := p.login(u)
	if err == nil || pinRefused(err) {
		p.tokens[name] = &token{session: session, err: err}
	}
	return session, err
}

// pinRefused tells whether a login failed for its PIN. The module's code is known by the
// name that crypto11 puts into the text of its errors.
func pinRefused(err error) bool {
	text := err.Error()
	return strings.Contains(text, "CKR_PIN_INCORRECT") || strings.Contains(text, "CKR_PIN_LOCKED")
}

func (p *Provider) login(u URI) (*crypto11.Context, error) {
	path := u.PINSource
	if p.files.Path != nil {
		path = p.files.Path(path)
	}
	pin, err := keys.ReadPIN(path)
	if err != nil {
		return nil, err
	}
	session, err := crypto11.Configure(&crypto11.Config{
		Path: u.Module, TokenLabel: u.Token, TokenSerial: u.Serial, Pin: pin, MaxSessions: maxSessions,
	})
	if err != nil {
		return nil, bilingual.Errorf("il token %s non si apre: %w", "token %s does not open: %w", u.name(), err)
	}
	return session, nil
}

// certificates finds the certificate that a token pairs with a key.
func certificates(session *crypto11.Context, key crypto11.Signer) ([]*x509.Certificate, error) {
	id, err := session.GetAttribute(key, crypto11.CkaId)
	if err != nil || id == nil || len(id.Value) == 0 {
		return nil, nil //nolint:nilerr // a key without CKA_ID has no certificate of its own
	}
	c, err := session.FindCertificate(id.Value, nil, nil)
	if err != nil {
		return nil, malformed("il certificato della chiave non è valido", "the certificate of the key does not parse")
	}
	if c == nil {
		return nil, nil
	}
	return keys.Chain(key.Public(), []*x509.Certificate{c})
}
