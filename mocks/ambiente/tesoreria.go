// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import (
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/mocks/siope"
)

// borgoFiscal is the codice fiscale of the first ente, which SIOPE+ holds its flows against.
const borgoFiscal = "00918273640"

// BorgoFioritoSIOPE is the first ente as SIOPE+ knows it. The second one has its treasury elsewhere.
func BorgoFioritoSIOPE() siope.Ente {
	return siope.Ente{
		Ufficio: "UFBF01", ISTAT: "000999001", CodiceFiscale: borgoFiscal, Denominazione: borgoNome, A2A: "A2A-00000901",
		CodiceEnteBT: "0000901", CodiceABI: "99901", TramiteBT: "A2A-00000902", Fondo: 5_000_000_00,
	}
}

// makeSIOPE makes the treasury of the world: steps take long enough to be seen.
func (a *Ambiente) makeSIOPE() error {
	var err error
	a.SIOPE, err = siope.New(siope.Options{
		Clock: a.opts.Clock, Rand: a.opts.Rand, Enti: []siope.Ente{BorgoFioritoSIOPE()},
		Delays: siope.Delays{Ack: 500 * time.Millisecond, Esito: 500 * time.Millisecond, Esiti: time.Second, Giornale: time.Second},
	})
	if err != nil {
		return fmt.Errorf("mock of SIOPE+: %w", err)
	}
	return nil
}
