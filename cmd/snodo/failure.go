// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// failure is an error in the form that scripts read, one line of standard error under
// --output json. Its members do not change.
type failure struct {
	Title  string `json:"title"`  // what went wrong
	Remedy string `json:"remedy"` // what to do about it
}

// tell says on standard error why a command ended without its result.
func (a *app) tell(cmd *cobra.Command, asJSON bool, err error) {
	if !asJSON {
		fmt.Fprintf(a.io.err, "snodo: %s\n", a.say(err))
		return
	}
	encoder := json.NewEncoder(a.io.err)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(failure{Title: a.say(err), Remedy: a.remedy(cmd, err)}) // nobody is left to be told of an error here
}

// remedy is that of the rule that was broken, where one was; else where to read on.
func (a *app) remedy(cmd *cobra.Command, err error) string {
	var refusal *modi.Refusal
	var known *problem.Error
	var rule modi.RuleID
	switch {
	case errors.As(err, &known):
		rule = known.Rule
	case errors.As(err, &refusal) && len(refusal.Violations) > 0:
		rule = refusal.Violations[0].Rule
	}
	if row, ok := problem.Lookup(rule); ok {
		return a.t(row.Remedy.IT, row.Remedy.EN)
	}
	return a.t(
		"correggere quanto indicato e ripetere il comando; "+cmd.CommandPath()+" --help lo spiega",
		"mend what is named and run the command again; "+cmd.CommandPath()+" --help explains it")
}

// wantsJSON tells whether --output json is on a command line, also one that could not be
// read whole.
func wantsJSON(args []string) bool {
	at := slices.Index(args, "--output")
	return slices.Contains(args, "--output=json") || at >= 0 && at+1 < len(args) && args[at+1] == "json"
}
