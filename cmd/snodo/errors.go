// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/store"
)

// say tells an error in the language of the command.
func (a *app) say(err error) string { return bilingual.In(err, a.lang, foreign()...) }

// foreign gives Italian words to the errors of packages that write for logs.
func foreign() []bilingual.Known {
	return []bilingual.Known{
		{Is: store.ErrInUse, IT: "un altro processo tiene aperta questa base SQLite: fermarlo, o usare PostgreSQL per averne più di uno"},
		{Is: store.ErrUnavailable, IT: "la base dati non è disponibile"},
		{Is: store.ErrSchema, IT: "lo schema della base dati non è quello di questo programma"},
		{Is: evidence.ErrNoEntries, IT: "il file non contiene prove: nulla è deciso"},
		{Is: evidence.ErrUnavailable, IT: "le prove non sono disponibili"},
		{Is: evidence.ErrTampered, IT: "le prove risultano alterate"},
	}
}

// flagError tells what is wrong with an option of the command line.
func (a *app) flagError(_ *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var alone *pflag.ValueRequiredError
	var value *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return a.errorf("opzione sconosciuta -%s; vedere --help", "unknown option -%s; see --help", unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		return a.errorf("opzione sconosciuta --%s; vedere --help", "unknown option --%s; see --help", unknown.GetSpecifiedName())
	case errors.As(err, &alone):
		return a.errorf("l'opzione --%s vuole un valore; vedere --help", "option --%s needs a value; see --help", alone.GetFlag().Name)
	case errors.As(err, &value):
		return a.errorf("--%s %q: il valore non è del tipo %s; vedere --help", "--%s %q: the value is not of type %s; see --help",
			value.GetFlag().Name, value.GetValue(), value.GetFlag().Value.Type())
	case errors.As(err, &syntax):
		return a.errorf("opzione scritta male: %s; vedere --help", "badly written option: %s; see --help", syntax.GetSpecifiedFlag())
	default:
		return a.errorf("%w; vedere --help", "%w; see --help", err)
	}
}
