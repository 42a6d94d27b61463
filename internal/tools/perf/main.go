// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Command perf measures the speed of the hub as ratios and writes docs/performance.md.
//
// It owns the limits, the rounds, the medians and the page. It runs the benchmarks of
// cmd/snodo, which drive a real hub process over loopback and report CPU time for each
// request, with the bare cryptography before and after them, those of modi/rest, which
// take the library and the bare cryptography in turn, and that of the voucher cache of
// internal/gateway. It never compares figures of two runs: machines drift, ratios do not.
// It ends with 1 when a limit is broken and 2 when the measurement failed.
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
	rounds := flags.Int("rounds", 5, "rounds, whose medians are taken")
	requests := flags.Int("requests", 2000, "requests for each benchmark and round")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "snodo-perf-")
	if err != nil {
		return fmt.Errorf("make scratch folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	all := suites(*requests)
	for i, s := range all {
		all[i].binary = filepath.Join(dir, filepath.Base(s.dir)+".test")
		if _, err := os.Stat(all[i].binary); err == nil {
			continue // of another suite of the same package
		}
		if err := command(ctx, out, "go", "test", "-c", "-o", all[i].binary, "./"+s.dir).Run(); err != nil {
			return fmt.Errorf("build benchmarks: %w", err)
		}
	}
	samples := Samples{}
	for round := range *rounds {
		fmt.Fprintf(out, "round %d of %d\n", round+1, *rounds)
		for _, s := range all {
			if err := s.measure(ctx, out, samples); err != nil {
				return err
			}
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

// suite is the benchmarks of one package.
type suite struct {
	dir    string
	bench  string // which, as go test has it
	time   string // how long or how often
	units  []string
	binary string
}

// suites are what one round runs. The bare cryptography is timed before and after the flows that are compared with it, and
// for as long as they take: what else the machine does comes and goes within seconds.
func suites(requests int) []suite {
	times := strconv.Itoa(requests) + "x"
	floors := suite{dir: "cmd/snodo", bench: "^BenchmarkFloor", time: "1s", units: []string{unitCPU}}
	return []suite{
		floors,
		{dir: "cmd/snodo", bench: "^Benchmark(Inbound|Outbound)", time: times, units: []string{unitCPU}},
		floors,
		{dir: "modi/rest", bench: "^Benchmark(Verify|Produce)Call$", time: times, units: []string{unitOurs, unitBare}},
		{dir: "internal/gateway", bench: "^BenchmarkVoucherCacheHit$", time: "1s", units: []string{unitWall}},
	}
}

// measure runs every benchmark of the suite once and adds its figures to samples.
func (s suite) measure(ctx context.Context, out io.Writer, samples Samples) error {
	reader, writer := io.Pipe()
	cmd := command(ctx, io.MultiWriter(out, writer), s.binary,
		"-test.run", "^$", "-test.bench", s.bench, "-test.benchtime", s.time, "-test.timeout", "20m")
	cmd.Dir = filepath.FromSlash(s.dir)
	parsed := make(chan error, 1)
	go func() {
		err := samples.Read(reader, s.units...)
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
