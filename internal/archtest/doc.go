// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package archtest holds the tests of what the project promises about itself: who
// imports whom, where third-party code may be seen, how long files and functions
// are, what is documented, and which documents exist.
//
// It owns those rules, each as a function from a part of the source tree to a list
// of findings, so that each is tried on a tree that breaks it as well as on ours.
// It depends on the standard library, on a YAML reader and on the go command; it
// imports nothing of ours, changes no file, and nothing imports it.
package archtest
