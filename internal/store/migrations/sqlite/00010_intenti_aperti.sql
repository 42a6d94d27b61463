-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- +goose Up
-- The intents that wait for their outcome, one a line: index, space, exchange. They change with every commit, as the size
-- does, and are few: a row for each was written and deleted for every exchange.
ALTER TABLE evidence_heads ADD COLUMN open TEXT NOT NULL DEFAULT '';
UPDATE evidence_heads SET open = (
    SELECT group_concat(idx || ' ' || exchange, char(10))
    FROM (SELECT idx, exchange FROM evidence_open o WHERE o.ente = evidence_heads.ente ORDER BY idx)
) WHERE EXISTS (SELECT 1 FROM evidence_open o WHERE o.ente = evidence_heads.ente);
DROP TABLE evidence_open;

-- +goose Down
CREATE TABLE evidence_open (
    ente     TEXT    NOT NULL,
    idx      INTEGER NOT NULL,
    exchange TEXT    NOT NULL,
    instant  INTEGER NOT NULL,
    PRIMARY KEY (ente, idx)
) STRICT, WITHOUT ROWID;
INSERT INTO evidence_open (ente, idx, exchange, instant)
    WITH RECURSIVE lines (ente, line, rest) AS (
        SELECT ente, '', open || char(10) FROM evidence_heads WHERE open <> ''
        UNION ALL
        SELECT ente, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)
        FROM lines WHERE rest <> ''
    )
    SELECT e.ente, e.idx, e.exchange, e.instant
    FROM lines l JOIN evidence_entries e ON e.ente = l.ente AND e.idx = CAST(l.line AS INTEGER)
    WHERE l.line <> '';
ALTER TABLE evidence_heads DROP COLUMN open;
