// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import "testing"

// BenchmarkCheck reads and checks a flow of 1000 orders, as an ente of middle size sends in a day.
func BenchmarkCheck(b *testing.B) {
	f := flow()
	first := f.Ordinativi[0].Mandato
	for n := range int64(999) {
		m := *first
		m.Numero = 1000 + n
		f.Ordinativi = append(f.Ordinativi, Ordinativo{Mandato: &m})
	}
	data := []byte(signedText(b, f))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		in, faults := FromXML(data, Limits{})
		if len(faults) > 0 {
			b.Fatal(faults)
		}
		if faults := in.Check(Version171, Policy{}); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}
