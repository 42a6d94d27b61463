-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Used tokens are looked up in memory: the file is only read at start. A row is what one commit wrote, which costs a
-- fraction of a row and two index entries for each token. used is 40 bytes for each: when it expires, in nanoseconds
-- since 1970 UTC, big-endian, and its key; until is the latest of the instants.

-- +goose Up
CREATE TABLE replay_journal (
    id    INTEGER NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL,
    used  BLOB    NOT NULL
) STRICT;
INSERT INTO replay_journal (until, used)
    SELECT expires, CAST(unhex(printf('%016x', expires)) || key AS BLOB) FROM replay_keys;
DROP TABLE replay_keys;

-- +goose Down
CREATE TABLE replay_keys (
    key     BLOB    NOT NULL PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replay_keys_expires ON replay_keys (expires);
DROP TABLE replay_journal;
