-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Instants are nanoseconds since 1970 UTC.

-- +goose Up
CREATE TABLE replay_keys (
    key     BYTEA  NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL
);
CREATE INDEX replay_keys_expires ON replay_keys (expires);

-- +goose Down
DROP TABLE replay_keys;
