-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- Instants are nanoseconds since 1970 UTC, days are YYYY-MM-DD. facts is JSON that names no person; box_* are sealed.

-- +goose Up
-- Flows of orders: an identifier is used once for each ente and year.
CREATE TABLE tesoreria_flussi (
    ente        TEXT NOT NULL,
    environment TEXT NOT NULL,
    esercizio   BIGINT NOT NULL,
    id          TEXT NOT NULL,
    state       TEXT NOT NULL,
    version     BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    facts       TEXT NOT NULL,
    box_key     BYTEA,
    box_data    BYTEA,
    PRIMARY KEY (ente, environment, esercizio, id)
);
CREATE INDEX tesoreria_flussi_state ON tesoreria_flussi (ente, environment, state, changed_at);

-- Orders: collection is 1 for a reversale, 0 for a mandato; flow is the last that spoke of it.
CREATE TABLE tesoreria_ordinativi (
    ente        TEXT NOT NULL,
    environment TEXT NOT NULL,
    esercizio   BIGINT NOT NULL,
    collection  BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    flow        TEXT NOT NULL,
    state       TEXT NOT NULL,
    version     BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    facts       TEXT NOT NULL,
    PRIMARY KEY (ente, environment, esercizio, collection, number)
);
CREATE INDEX tesoreria_ordinativi_flow ON tesoreria_ordinativi (ente, environment, esercizio, flow);

-- Messages of SIOPE+ and of the treasurer: listed first, then fetched and done with.
CREATE TABLE tesoreria_messaggi (
    ente        TEXT NOT NULL,
    environment TEXT NOT NULL,
    location    TEXT NOT NULL,
    list        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    state       TEXT NOT NULL,
    facts       TEXT NOT NULL,
    box_key     BYTEA,
    box_data    BYTEA,
    PRIMARY KEY (ente, environment, location)
);
CREATE INDEX tesoreria_messaggi_state ON tesoreria_messaggi (ente, environment, state, at);

-- Pages of the cash book.
CREATE TABLE tesoreria_giornale (
    ente        TEXT NOT NULL,
    environment TEXT NOT NULL,
    id          TEXT NOT NULL,
    esercizio   BIGINT NOT NULL,
    day         TEXT NOT NULL,
    facts       TEXT NOT NULL,
    box_key     BYTEA NOT NULL,
    box_data    BYTEA NOT NULL,
    PRIMARY KEY (ente, environment, id)
);
CREATE INDEX tesoreria_giornale_day ON tesoreria_giornale (ente, environment, day);

-- +goose Down
DROP TABLE tesoreria_giornale;
DROP TABLE tesoreria_messaggi;
DROP TABLE tesoreria_ordinativi;
DROP TABLE tesoreria_flussi;
