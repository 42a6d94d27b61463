// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package mutants proves that the conformance suite sees what it is for: each of its tests
// breaks one check of a verifier, or one step of a producer, in a copy of the source that
// only the compiler sees (go build -overlay), and wants one named case to fail.
//
// The sources of the project hold no switch that weakens a check. The package has tests
// alone; the table says which text of which file is replaced, and the test fails when that
// text is no longer there.
package mutants
