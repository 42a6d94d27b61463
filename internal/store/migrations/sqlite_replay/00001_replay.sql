-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- The file of used tokens, apart from evidence: it is written with synchronous=NORMAL (design D5).
-- Instants are nanoseconds since 1970 UTC.

-- +goose Up
CREATE TABLE replay_keys (
    key     BLOB    NOT NULL PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replay_keys_expires ON replay_keys (expires);

-- One row: whether the last stop was clean, and the instant before which tokens are refused.
CREATE TABLE replay_state (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    clean      INTEGER NOT NULL,
    not_before INTEGER NOT NULL
) STRICT;
INSERT INTO replay_state (id, clean, not_before) VALUES (1, 1, 0);

-- +goose Down
DROP TABLE replay_state;
DROP TABLE replay_keys;
