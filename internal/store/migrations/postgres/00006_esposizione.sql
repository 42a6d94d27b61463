-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Instants are nanoseconds since 1970 UTC; days are those of Italy, YYYY-MM-DD.

-- +goose Up
-- Consumers that an ente keeps from calling. service '' is every e-service of the ente; resumed_at 0 is a suspension
-- that holds. Those that ended stay, as the record of who decided what.
CREATE TABLE caller_suspensions (
    seq          BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ente         TEXT    NOT NULL,
    service      TEXT    NOT NULL,
    consumer     TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    suspended_by TEXT    NOT NULL,
    suspended_at BIGINT  NOT NULL,
    resumed_by   TEXT    NOT NULL,
    resumed_at   BIGINT  NOT NULL
);
CREATE UNIQUE INDEX caller_suspensions_open ON caller_suspensions (ente, service, consumer) WHERE resumed_at = 0;

-- Calls of a day to an exposed e-service, of each consumer and purpose; both are '' for calls without a verified voucher.
-- good had an answer of the procedure's, below 500; faulty one of 500 and more, whoever's; refused were refused by the hub.
CREATE TABLE kpi_calls (
    day         TEXT    NOT NULL,
    ente        TEXT    NOT NULL,
    environment TEXT    NOT NULL,
    service     TEXT    NOT NULL,
    consumer    TEXT    NOT NULL,
    purpose     TEXT    NOT NULL,
    calls       BIGINT  NOT NULL,
    good        BIGINT  NOT NULL,
    faulty      BIGINT  NOT NULL,
    refused     BIGINT  NOT NULL,
    first_at    BIGINT  NOT NULL,
    last_at     BIGINT  NOT NULL,
    PRIMARY KEY (day, ente, environment, service, consumer, purpose)
);

-- What else is counted of a day: refusals by rule (kind 'regola') and calls by how long they took (kind 'tempo', value
-- the number of the interval).
CREATE TABLE kpi_counts (
    day         TEXT    NOT NULL,
    ente        TEXT    NOT NULL,
    environment TEXT    NOT NULL,
    service     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    calls       BIGINT  NOT NULL,
    PRIMARY KEY (day, ente, environment, service, kind, value)
);

-- +goose Down
DROP TABLE kpi_counts;
DROP TABLE kpi_calls;
DROP TABLE caller_suspensions;
