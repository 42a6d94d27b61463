// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The metrics of benchmarks, in nanoseconds for each operation.
const (
	unitCPU  = "cpu-ns/op" // CPU time of the measured process, user and system together
	unitWall = "ns/op"     // of one goroutine that does not wait
	unitOurs = "ours-ns"   // median of what is measured in turn with
	unitBare = "bare-ns"   // the bare cryptography
)

// Samples holds the figures of each benchmark, in nanoseconds, one for each round.
type Samples map[string][]float64

// Read adds what a benchmark run prints. Lines that are no results are passed over; a
// benchmark that does not report every one of units is an error. The first of them is the
// figure of the benchmark, the others stand after its name and a slash.
func (s Samples) Read(r io.Reader, units ...string) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		for i, unit := range units {
			at := slices.Index(fields, unit)
			if at < 1 {
				return fmt.Errorf("%s reports no %s", fields[0], unit)
			}
			value, err := strconv.ParseFloat(fields[at-1], 64)
			if err != nil {
				return fmt.Errorf("%s: %w", fields[0], err)
			}
			name := benchmarkName(fields[0])
			if i > 0 {
				name += "/" + unit
			}
			s[name] = append(s[name], value)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read benchmark results: %w", err)
	}
	return nil
}

// benchmarkName drops the prefix and the number of processors.
func benchmarkName(field string) string {
	name := strings.TrimPrefix(field, "Benchmark")
	if at := strings.LastIndexByte(name, '-'); at > 0 {
		if _, err := strconv.Atoi(name[at+1:]); err == nil {
			name = name[:at]
		}
	}
	return name
}

// Median returns the middle figure of a benchmark, false when there is none.
func (s Samples) Median(name string) (float64, bool) {
	values := slices.Sorted(slices.Values(s[name]))
	if len(values) == 0 {
		return 0, false
	}
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle], true
	}
	return (values[middle-1] + values[middle]) / 2, true
}
