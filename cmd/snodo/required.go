// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// requiredFlag marks a flag without which its command asks nobody.
const requiredFlag = "snodo_required"

// require marks flags of a command as required: its help says so and its usage line shows
// them, and without them it ends before it does anything. An empty value is none.
func (a *app) require(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		flag := cmd.Flags().Lookup(name)
		flag.Annotations = map[string][]string{requiredFlag: nil}
		flag.Usage += a.t(" (obbligatoria)", " (required)")
		cmd.Use += " --" + name + " " + a.t("VALORE", "VALUE")
	}
}

// checkRequired names the required flags that are not given.
func (a *app) checkRequired(cmd *cobra.Command) error {
	var missing []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if _, required := flag.Annotations[requiredFlag]; required && flag.Value.String() == "" {
			missing = append(missing, "--"+flag.Name)
		}
	})
	switch n := len(missing); n {
	case 0:
		return nil
	case 1:
		return a.errorf("manca %s; vedere %s --help", "%s is missing; see %s --help", missing[0], cmd.CommandPath())
	default:
		slices.Sort(missing)
		list := strings.Join(missing[:n-1], ", ") + a.t(" e ", " and ") + missing[n-1]
		return a.errorf("mancano %s; vedere %s --help", "%s are missing; see %s --help", list, cmd.CommandPath())
	}
}
