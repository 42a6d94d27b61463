-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Instants are nanoseconds since 1970 UTC; keep is nanoseconds.

-- +goose Up
-- dedup and lane are keyed hashes; wrapped_key and data become NULL when a job ends. fence grows with every claim.
CREATE TABLE jobs (
    seq          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL UNIQUE,
    kind         TEXT    NOT NULL,
    ente         TEXT    NOT NULL,
    environment  TEXT    NOT NULL,
    dedup        BLOB    UNIQUE,
    lane         BLOB,
    state        TEXT    NOT NULL CHECK (state IN ('pending', 'running', 'done', 'dead', 'discarded')),
    attempt      INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    fence        INTEGER NOT NULL DEFAULT 0,
    keep         INTEGER NOT NULL,
    enqueued_at  INTEGER NOT NULL,
    run_at       INTEGER NOT NULL,
    deadline     INTEGER,
    lease_until  INTEGER,
    ended_at     INTEGER,
    expires      INTEGER,
    code         TEXT    NOT NULL DEFAULT '',
    reason       TEXT    NOT NULL DEFAULT '',
    wrapped_key  BLOB,
    data         BLOB
) STRICT;
CREATE INDEX jobs_pending ON jobs (kind, run_at, seq) WHERE state = 'pending';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'pending';
CREATE INDEX jobs_leases ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_lanes ON jobs (lane, seq) WHERE state IN ('pending', 'running');
CREATE UNIQUE INDEX jobs_one_of_a_lane ON jobs (lane) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (seq) WHERE state = 'dead';
CREATE INDEX jobs_expires ON jobs (expires) WHERE expires IS NOT NULL;

CREATE TABLE job_schedules (
    name        TEXT    NOT NULL,
    ente        TEXT    NOT NULL,
    environment TEXT    NOT NULL,
    instants    TEXT    NOT NULL,
    next_at     INTEGER NOT NULL,
    PRIMARY KEY (name, ente, environment)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    ente        TEXT    NOT NULL,
    environment TEXT    NOT NULL,
    feed        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    moved_at    INTEGER NOT NULL,
    PRIMARY KEY (ente, environment, feed)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE cursors;
DROP TABLE job_schedules;
DROP TABLE jobs;
