// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrRevoked means that the key of an application was known and has been revoked.
var ErrRevoked = errors.New("the application key has been revoked")

const (
	sqlPutAPIKey = `INSERT INTO api_keys (id, ente, application, digest, created_at) VALUES ($1, $2, $3, $4, $5)`
	sqlAPIKey    = `SELECT id, ente, application, digest, created_at, revoked_at FROM api_keys`
	sqlRevoke    = `UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`
)

// An APIKey lets one application of one ente call the hub. The key itself is shown once, when it is made, and is not
// stored.
type APIKey struct {
	ID          string // public: names the key in lists and logs
	Ente        string
	Application string
	Digest      [sha256.Size]byte // SHA-256 of the key
	CreatedAt   time.Time
	RevokedAt   time.Time // zero while the key is good
}

// NewAPIKey draws a key of 256 random bits and returns it beside what is stored of it. A key that cannot be guessed
// needs no slow hash.
func NewAPIKey(random io.Reader, ente, application string, now time.Time) (plain string, k APIKey, err error) {
	var b [8 + 32]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", APIKey{}, fmt.Errorf("draw application key: %w", err)
	}
	id := hex.EncodeToString(b[:8])
	plain = "snodo_" + id + "_" + base64.RawURLEncoding.EncodeToString(b[8:])
	return plain, APIKey{
		ID: id, Ente: ente, Application: application, Digest: DigestAPIKey(plain), CreatedAt: now.UTC(),
	}, nil
}

// DigestAPIKey returns what a key presented by an application is looked up by.
func DigestAPIKey(plain string) [sha256.Size]byte { return sha256.Sum256([]byte(plain)) }

// APIKeys are the keys of the applications.
type APIKeys struct{ s *Store }

// APIKeys returns the application keys of the store.
func (s *Store) APIKeys() *APIKeys { return &APIKeys{s} }

// Put stores a new key. An id or a digest already stored is an error.
func (a *APIKeys) Put(ctx context.Context, k APIKey) error {
	_, err := a.s.write.exec(ctx, "store application key", sqlPutAPIKey, k.ID, k.Ente, k.Application, k.Digest[:], nanos(k.CreatedAt))
	return err
}

// Lookup returns the key with that digest. The error wraps [ErrNotFound], [ErrRevoked] (the key comes with it) or
// [ErrUnavailable].
func (a *APIKeys) Lookup(ctx context.Context, digest [sha256.Size]byte) (APIKey, error) {
	own := a.s.dialect == DialectSQLite
	good, ok, mark := a.s.good.find(digest)
	if own && ok {
		return good, nil
	}
	keys, err := a.query(ctx, sqlAPIKey+" WHERE digest = $1", digest[:])
	switch {
	case err != nil:
		return APIKey{}, err
	case len(keys) == 0:
		return APIKey{}, fmt.Errorf("application key: %w", ErrNotFound)
	case !keys[0].RevokedAt.IsZero():
		return keys[0], fmt.Errorf("%w: id %s", ErrRevoked, keys[0].ID)
	}
	if own {
		a.s.good.keep(keys[0], mark)
	}
	return keys[0], nil
}

// List returns the keys of an ente, revoked ones too, oldest first; of all enti when ente is empty.
func (a *APIKeys) List(ctx context.Context, ente string) ([]APIKey, error) {
	if ente == "" {
		return a.query(ctx, sqlAPIKey+" ORDER BY created_at, id")
	}
	return a.query(ctx, sqlAPIKey+" WHERE ente = $1 ORDER BY created_at, id", ente)
}

// Revoke ends a key at an instant. A key unknown or already revoked is [ErrNotFound].
func (a *APIKeys) Revoke(ctx context.Context, id string, at time.Time) error {
	defer a.s.good.forget() // whatever happened: an error may hide a revocation that took place
	n, err := a.s.write.exec(ctx, "revoke application key", sqlRevoke, id, nanos(at))
	switch {
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("application key to revoke: %w", ErrNotFound)
	}
	return nil
}

func (a *APIKeys) query(ctx context.Context, query string, args ...any) ([]APIKey, error) {
	return readAll(ctx, a.s, "read application keys", func(rows *sql.Rows) (APIKey, error) {
		var k APIKey
		var digest []byte
		var created, revoked sql.NullInt64
		err := rows.Scan(&k.ID, &k.Ente, &k.Application, &digest, &created, &revoked)
		copy(k.Digest[:], digest)
		k.CreatedAt, k.RevokedAt = instantOf(created), instantOf(revoked)
		return k, err
	}, query, args...)
}
