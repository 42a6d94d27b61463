// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sample = `goos: linux
cpu: some processor
BenchmarkFloorVerify-2          	    2000	     24500 ns/op	     24000 cpu-ns/op
BenchmarkFloorSign-2            	    2000	    723000 ns/op	    720000 cpu-ns/op
BenchmarkFloorInboundCached-2   	    2000	     66000 ns/op	     65000 cpu-ns/op
BenchmarkInboundSigned-2        	    2000	    990000 ns/op	    960000 cpu-ns/op
BenchmarkInboundUnsigned-2      	    2000	    190000 ns/op	    195000 cpu-ns/op
BenchmarkOutboundFreshVoucher-2 	    2000	   2500000 ns/op	   2376000 cpu-ns/op
PASS
`

const (
	sampleRest = `BenchmarkVerifyCall-2   	    2000	    256077 ns/op	    100000 bare-ns	    130000 ours-ns	         1.300 x-bare
BenchmarkProduceCall-2  	    2000	   5553244 ns/op	   2700000 bare-ns	   2970000 ours-ns	         1.100 x-bare
`
	sampleCache = "BenchmarkVoucherCacheHit-2   	 4641370	       500 ns/op	       0 B/op	       0 allocs/op\n"
)

func read(t *testing.T, texts ...string) Samples {
	t.Helper()
	samples := Samples{}
	for _, text := range texts {
		for _, part := range []struct {
			text  string
			units []string
		}{{text, []string{unitCPU}}, {sampleRest, []string{unitOurs, unitBare}}, {sampleCache, []string{unitWall}}} {
			if err := samples.Read(strings.NewReader(part.text), part.units...); err != nil {
				t.Fatal(err)
			}
		}
	}
	return samples
}

func TestRatiosAreOfOneRun(t *testing.T) {
	result, err := Judge(read(t, sample, sample, sample), Limits())
	if err != nil {
		t.Fatal(err)
	}
	if !result.Holds() {
		t.Errorf("limits broken: %s", Summary(result))
	}
	want := []float64{1.25, 3, 1.1, 1.3, 1.1, 0.5}
	for i, row := range result.Rows {
		if got := row.Ratio(); got < want[i]-0.001 || got > want[i]+0.001 {
			t.Errorf("%s: ratio %.3f, want %.3f", row.Title, got, want[i])
		}
	}
}

func TestBrokenLimitIsNamed(t *testing.T) {
	slow := strings.Replace(sample, "195000", "260001", 1)
	result, err := Judge(read(t, slow), Limits())
	if err != nil {
		t.Fatal(err)
	}
	if result.Holds() {
		t.Error("a ratio above 4 passes")
	}
	page := Page("a machine", 3, 10, result)
	if !strings.Contains(page, "| inbound, answer not signed | 260.0 µs | 65.0 µs |") || !strings.Contains(page, "BROKEN") {
		t.Errorf("the page does not name the broken limit:\n%s", page)
	}
}

// The limits of the library are judged as those of the hub are.
func TestBrokenLimitOfTheLibraryIsNamed(t *testing.T) {
	for title, change := range map[string]func(Samples){
		"library: verify":         func(s Samples) { s["VerifyCall"] = []float64{140001} },
		"library: make":           func(s Samples) { s["ProduceCall"] = []float64{3780001} },
		"a voucher seen before":   func(s Samples) { s["VoucherCacheHit"] = []float64{1001} },
		"inbound, answer signed ": func(s Samples) { s["InboundSigned"] = []float64{1075201} },
	} {
		samples := read(t, sample)
		change(samples)
		result, err := Judge(samples, Limits())
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSpace(Summary(result)), "\n") {
			if strings.HasPrefix(line, title) != strings.HasSuffix(line, "BROKEN") {
				t.Errorf("%s: %s", title, line)
			}
		}
		if result.Holds() {
			t.Errorf("%s: a broken limit holds", title)
		}
	}
}

func TestMissingBenchmarkIsNoSuccess(t *testing.T) {
	for _, name := range []string{"FloorSign", "InboundSigned", "OutboundFreshVoucher", "VerifyCall", "ProduceCall/bare-ns", "VoucherCacheHit"} {
		samples := read(t, sample)
		delete(samples, name)
		if _, err := Judge(samples, Limits()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s missing: error %v", name, err)
		}
	}
	if (Result{}).Holds() {
		t.Error("an empty result holds")
	}
}

func TestMedianOfRounds(t *testing.T) {
	samples := Samples{"odd": {3, 1, 2}, "even": {4, 1, 2, 3}}
	if m, ok := samples.Median("odd"); !ok || m != 2 {
		t.Errorf("odd: %v %v", m, ok)
	}
	if m, ok := samples.Median("even"); !ok || m != 2.5 {
		t.Errorf("even: %v %v", m, ok)
	}
	if _, ok := samples.Median("none"); ok {
		t.Error("a median of nothing")
	}
}

func TestResultWithoutCPUTimeIsRefused(t *testing.T) {
	for name, line := range map[string]string{
		"no metric": "BenchmarkX-2 100 12 ns/op",
		"no number": "BenchmarkX-2 100 12 ns/op x cpu-ns/op",
	} {
		if err := (Samples{}).Read(strings.NewReader(line), unitCPU); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestBenchmarkNameKeepsItsOwnDashes(t *testing.T) {
	for field, want := range map[string]string{
		"BenchmarkA-2": "A", "BenchmarkA": "A", "BenchmarkA/b-c-16": "A/b-c", "BenchmarkA/b-c": "A/b-c",
	} {
		if got := benchmarkName(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}

func TestMachineNamesTheProcessor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpuinfo")
	if err := os.WriteFile(file, []byte("processor\t: 0\nmodel name\t: Example 9000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Machine(file)
	if err != nil || !strings.HasPrefix(got, "Example 9000, ") {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Machine(file + ".absent"); err == nil {
		t.Error("an absent file is no error")
	}
}

func TestPageHoldsNoDateAndEveryFloor(t *testing.T) {
	result, err := Judge(read(t, sample), Limits())
	if err != nil {
		t.Fatal(err)
	}
	page := Page("a machine", 3, 10, result)
	for _, want := range []string{"RSA-2048 verification", "RSA-2048 signature", "two tokens parsed", "a machine", "| kept |"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in the page", want)
		}
	}
}
