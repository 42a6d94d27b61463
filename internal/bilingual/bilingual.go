// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package bilingual makes errors that are told to a person in Italian or in English, and knows in Italian what the verifiers
// say in English ([Phrase]).
//
// It owns the table of those phrases and how an error that wraps others is told in Italian: every error of the chain that knows its own words is told
// in them, and the rest keeps the words it has. Error() is always English, for logs and for comparison. It depends on
// modi for the type of a text and never adds anything to what an error says.
package bilingual

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/snodo-pa/snodo/modi"
)

// Spoken is an error that knows its own words in both languages.
type Spoken interface {
	error
	// In gives the words: English for "en", else Italian.
	In(lang string) string
}

// Error is an error with words in both languages.
type Error struct {
	it   string // format
	args []any
	err  error // English, with what it wraps
}

// New returns an error that wraps nothing, for sentinels: each call gives another one.
func New(it, en string) error { return &Error{it: "%s", args: []any{it}, err: errors.New(en)} }

// Errorf is fmt.Errorf in two languages. Both formats take the same args in the same order; errors and modi.Text among
// them are told in the language of each, and errors behind a %w of the English format are wrapped.
func Errorf(it, en string, args ...any) error {
	english := slices.Clone(args)
	for i, arg := range args {
		if t, ok := arg.(modi.Text); ok {
			english[i] = t.EN
		}
	}
	return &Error{it: strings.ReplaceAll(it, "%w", "%v"), args: slices.Clone(args), err: fmt.Errorf(en, english...)}
}

// Error is the English text.
func (e *Error) Error() string { return e.err.Error() }

// In gives the words of a language.
func (e *Error) In(lang string) string {
	if lang == "en" {
		return e.err.Error()
	}
	return e.italian(system())
}

func (e *Error) italian(known []Known) string {
	args := slices.Clone(e.args)
	for i, arg := range args {
		switch arg := arg.(type) {
		case error:
			args[i] = italian(arg, known)
		case modi.Text:
			args[i] = arg.IT
		}
	}
	return fmt.Sprintf(e.it, args...)
}

// Unwrap gives the English error, and through it what it wraps.
func (e *Error) Unwrap() error { return e.err }

// Known is an error of a package that speaks English alone, with its words in Italian.
type Known struct {
	Is error
	IT string
}

// In tells an error in a language: Italian unless lang is "en". known adds to the errors of the operating system, which
// have Italian words here.
func In(err error, lang string, known ...Known) string {
	if lang == "en" {
		return err.Error()
	}
	return italian(err, append(system(), known...))
}

func italian(err error, known []Known) string {
	for _, k := range known {
		if err == k.Is { //nolint:errorlint // what wraps it has words of its own around it
			return k.IT
		}
	}
	switch e := err.(type) { //nolint:errorlint // the chain is walked here
	case *Error:
		return e.italian(known)
	case Spoken:
		return e.In("it")
	}
	text := err.Error()
	for _, inner := range wrapped(err) {
		text = strings.Replace(text, inner.Error(), italian(inner, known), 1)
	}
	return text
}

func wrapped(err error) []error {
	switch e := err.(type) { //nolint:errorlint // the two ways of wrapping, walked one by one
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return []error{inner}
		}
	}
	return nil
}

// system are the errors of files and sockets that people meet.
func system() []Known {
	return []Known{
		{syscall.ENOENT, "il file o la cartella non c'è"},
		{syscall.EACCES, "permesso negato"},
		{syscall.EPERM, "operazione non permessa"},
		{syscall.EEXIST, "il file c'è già"},
		{syscall.ENOTDIR, "non è una cartella"},
		{syscall.EISDIR, "è una cartella"},
		{syscall.ENOSPC, "spazio su disco esaurito"},
		{syscall.EROFS, "file system in sola lettura"},
		{syscall.ECONNREFUSED, "connessione rifiutata"},
		{syscall.ECONNRESET, "connessione interrotta"},
		{syscall.EADDRINUSE, "indirizzo già in uso"},
		{syscall.EADDRNOTAVAIL, "indirizzo non disponibile"},
		{context.DeadlineExceeded, "tempo massimo superato"},
		{context.Canceled, "interrotto"},
	}
}
