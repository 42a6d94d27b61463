// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine describes the processor in one line; cpuinfo is /proc/cpuinfo.
func Machine(cpuinfo string) (string, error) {
	data, err := os.ReadFile(cpuinfo) //nolint:gosec // the caller's fixed path
	if err != nil {
		return "", fmt.Errorf("read processor description: %w", err)
	}
	model := runtime.GOARCH
	for _, line := range strings.Split(string(data), "\n") {
		name, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%s, %d cores used, %s %s/%s", model, runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH), nil
}

const head = `<!--
SPDX-FileCopyrightText: 2026 The Snodo authors
SPDX-License-Identifier: CC-BY-4.0
-->
# Performance

The budget of an exchange is its cryptography, so the hub is measured against it: the CPU
time of the hub process for each request (user and system), divided by the CPU time of the
signatures and verifications that the request cannot do without. Both are measured in one
run on one machine; only ratios are compared. ` + "`make bench`" + ` writes this page and fails
when a limit is broken.

Machine: %s.
Medians of %d rounds of %d requests, 32 callers at once, 1 KB bodies, RSA-2048 keys, evidence
on (SQLite, every record durable before the answer leaves), a new integrity token for each request.

| flow | time for each request | floor | floor is | ratio | limit | |
|---|---:|---:|---|---:|---:|---|
`

const tail = `
| bare cryptography | time |
|---|---:|
`

const notes = `
What a flow does beside its floor:

`

const method = `
How: the benchmarks of ` + "`cmd/snodo`" + ` start the hub as a process of its own, with the
configuration of the demonstration, and play the applications, the consumers, PDND, ANPR and
the back end in another process. The hub's CPU time is read from the kernel before and after
the requests; what the other process spends, signing tokens included, is not counted. The
bare cryptography is timed before and after the flows of each round.
Those of the library, in ` + "`modi/rest`" + `, are of one thread: ours and the bare cryptography are
timed in turn, and their medians compared. That of a voucher seen before is in
` + "`internal/gateway`" + `.
`

// Page writes docs/performance.md.
func Page(machine string, rounds, requests int, result Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, head, machine, rounds, requests)
	for _, r := range result.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.2f | %.1f | %s |\n",
			r.Title, micros(r.Flow), micros(r.Floor), r.FloorIs, r.Ratio(), r.Ceiling, verdict(r))
	}
	b.WriteString(tail)
	for _, f := range result.Parts {
		fmt.Fprintf(&b, "| %s | %s |\n", partTitle(f.Name), micros(f.Median))
	}
	b.WriteString(notes)
	for _, r := range result.Rows {
		fmt.Fprintf(&b, "- %s: %s.\n", r.Title, r.Includes)
	}
	b.WriteString(method)
	return b.String()
}

// Summary is the outcome in a few lines, for the person who ran the measurement.
func Summary(result Result) string {
	var b strings.Builder
	for _, r := range result.Rows {
		fmt.Fprintf(&b, "%-48s %5.2f x (limit %.1f) %s\n", r.Title, r.Ratio(), r.Ceiling, verdict(r))
	}
	return b.String()
}

func verdict(r Row) string {
	if r.Holds() {
		return "kept"
	}
	return "BROKEN"
}

func micros(ns float64) string { return fmt.Sprintf("%.1f µs", ns/1000) }

func partTitle(name string) string {
	switch name {
	case "FloorVerify":
		return "RSA-2048 verification"
	case "FloorSign":
		return "RSA-2048 signature"
	case "FloorInboundCached":
		return "two tokens parsed and verified, SHA-256 of 1 KB, JSON"
	case "VerifyCall/" + unitBare:
		return "three RSA-2048 verifications, on one thread"
	case "ProduceCall/" + unitBare:
		return "two RSA-2048 signatures, on one thread"
	default:
		return name
	}
}
