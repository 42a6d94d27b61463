-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- +goose Up
-- Rows that only come at the end fill their pages in a table with row ids. In one without, every page that is full is
-- shared out with its neighbours, which are written again, and a row of more than a quarter of a page has a page more.
CREATE TABLE evidence_entries_moved (
    ente        TEXT    NOT NULL,
    idx         INTEGER NOT NULL,
    instant     INTEGER NOT NULL,
    environment TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    exchange    TEXT    NOT NULL,
    leaf        BLOB    NOT NULL,
    PRIMARY KEY (ente, idx)
) STRICT;
INSERT INTO evidence_entries_moved SELECT ente, idx, instant, environment, kind, exchange, leaf FROM evidence_entries ORDER BY ente, idx;
DROP TABLE evidence_entries;
ALTER TABLE evidence_entries_moved RENAME TO evidence_entries;
CREATE INDEX evidence_entries_exchange ON evidence_entries (ente, exchange);
CREATE INDEX evidence_entries_instant ON evidence_entries (ente, instant);

CREATE TABLE evidence_sides_moved (
    ente         TEXT    NOT NULL,
    idx          INTEGER NOT NULL,
    wrapped_key  BLOB,
    data         BLOB,
    retain_until INTEGER,
    erased_at    INTEGER,
    PRIMARY KEY (ente, idx)
) STRICT;
INSERT INTO evidence_sides_moved SELECT ente, idx, wrapped_key, data, retain_until, erased_at FROM evidence_sides ORDER BY ente, idx;
DROP TABLE evidence_sides;
ALTER TABLE evidence_sides_moved RENAME TO evidence_sides;
CREATE INDEX evidence_sides_retain ON evidence_sides (retain_until)
    WHERE wrapped_key IS NOT NULL AND retain_until IS NOT NULL;

-- +goose Down
CREATE TABLE evidence_entries_moved (
    ente        TEXT    NOT NULL,
    idx         INTEGER NOT NULL,
    instant     INTEGER NOT NULL,
    environment TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    exchange    TEXT    NOT NULL,
    leaf        BLOB    NOT NULL,
    PRIMARY KEY (ente, idx)
) STRICT, WITHOUT ROWID;
INSERT INTO evidence_entries_moved SELECT ente, idx, instant, environment, kind, exchange, leaf FROM evidence_entries ORDER BY ente, idx;
DROP TABLE evidence_entries;
ALTER TABLE evidence_entries_moved RENAME TO evidence_entries;
CREATE INDEX evidence_entries_exchange ON evidence_entries (ente, exchange);
CREATE INDEX evidence_entries_instant ON evidence_entries (ente, instant);

CREATE TABLE evidence_sides_moved (
    ente         TEXT    NOT NULL,
    idx          INTEGER NOT NULL,
    wrapped_key  BLOB,
    data         BLOB,
    retain_until INTEGER,
    erased_at    INTEGER,
    PRIMARY KEY (ente, idx)
) STRICT, WITHOUT ROWID;
INSERT INTO evidence_sides_moved SELECT ente, idx, wrapped_key, data, retain_until, erased_at FROM evidence_sides ORDER BY ente, idx;
DROP TABLE evidence_sides;
ALTER TABLE evidence_sides_moved RENAME TO evidence_sides;
CREATE INDEX evidence_sides_retain ON evidence_sides (retain_until)
    WHERE wrapped_key IS NOT NULL AND retain_until IS NOT NULL;
