// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package apidoc makes what anybody may read of an exposed e-service: its OpenAPI document with the address and the contact
// of the ente that offers it, and a page that says the same to a person.
//
// It owns the form of the page, which needs no script and nothing from elsewhere. It depends on the recipe of the e-service
// and on a YAML parser. It does no I/O, and holds one copy for all the enti that share a recipe.
package apidoc
