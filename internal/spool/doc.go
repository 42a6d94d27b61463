// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package spool holds message bodies that are longer than memory has room for, until their digest is known and they are
// handed on: the beginning in memory, the rest in a file that has no name and that nobody else can read.
//
// The file is encrypted in pieces by AES-256-GCM. The key is made for one body, lives in memory alone and is gone with the
// process: what is left on a disk after a crash says nothing. Each piece is authenticated, beyond hiding it (AES-CTR would
// be enough for that): a body is verified once and read again later, and what is then handed on is what was verified or an
// error, whatever became of the disk between. The pieces of a key are numbered, so that no nonce is used twice.
//
// It depends on modi, whose Body it implements, and on the directory for temporary files of the system (TMPDIR). It opens
// no connection, knows no deadline but those of the reader that it is given, and never writes a body in the clear.
package spool
