// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import "fmt"

// Limit bounds the time of a flow by the cryptography it cannot do without, or by a fixed time.
type Limit struct {
	Flow     string // benchmark of the hub or of the library
	Title    string
	Floor    []Part  // what the flow is compared with
	Fixed    float64 // instead of Floor: nanoseconds
	FloorIs  string
	Ceiling  float64 // highest ratio allowed
	Includes string  // what the flow does beside the floor
}

// Part is a benchmark of bare cryptography and how many times it is counted.
type Part struct {
	Name  string
	Times float64
}

// Limits are those the project holds itself to.
func Limits() []Limit {
	const inbound = "HTTP in and to the back end, voucher cache, replay, quota, OpenAPI validation, two evidence records"
	return []Limit{
		{
			Flow: "InboundSigned", Title: "inbound, answer signed", Ceiling: 1.4,
			Floor: []Part{{"FloorVerify", 2}, {"FloorSign", 1}}, FloorIs: "2 RSA-2048 verifications + 1 signature",
			Includes: inbound + ", digest of the answer",
		},
		{
			Flow: "InboundUnsigned", Title: "inbound, answer not signed", Ceiling: 4,
			Floor: []Part{{"FloorInboundCached", 1}}, FloorIs: "2 tokens parsed and verified + SHA-256 of 1 KB + JSON",
			Includes: inbound,
		},
		{
			Flow: "OutboundFreshVoucher", Title: "outbound AUDIT_REST_02, fresh voucher", Ceiling: 1.2,
			Floor: []Part{{"FloorSign", 3}}, FloorIs: "3 RSA-2048 signatures (assertion, evidence, integrity)",
			Includes: "HTTP in, to PDND and to the registry over TLS, verification of the reply, provenance, two evidence records",
		},
		{
			Flow: "VerifyCall", Title: "library: verify voucher, integrity and evidence", Ceiling: 1.4,
			Floor: []Part{{"VerifyCall/" + unitBare, 1}}, FloorIs: "3 RSA-2048 verifications",
			Includes: "every rule of the three tokens, digest of the body",
		},
		{
			Flow: "ProduceCall", Title: "library: make integrity and evidence", Ceiling: 1.4,
			Floor: []Part{{"ProduceCall/" + unitBare, 1}}, FloorIs: "2 RSA-2048 signatures",
			Includes: "claims, digest of the body, digest of the evidence",
		},
		{
			Flow: "VoucherCacheHit", Title: "a voucher seen before", Ceiling: 1,
			Fixed: 1000, FloorIs: "1 µs",
			Includes: "hash of the token, memory, every check but the signature's",
		},
	}
}

// Row is one limit with what was measured.
type Row struct {
	Limit
	Flow, Floor float64 // nanoseconds for each request
}

// Ratio says how many times the floor the flow costs.
func (r Row) Ratio() float64 { return r.Flow / r.Floor }

// Holds tells whether the ratio is within its limit.
func (r Row) Holds() bool { return r.Ratio() <= r.Ceiling }

// Result is what a whole measurement says.
type Result struct {
	Rows  []Row
	Parts []Figure // the floors alone
}

// Figure is the median of one benchmark, in nanoseconds.
type Figure struct {
	Name   string
	Median float64
}

// Holds tells whether every limit is kept.
func (r Result) Holds() bool {
	for _, row := range r.Rows {
		if !row.Holds() {
			return false
		}
	}
	return len(r.Rows) > 0
}

// Judge compares medians with limits. A benchmark that did not run is an error, never a
// limit kept.
func Judge(samples Samples, limits []Limit) (Result, error) {
	var result Result
	seen := map[string]bool{}
	for _, limit := range limits {
		row := Row{Limit: limit, Floor: limit.Fixed}
		flow, ok := samples.Median(limit.Flow)
		if !ok {
			return Result{}, fmt.Errorf("benchmark %s did not run", limit.Flow)
		}
		row.Flow = flow
		for _, part := range limit.Floor {
			median, ok := samples.Median(part.Name)
			if !ok || median <= 0 {
				return Result{}, fmt.Errorf("benchmark %s did not run", part.Name)
			}
			row.Floor += part.Times * median
			if !seen[part.Name] {
				seen[part.Name] = true
				result.Parts = append(result.Parts, Figure{Name: part.Name, Median: median})
			}
		}
		result.Rows = append(result.Rows, row)
	}
	return result, nil
}
