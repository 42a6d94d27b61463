// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package gateway holds the two pipelines of the hub: Out, an application of the ente acquiring from a registry, and
// In, another administration calling a procedure of the ente.
//
// It owns the order of the steps (design §3) and what is refused where. One exchange goes down the list of out.go or
// in.go and back up once; a step fills its own fields and never calls a step above it. What a step needs is an
// interface or a function handed in.
//
// It depends on modi, registry, config, evidence, replay, quota, schema, problem, outbound, and interaction for the answers
// that an acquisition waits for. It never opens a listener, a database or a key file, never logs a body or a token, and
// delivers nothing whose outcome is not durable.
package gateway
