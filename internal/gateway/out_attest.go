// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi/token"
)

// openSeals takes the seal of every ente that consumes e-services and lets it sign once: a seal that cannot sign stops
// the start, because later it would spoil an exchange whose outcome is already evidence.
func (d OutDeps) openSeals() (map[string]token.SigningKey, error) {
	seals := map[string]token.SigningKey{}
	for codice, ente := range d.Config.Enti {
		if len(ente.Consumes) == 0 {
			continue
		}
		key, err := d.Seal(codice)
		if err == nil {
			_, err = provenance.Sign(json.RawMessage(`{}`), provenance.Provenance{Ente: codice, Istante: d.Clock()}, key)
		}
		if err != nil {
			return nil, fmt.Errorf("ente %s: seal: %w", codice, err)
		}
		seals[codice] = key
	}
	return seals, nil
}

// attest states the source of the data and signs the statement with the seal of the ente (design D17): certainty of the
// source, DPR 445/2000 art. 43 c. 5. The statement names the outcome, so it is signed after it: when that fails nothing
// is delivered, and a refusal of the same exchange corrects the outcome. A recalled answer keeps its statement.
func (o *Out) attest(ctx context.Context, x *acquiring) error {
	if x.err != nil {
		return x.err
	}
	if x.recalled != nil {
		x.answer = x.recalled
		return nil
	}
	if !x.waits.IsZero() {
		x.answer = &Acquired{Esito: EsitoInAttesa, Correlazione: x.id, Scade: x.waits}
		return nil
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
	firma, err := provenance.Sign(x.dati, p, o.seals[x.ente.CodiceIPA])
	if err != nil {
		return o.withdraw(ctx, x, problem.New(problem.RuleNotAttested).Because(err))
	}
	esito := EsitoAcquisito
	if x.declared != nil {
		esito = EsitoVerificato
	}
	x.answer = &Acquired{Esito: esito, Dati: x.dati, Avvisi: x.reply.Avvisi, Provenienza: p, Firma: firma}
	return nil
}

// withdraw records that the data of an outcome already kept were not delivered.
func (o *Out) withdraw(ctx context.Context, x *acquiring, why error) error {
	x.err = why
	r := x.record(evidence.KindAcquisizioneRifiuto)
	r.Status, r.Rules = x.status(), problem.Rules(why)
	if _, err := o.append(ctx, r); err != nil {
		o.Logger.LogAttrs(ctx, slog.LevelError, "mancata consegna non registrata tra le prove",
			slog.String("scambio", x.id), slog.String("errore", err.Error()))
	}
	return why
}
