-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Instants are nanoseconds since 1970 UTC; days are those of Italy, YYYY-MM-DD.

-- +goose Up
-- What the events of PDND have made untrue in the caches of every process.
CREATE TABLE pdnd_notices (
    seq         BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    environment TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    at          BIGINT  NOT NULL
);
CREATE INDEX pdnd_notices_at ON pdnd_notices (at);

-- Calls of a day. night counts those outside working hours; stopped says that the registry answered that the quota is
-- used up; told_* is what it last said of itself, -1 when it said nothing.
CREATE TABLE quota_usage (
    day            TEXT    NOT NULL,
    environment    TEXT    NOT NULL,
    direction      TEXT    NOT NULL,
    eservice       TEXT    NOT NULL,
    consumer       TEXT    NOT NULL,
    purpose        TEXT    NOT NULL,
    used           BIGINT  NOT NULL,
    night          BIGINT  NOT NULL,
    stopped        BIGINT  NOT NULL,
    told_limit     BIGINT  NOT NULL,
    told_remaining BIGINT  NOT NULL,
    told_at        BIGINT  NOT NULL,
    PRIMARY KEY (day, environment, direction, eservice, consumer, purpose)
);

-- Calls a day that a purpose declared on PDND.
CREATE TABLE quota_declared (
    environment TEXT    NOT NULL,
    purpose     TEXT    NOT NULL,
    daily_calls BIGINT  NOT NULL,
    read_at     BIGINT  NOT NULL,
    PRIMARY KEY (environment, purpose)
);

-- What was sent to PDND Tracing for a day. digest is the SHA-256 of the file, faults what PDND said of it (JSON).
CREATE TABLE tracing_days (
    ente        TEXT    NOT NULL,
    environment TEXT    NOT NULL,
    day         TEXT    NOT NULL,
    tracing_id  TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    digest      TEXT    NOT NULL,
    lines       BIGINT  NOT NULL,
    requests    BIGINT  NOT NULL,
    faults      TEXT    NOT NULL,
    changed_at  BIGINT  NOT NULL,
    PRIMARY KEY (ente, environment, day)
);

-- +goose Down
DROP TABLE tracing_days;
DROP TABLE quota_declared;
DROP TABLE quota_usage;
DROP TABLE pdnd_notices;
