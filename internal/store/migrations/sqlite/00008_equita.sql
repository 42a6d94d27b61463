-- SPDX-FileCopyrightText: 2026 The Snodo authors
-- SPDX-License-Identifier: EUPL-1.2

-- +goose Up
-- share is a keyed hash: jobs that share a bound on how many of them run at a time.
ALTER TABLE jobs ADD COLUMN share BLOB;
CREATE INDEX jobs_shares ON jobs (kind, share) WHERE state = 'running';
-- What a consumer has asked for and the procedure has not answered.
CREATE INDEX interactions_open ON interactions (ente, environment, service, consumer, expires) WHERE ended_at IS NULL;

-- +goose Down
DROP INDEX interactions_open;
DROP INDEX jobs_shares;
ALTER TABLE jobs DROP COLUMN share;
