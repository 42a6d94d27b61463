-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- +goose Up
-- A cash book belongs to its year, whatever the day on which it was closed.
CREATE INDEX tesoreria_giornale_esercizio ON tesoreria_giornale (ente, environment, esercizio, day);

-- +goose Down
DROP INDEX tesoreria_giornale_esercizio;
