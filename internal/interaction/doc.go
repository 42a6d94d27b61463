// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package interaction offers the non-blocking patterns of the ModI guideline (NONBLOCK_PULL_REST, NONBLOCK_PUSH_REST)
// for procedures that only know how to answer a request, at once or slowly; and receives, as the other end of
// NONBLOCK_PUSH_REST, the answers to what the ente has asked of others.
//
// It owns the life of an interaction: accepted, durably and before the caller is told 202; worked by the procedure, later
// and again until it answers; read by the caller, or delivered to the address it gave. It stands in front of a back end as
// its client ([Engine.Offer], [Awaiting.Receive]) and on the queue of internal/jobs ([Engine.Register]). It depends on internal/schema, to
// know the operations of a document, on registry, internal/outbound, internal/problem and internal/evidence/seal.
//
// It never calls an address that a caller chose: an X-ReplyTo is one of an e-service that the ente consumes, called with
// a voucher of its own through [Config.Deliver].
//
// # Delivery
//
// The procedure may be called twice for one interaction, when a process dies between its answer and the note of it; every
// call of one interaction carries the same Idempotency-Key. Its answer is noted once. A callback may be sent twice for the
// same reason, with the same X-Correlation-ID, by which who receives it knows that it has it already: here it is told 200
// again, and the first one stays.
package interaction
