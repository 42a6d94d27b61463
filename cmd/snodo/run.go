// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/registry"
)

// Exit codes of every command: 0 yes, 1 no, 2 not decided (unavailable, failed, wrong use).
const (
	exitYes       = 0
	exitNo        = 1
	exitUndecided = 2
)

// stdio are the streams of a process.
type stdio struct {
	in  io.Reader
	out io.Writer
	err io.Writer
	// person tells that whoever types on in can be asked: it is a terminal.
	person bool
}

// app is what every command is given. Time and randomness come from here alone.
type app struct {
	io     stdio
	getenv func(string) string
	clock  func() time.Time
	rand   io.Reader
	lang   string // it | en
	output string // text | json
	// guard tunes the breaker before PDND; zero fields take its defaults.
	guard registry.GuardSettings
}

// run executes one command line and returns its exit code. It ends early when ctx does.
func run(ctx context.Context, args []string, getenv func(string) string, streams stdio) int {
	a := &app{io: streams, getenv: getenv, clock: time.Now, rand: rand.Reader, lang: language(args, getenv)}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(streams.in)
	root.SetOut(streams.out)
	root.SetErr(streams.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitYes
	}
	var verdict *verdictError
	if !errors.As(err, &verdict) {
		verdict = &verdictError{code: exitUndecided, err: err}
	}
	if verdict.err != nil {
		a.tell(cmd, wantsJSON(args), verdict.err)
	}
	return verdict.code
}

// verdictError ends a command with an exit code other than 2. With a nil err nothing is
// added to what the command has printed.
type verdictError struct {
	code int
	err  error
}

func (v *verdictError) Error() string {
	if v.err == nil {
		return fmt.Sprintf("exit code %d", v.code)
	}
	return v.err.Error()
}

func (v *verdictError) Unwrap() error { return v.err }

// no ends a command with exit code 1: the question was answered, and the answer is no.
func no(err error) error { return &verdictError{code: exitNo, err: err} }

// undecided ends a command with exit code 2 when its output already says why.
func undecided() error { return &verdictError{code: exitUndecided} }

// language is chosen before the commands are built, because their help depends on it:
// --lang, then SNODO_LANG, then Italian.
func language(args []string, getenv func(string) string) string {
	lang := getenv("SNODO_LANG")
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			lang = value
		}
		if arg == "--lang" && i+1 < len(args) {
			lang = args[i+1]
		}
	}
	if lang == "en" {
		return "en"
	}
	return "it"
}

// t chooses between the two languages of the product.
func (a *app) t(it, en string) string {
	if a.lang == "en" {
		return en
	}
	return it
}

// errorf builds an error in the language of the command.
func (a *app) errorf(it, en string, args ...any) error {
	return fmt.Errorf(a.t(it, en), args...)
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "snodo",
		Short: a.t("Snodo: il nodo di interoperabilità di un ente pubblico", "Snodo: the interoperability hub of a public body"),
		Long: a.t(
			"Snodo acquisisce dati dai registri di altre amministrazioni (PDND, ModI) ed espone i\n"+
				"procedimenti dell'ente come e-service, conservando le prove di ogni scambio.",
			"Snodo acquires data from the registries of other administrations (PDND, ModI) and exposes\n"+
				"the procedures of the ente as e-services, keeping the proofs of every exchange."),
		Example:       "  snodo demo\n  snodo serve --config /etc/snodo\n  snodo evidence verify prove.jsonl --trust 4f2c…",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	flags := root.PersistentFlags()
	flags.String("lang", "it", a.t("lingua dei messaggi: it | en (anche SNODO_LANG)", "language of messages: it | en (also SNODO_LANG)"))
	flags.StringVar(&a.output, "output", "text", a.t("forma dei risultati: text | json", "form of results: text | json"))
	root.PersistentPreRunE = a.checkGlobalFlags
	root.SetFlagErrorFunc(a.flagError)
	a.localise(root)
	root.AddCommand(
		a.serveCommand(), a.demoCommand(), a.mockCommand(), a.callCommand(), a.configCommand(),
		a.keysCommand(), a.pdndCommand(), a.evidenceCommand(), a.jobsCommand(), a.quotaCommand(), a.vigilanzaCommand(), a.exposesCommand(), a.kpiCommand(), a.tracingCommand(), a.tesoreriaCommand(), a.newCommand(), a.migrateCommand(), a.modiCommand(), a.conformanceCommand(), a.versionCommand(),
	)
	a.plainUse(root)
	return root
}

// plainUse leaves out of every usage line and of every help page the words that cobra
// adds in English.
func (a *app) plainUse(cmd *cobra.Command) {
	cmd.DisableFlagsInUseLine = true
	cmd.InitDefaultHelpFlag()
	cmd.Flags().Lookup("help").Usage = a.t("questa pagina", "this page")
	for _, child := range cmd.Commands() {
		a.plainUse(child)
	}
}

func (a *app) checkGlobalFlags(cmd *cobra.Command, _ []string) error {
	lang, err := cmd.Flags().GetString("lang")
	if err != nil {
		return err
	}
	if lang != "it" && lang != "en" {
		return a.errorf("--lang %q: valori ammessi it, en", "--lang %q: allowed values are it, en", lang)
	}
	if a.output != "text" && a.output != "json" {
		return a.errorf("--output %q: valori ammessi text, json", "--output %q: allowed values are text, json", a.output)
	}
	return a.checkRequired(cmd)
}

// noArgs refuses what follows a command that takes no arguments, with the nearest name
// when a command was probably meant.
func (a *app) noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return a.errorf("comando sconosciuto %q: si intendeva %q?", "unknown command %q: did you mean %q?", args[0], near[0])
	}
	return a.errorf("argomento inatteso %q; vedere %s --help", "unexpected argument %q; see %s --help", args[0], cmd.CommandPath())
}

// exactArgs asks for one argument per name.
func (a *app) exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		return a.errorf("argomenti attesi: %s (dati %d); vedere %s --help", "arguments expected: %s (%d given); see %s --help",
			strings.Join(names, " "), len(args), cmd.CommandPath())
	}
}

// group is a command that only holds others.
func (a *app) group(use, short, example string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(children...)
	return cmd
}
