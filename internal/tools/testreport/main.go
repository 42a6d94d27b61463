// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Command testreport turns the machine-readable output of `go test -json` into
// what a person reads: a line per package as it ends, the output of the tests
// that failed, a table of what did not run and why, and one closing line.
//
// It owns the rule that, in continuous integration, a test that did not run is a
// failure unless it needs material that lives outside the repository. It depends
// on the standard library only, starts no process and never runs a test itself.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// errFailed says that the report was made and that it is not good.
var errFailed = errors.New("some checks failed")

func main() {
	err := run(os.Args[1:], os.Stdin, os.Stdout)
	if err == nil {
		return
	}
	if !errors.Is(err, errFailed) {
		fmt.Fprintln(os.Stderr, "testreport:", err)
	}
	os.Exit(1)
}

// run is the command without the process around it. With -save it follows one
// stream of events on in; otherwise it sums up the streams saved in the files
// named. It returns errFailed when the sum holds a failure.
func run(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("testreport", flag.ContinueOnError)
	save := flags.String("save", "", "follow the events on standard input, and keep them in `file`")
	steps := flags.String("steps", "", "`file` of the steps that are not tests: result, name, reason, separated by tabs")
	ci := flags.Bool("ci", false, "count what did not run as failed, except what needs shared material")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read the flags: %w", err)
	}
	if *save != "" {
		return follow(in, out, *save)
	}
	return sum(flags.Args(), *steps, *ci, out)
}

// follow prints each package of a stream as it ends and keeps the stream.
// A failed test is not an error here: sum counts it.
func follow(in io.Reader, out io.Writer, path string) error {
	file, err := os.Create(path) //nolint:gosec // the path is the caller's own, a script of this repository
	if err != nil {
		return fmt.Errorf("keep the events: %w", err)
	}
	_, err = readEvents(io.TeeReader(in, file), &printer{out: out})
	return errors.Join(err, file.Close())
}

// sum adds up saved streams and steps and prints the table and the closing line.
func sum(paths []string, stepsPath string, ci bool, out io.Writer) error {
	var total tally
	for _, path := range paths {
		file, err := os.Open(path) //nolint:gosec // the path is the caller's own, a script of this repository
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
		results, err := readEvents(file, nil)
		err = errors.Join(err, file.Close())
		if err != nil {
			return fmt.Errorf("read the events of %s: %w", path, err)
		}
		total.addResults(results, ci)
	}
	if stepsPath != "" {
		text, err := os.ReadFile(stepsPath) //nolint:gosec // the path is the caller's own, a script of this repository
		if err != nil {
			return fmt.Errorf("read the steps: %w", err)
		}
		if err := total.addSteps(string(text), ci); err != nil {
			return err
		}
	}
	total.print(out)
	if total.failed > 0 {
		return errFailed
	}
	return nil
}
