-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Instants are nanoseconds since 1970 UTC.

-- +goose Up
-- Requests that were accepted and are answered later. request_* become NULL when the procedure has answered; answer_* are
-- NULL until then.
CREATE TABLE interactions (
    id           TEXT   NOT NULL PRIMARY KEY,
    ente         TEXT   NOT NULL,
    environment  TEXT   NOT NULL,
    service      TEXT   NOT NULL,
    operation    TEXT   NOT NULL,
    consumer     TEXT   NOT NULL,
    purpose      TEXT   NOT NULL,
    accepted_at  BIGINT NOT NULL,
    ended_at     BIGINT,
    expires      BIGINT NOT NULL,
    request_key  BYTEA,
    request_data BYTEA,
    answer_key   BYTEA,
    answer_data  BYTEA
);
CREATE INDEX interactions_expires ON interactions (expires);

-- Requests of the ente whose answers come by callback: from producer alone, known by correlation, which is unique for those
-- who gave it. answer_* are NULL until then.
CREATE TABLE asked (
    id            TEXT   NOT NULL PRIMARY KEY,
    ente          TEXT   NOT NULL,
    environment   TEXT   NOT NULL,
    application   TEXT   NOT NULL,
    exposure      TEXT   NOT NULL,
    producer      TEXT   NOT NULL,
    correlation   TEXT   NOT NULL,
    asked_at      BIGINT NOT NULL,
    answered_at   BIGINT,
    expires       BIGINT NOT NULL,
    question_key  BYTEA  NOT NULL,
    question_data BYTEA  NOT NULL,
    answer_key    BYTEA,
    answer_data   BYTEA,
    UNIQUE (ente, environment, exposure, producer, correlation)
);
CREATE INDEX asked_expires ON asked (expires);

-- +goose Down
DROP TABLE asked;
DROP TABLE interactions;
