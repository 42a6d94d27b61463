// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package store keeps the hub's durable state in SQLite or PostgreSQL: evidence rows, used tokens, jobs and schedules,
// counters, cursors, keys of applications and answers to repeated requests.
//
// It owns the schema (goose migrations, one folder per dialect) and is the only package that opens these databases. It
// implements evidence.Store, replay.Cache and jobs.Store; what the rows mean is theirs. The suites evidencetest,
// replaytest, jobstest and storetest pass on both dialects.
//
// On SQLite (pure Go, WAL) one connection writes, synced at each commit, and a second file with synchronous=NORMAL
// holds the used tokens (design D5). A lock on "<path>.lock" keeps every other process out. On PostgreSQL several
// processes may share a database.
//
// Absence and refusal have errors of their own; every other error wraps [ErrUnavailable] and means "don't know".
// The package never logs and never puts a stored value in an error.
package store
