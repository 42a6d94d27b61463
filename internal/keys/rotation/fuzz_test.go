// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rotation

import (
	"errors"
	"testing"
)

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"versione":1,"ente":"c_bf01","chiave":"clients.servizi.key","fase":"attiva","kidPrecedente":"a","kidNuovo":"b","inizio":"2026-10-01T09:00:00Z"}`))
	f.Add([]byte(`{"versione":1,"fase":"conclusa","kidPrecedente":"a","kidNuovo":"b"}`))
	f.Add([]byte(`{"versione":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseState(data)
		if err != nil {
			if !errors.Is(err, ErrState) || s != nil {
				t.Fatalf("%v with %+v", err, s)
			}
			return
		}
		if s.NewKID == s.OldKID || s.NewKID == "" || s.OldKID == "" || s.Phase == Retired {
			t.Fatalf("accepted %+v", s)
		}
	})
}
