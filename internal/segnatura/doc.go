// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package segnatura reads the segnatura informatica 3.0 of protocolled documents that administrations send each other (AgID,
// Linee guida sui documenti informatici, allegato 6), and holds it against its structure and against the files beside it. It
// owns that structure, as a grammar, and what stands before the protocol system of an ente that receives messages ([Receive]).
//
// It does not verify the electronic signature inside: that one is of the same kind as those of the documents, which the
// protocol system of the ente verifies and keeps. It depends on the standard library, on the gateway for the shape of a back
// end, and never quotes a value of a message in an error.
package segnatura
