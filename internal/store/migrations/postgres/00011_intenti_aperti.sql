-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- +goose Up
-- The intents that wait for their outcome, one a line: index, space, exchange. They change with every commit, as the size
-- does, and are few: a row for each was written and deleted for every exchange.
ALTER TABLE evidence_heads ADD COLUMN open TEXT NOT NULL DEFAULT '';
UPDATE evidence_heads h SET open = (
    SELECT string_agg(o.idx || ' ' || o.exchange, E'\n' ORDER BY o.idx) FROM evidence_open o WHERE o.ente = h.ente
) WHERE EXISTS (SELECT 1 FROM evidence_open o WHERE o.ente = h.ente);
DROP TABLE evidence_open;

-- +goose Down
CREATE TABLE evidence_open (
    ente     TEXT   NOT NULL,
    idx      BIGINT NOT NULL,
    exchange TEXT   NOT NULL,
    instant  BIGINT NOT NULL,
    PRIMARY KEY (ente, idx)
);
INSERT INTO evidence_open (ente, idx, exchange, instant)
    SELECT e.ente, e.idx, e.exchange, e.instant
    FROM evidence_heads h
    CROSS JOIN LATERAL regexp_split_to_table(h.open, E'\n') AS line
    JOIN evidence_entries e ON e.ente = h.ente AND e.idx = split_part(line, ' ', 1)::bigint
    WHERE h.open <> '';
ALTER TABLE evidence_heads DROP COLUMN open;
