// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
)

// emit writes a result: value as JSON when --output json was asked, else what text
// writes. Diagnostics never pass here: they go to standard error.
func (a *app) emit(value any, text func(w *terminal.Writer)) error {
	if a.output == "json" {
		encoder := json.NewEncoder(a.io.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(value); err != nil {
			return fmt.Errorf("write result: %w", err)
		}
		return nil
	}
	w := terminal.For(a.io.out, a.getenv)
	text(w)
	if err := w.Err(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// hint adds a line of advice on standard error.
func (a *app) hint(it, en string, args ...any) {
	fmt.Fprintf(a.io.err, "snodo: "+a.t(it, en)+"\n", args...)
}

// localise gives help pages the headings of the chosen language.
func (a *app) localise(root *cobra.Command) {
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{
		Use:   "help " + a.t("[comando]", "[command]"),
		Short: a.t("spiega un comando", "explain a command"),
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return a.errorf("comando sconosciuto %q; vedere snodo --help", "unknown command %q; see snodo --help", strings.Join(args, " "))
			}
			return found.Help()
		},
	})
	if a.lang == "en" {
		return
	}
	root.SetUsageTemplate(italian(root.UsageTemplate()))
}

// italian translates the fixed words of cobra's usage page.
func italian(template string) string {
	return strings.NewReplacer(
		"Usage:", "Uso:",
		"Aliases:", "Alias:",
		"Examples:", "Esempi:",
		"Available Commands:", "Comandi:",
		"Additional Commands:", "Altri comandi:",
		"Additional help topics:", "Altri argomenti:",
		"Global Flags:", "Opzioni comuni:",
		"Flags:", "Opzioni:",
		"[command]", "[comando]",
		"[flags]", "[opzioni]",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
		`"{{.CommandPath}} [comando] --help" spiega ogni comando.`,
	).Replace(template)
}
