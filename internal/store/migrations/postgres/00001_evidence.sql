-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Instants are nanoseconds since 1970 UTC.

-- +goose Up
CREATE TABLE evidence_heads (
    ente TEXT    NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL
);

CREATE TABLE evidence_entries (
    ente        TEXT    NOT NULL,
    idx         BIGINT NOT NULL,
    instant     BIGINT NOT NULL,
    environment TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    exchange    TEXT    NOT NULL,
    leaf        BYTEA   NOT NULL,
    PRIMARY KEY (ente, idx)
);
CREATE INDEX evidence_entries_exchange ON evidence_entries (ente, exchange);
CREATE INDEX evidence_entries_instant ON evidence_entries (ente, instant);

-- wrapped_key and data become NULL when the side record is erased.
CREATE TABLE evidence_sides (
    ente         TEXT    NOT NULL,
    idx          BIGINT NOT NULL,
    wrapped_key  BYTEA,
    data         BYTEA,
    retain_until BIGINT,
    erased_at    BIGINT,
    PRIMARY KEY (ente, idx)
);
CREATE INDEX evidence_sides_retain ON evidence_sides (retain_until)
    WHERE wrapped_key IS NOT NULL AND retain_until IS NOT NULL;

CREATE TABLE evidence_subjects (
    ente    TEXT    NOT NULL,
    idx     BIGINT NOT NULL,
    subject BYTEA   NOT NULL,
    PRIMARY KEY (ente, idx, subject)
);
CREATE INDEX evidence_subjects_subject ON evidence_subjects (ente, subject, idx);

-- Intents without outcome: closing one deletes its row.
CREATE TABLE evidence_open (
    ente     TEXT    NOT NULL,
    idx      BIGINT NOT NULL,
    exchange TEXT    NOT NULL,
    instant  BIGINT NOT NULL,
    PRIMARY KEY (ente, idx)
);

CREATE TABLE evidence_tiles (
    ente  TEXT    NOT NULL,
    level BIGINT NOT NULL,
    n     BIGINT NOT NULL,
    data  BYTEA   NOT NULL,
    PRIMARY KEY (ente, level, n)
);

CREATE TABLE evidence_checkpoints (
    ente TEXT    NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA   NOT NULL,
    note BYTEA   NOT NULL,
    PRIMARY KEY (ente, size)
);

-- +goose Down
DROP TABLE evidence_checkpoints;
DROP TABLE evidence_tiles;
DROP TABLE evidence_open;
DROP TABLE evidence_subjects;
DROP TABLE evidence_sides;
DROP TABLE evidence_entries;
DROP TABLE evidence_heads;
