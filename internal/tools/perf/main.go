// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Command perf measures the speed of the hub as ratios and writes docs/performance.md.
//
// It owns the limits, the rounds, the medians and the page. It runs the benchmarks of
// cmd/snodo, which drive a real hub process over loopback and report CPU time for each
// request beside the bare cryptography measured in the same run. It never compares
// figures of two runs: machines drift, ratios do not. It ends with 1 when a limit is
// broken and 2 when the measurement failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
)

// errLimit reports that the page is written and a limit is broken.
var errLimit = errors.New("a limit is broken")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case err == nil:
	case errors.Is(err, errLimit):
		fmt.Fprintln(os.Stderr, "perf:", err)
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "perf:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("perf", flag.ContinueOnError)
	page := flags.String("out", "docs/performance.md", "page to write")
	rounds := flags.Int("rounds", 3, "rounds, whose medians are taken")
	requests := flags.Int("requests", 2000, "requests for each benchmark and round")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "snodo-perf-")
	if err != nil {
		return fmt.Errorf("make scratch folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "bench.test")
	if err := command(ctx, out, "go", "test", "-c", "-o", binary, "./cmd/snodo").Run(); err != nil {
		return fmt.Errorf("build benchmarks: %w", err)
	}
	samples := Samples{}
	for round := range *rounds {
		fmt.Fprintf(out, "round %d of %d\n", round+1, *rounds)
		err := measure(ctx, out, binary, *requests, samples)
		if err != nil {
			return err
		}
	}
	result, err := Judge(samples, Limits())
	if err != nil {
		return err
	}
	machine, err := Machine("/proc/cpuinfo")
	if err != nil {
		return err
	}
	text := Page(machine, *rounds, *requests, result)
	if err := os.WriteFile(*page, []byte(text), 0o644); err != nil { //nolint:gosec // a page of documentation, read by everyone
		return fmt.Errorf("write page: %w", err)
	}
	fmt.Fprint(out, Summary(result))
	if !result.Holds() {
		return errLimit
	}
	return nil
}

// measure runs every benchmark once and adds its figures to samples.
func measure(ctx context.Context, out io.Writer, binary string, requests int, samples Samples) error {
	reader, writer := io.Pipe()
	cmd := command(ctx, io.MultiWriter(out, writer), binary,
		"-test.run", "^$", "-test.bench", ".", "-test.benchtime", strconv.Itoa(requests)+"x", "-test.timeout", "20m")
	cmd.Dir = filepath.Join("cmd", "snodo")
	parsed := make(chan error, 1)
	go func() {
		err := samples.Read(reader)
		_ = reader.CloseWithError(err)
		parsed <- err
	}()
	errRun := cmd.Run()
	_ = writer.Close()
	errRead := <-parsed
	if errRun != nil {
		return fmt.Errorf("run benchmarks: %w", errRun)
	}
	return errRead
}

func command(ctx context.Context, out io.Writer, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // only the go tool and what it has just built
	cmd.Stdout = out
	cmd.Stderr = os.Stderr
	return cmd
}
