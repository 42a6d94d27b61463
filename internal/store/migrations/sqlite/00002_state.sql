-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Instants are nanoseconds since 1970 UTC.

-- +goose Up
CREATE TABLE counters (
    ente  TEXT    NOT NULL,
    name  TEXT    NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (ente, name)
) STRICT, WITHOUT ROWID;

-- digest is the SHA-256 of the key, which is never stored.
CREATE TABLE api_keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    ente        TEXT    NOT NULL,
    application TEXT    NOT NULL,
    digest      BLOB    NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;

-- scope is a hash of ente, application and Idempotency-Key; answer_key and answer are NULL until the answer is stored.
-- An empty answer without a key means that nobody knows how the request ended.
CREATE TABLE idempotency (
    scope       BLOB    NOT NULL PRIMARY KEY,
    request     BLOB    NOT NULL,
    claim       BLOB    NOT NULL,
    claim_until INTEGER NOT NULL,
    answer_key  BLOB,
    answer      BLOB,
    expires     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires);

-- +goose Down
DROP TABLE idempotency;
DROP TABLE api_keys;
DROP TABLE counters;
