// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/snodo-pa/snodo/internal/gateway/provenance"
)

// attest states the source of the data and signs the statement with the seal of the ente (design D17): certainty of the
// source, DPR 445/2000 art. 43 c. 5.
func (o *Out) attest(_ context.Context, x *acquiring) error {
	if x.err != nil {
		return x.err
	}
	key, err := o.Seal(x.ente.CodiceIPA)
	if err != nil {
		return fmt.Errorf("seal of the ente: %w", err)
	}
	p := provenance.Provenance{
		Registro: x.recipe.Registry, Servizio: x.in.Servizio, Operazione: x.in.Operazione,
		Ambiente: x.binding.Environment, Istante: x.ended.UTC(), IDOperazione: x.reply.RegistryID,
		EserviceID: x.recipe.Environments[x.binding.Environment].EserviceID,
		PurposeID:  x.procedimento.Purposes[x.in.Servizio], Scambio: x.id, Ente: x.ente.CodiceIPA,
		Evidenza: provenance.Evidence{
			Indice: x.outcome.Index, Foglia: base64.StdEncoding.EncodeToString(x.outcome.LeafHash[:]),
		},
	}
	firma, err := provenance.Sign(x.dati, p, key)
	if err != nil {
		return err
	}
	x.answer = &Acquired{Esito: EsitoAcquisito, Dati: x.dati, Avvisi: x.reply.Avvisi, Provenienza: p, Firma: firma}
	return nil
}
