// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package conformance is the referee of ModI and PDND implementations, ours and others: it
// points a suite of cases at a provider, a consumer, a token, a token endpoint or the
// description of an e-service, and reports what it found.
//
// The cases are in cases, as data; the messages are built in internal/forge; what the party
// under test sends is judged in internal/judge, which shares nothing with the verifiers of
// modi; the forms of a report are in report. It depends on modi for its words and on mocks
// for the parties of its tests, and never on the hub that it judges.
//
// Run plays a whole configuration. Open, Addresses and SetTarget are for a party that must
// be told first where the suite is, PDND and the e-service in one:
//
//	suite, err := conformance.Open(ctx, config)
//	at, err := suite.Addresses()
//	// start the party under test with at.JWKS, at.TokenURL, at.Eservice and suite.Claims() …
//	suite.SetTarget(address)
//	report, err := suite.Run(ctx)
//	err = suite.Close()
package conformance
