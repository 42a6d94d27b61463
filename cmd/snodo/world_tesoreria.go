// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// describeTreasury gives the first ente its channel to the mock of SIOPE+.
func (w *world) describeTreasury(described *folder.World) error {
	known := ambiente.BorgoFioritoSIOPE()
	client, err := w.SIOPE.ClientPEM(known.A2A)
	if err != nil {
		return bilingual.Errorf("certificato per SIOPE+: %w", "certificate for SIOPE+: %w", err)
	}
	for i := range described.Enti {
		if described.Enti[i].CodiceIPA != ambiente.BorgoFiorito().CodiceIPA {
			continue
		}
		described.Enti[i].Tesoreria = &folder.Tesoreria{
			URL: w.SIOPE.URL(), A2A: known.A2A, Ufficio: known.Ufficio, ISTAT: known.ISTAT, ABI: known.CodiceABI,
			TramiteBT: known.TramiteBT, EnteBT: known.CodiceEnteBT, CA: w.SIOPE.CAPEM(), Client: client, Bank: w.SIOPE.BankPEM(),
		}
	}
	return nil
}
