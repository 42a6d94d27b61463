// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

const fieldConteggi = "conteggi"

// counts are what reconciles a result with the rows that were sent: Richieste is
// Ricevute and Assenti together.
type counts struct {
	Richieste int `json:"richieste"`
	Ricevute  int `json:"ricevute"`
	Assenti   int `json:"assenti"`
	Doppie    int `json:"doppie"`
	Estranee  int `json:"estranee"`
}

// collect fetches the result of a massive request and reconciles it with the rows that
// were sent, which the caller repeats: ANPR leaves out who it does not find, and the
// order is its own. Who was not asked for is counted and not handed on.
func (q inquiry) collect(ctx context.Context, richiesta json.RawMessage) (registry.Response, error) {
	var r rows
	if err := q.decode(richiesta, &r); err != nil {
		return registry.Response{}, err
	}
	path, err := q.path(r.IDOperazioneANPR)
	if err != nil {
		return registry.Response{}, err
	}
	kind, keys, err := q.keys(r)
	if err != nil {
		return registry.Response{}, err
	}
	reply, err := q.call(ctx, path, "", nil)
	if err != nil {
		return registry.Response{}, err
	}
	answers, err := q.unpack(reply)
	if err != nil {
		return registry.Response{}, err
	}
	found := map[string]map[string]any{}
	number := counts{Richieste: len(keys)}
	var subjects []subject
	for _, s := range answers {
		key, row, err := q.rowOf(s, kind)
		switch _, again := found[key]; {
		case err != nil:
			return registry.Response{}, err
		case !wanted(keys, key):
			number.Estranee++
		case again:
			number.Doppie++
		default:
			found[key] = row
			subjects = append(subjects, s)
		}
	}
	list, missing := make([]map[string]any, 0, len(found)), []string{}
	for _, key := range keys {
		if row := found[key]; row != nil {
			list = append(list, row)
		} else {
			missing = append(missing, key)
		}
	}
	number.Ricevute, number.Assenti = len(list), len(missing)
	codes := codesOf(subjects, "")
	if kind == byCode {
		codes = append(codes, missing...)
	}
	return q.massiveResponse(map[string]any{
		"idOperazioneANPR": r.IDOperazioneANPR, "righe": list, "assenti": missing, fieldConteggi: number,
	}, r.IDOperazioneANPR, codes, number.notes())
}

// wanted tells whether a key is among the sorted ones that were sent: the file may hold
// far more people than were asked for.
func wanted(keys []string, key string) bool {
	_, sent := slices.BinarySearch(keys, key)
	return sent
}

// unpack reads the file of a result, packed or not, and gives the people in it.
func (q inquiry) unpack(r registry.Reply) ([]subject, error) {
	body := r.Body
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, q.badReply(r.Status, "the result cannot be unpacked")
		}
		body, err = io.ReadAll(io.LimitReader(z, maxResult+1))
		if err != nil || len(body) > maxResult {
			return nil, q.badReply(r.Status, "the result cannot be unpacked, or is larger than any that was asked for")
		}
	}
	var file struct {
		RisposteMassive *[]answer `json:"risposteMassive"`
	}
	if json.Unmarshal(body, &file) != nil || file.RisposteMassive == nil {
		return nil, q.badReply(r.Status, "the result is not the JSON that ANPR documents")
	}
	var all []subject
	for _, a := range *file.RisposteMassive {
		if a.ListaSoggetti != nil {
			all = append(all, a.ListaSoggetti.DatiSoggetto...)
		}
	}
	return all, nil
}

// rowOf is one row of the result and the key it belongs to.
func (q inquiry) rowOf(s subject, kind string) (string, map[string]any, error) {
	var who generalita
	var ids identificativi
	if len(s.Generalita) > 0 && json.Unmarshal(s.Generalita, &who) != nil ||
		len(s.Identificativi) > 0 && json.Unmarshal(s.Identificativi, &ids) != nil {
		return "", nil, q.badReply(0, "the result holds a person that cannot be read")
	}
	key := codicefiscale.Normal(who.CodiceFiscale.CodFiscale)
	if kind == byID {
		key = normalID(ids.IDANPR)
	}
	row := map[string]any{"chiave": key}
	source := told{inquiry: q, who: s}
	fields, _ := rowFields(q.op.CasoUso)
	for _, field := range fields {
		value, err := q.adapter.readers[field](&source)
		if err != nil {
			return "", nil, q.badReply(0, "the result holds a "+field+" that cannot be read")
		}
		row[field] = value
	}
	return key, row, nil
}

// notes tell the operator where result and rows differ.
func (c counts) notes() []registry.Note {
	var texts []modi.Text
	if c.Assenti > 0 {
		texts = append(texts, modi.Text{
			IT: fmt.Sprintf("ANPR non ha risposto per %d delle %d righe inviate: sono in assenti", c.Assenti, c.Richieste),
			EN: fmt.Sprintf("ANPR has not answered %d of the %d rows sent: they are in assenti", c.Assenti, c.Richieste),
		})
	}
	if c.Doppie+c.Estranee > 0 {
		texts = append(texts, modi.Text{
			IT: fmt.Sprintf("ANPR ha risposto anche con %d righe doppie e %d su persone non richieste: non sono consegnate", c.Doppie, c.Estranee),
			EN: fmt.Sprintf("ANPR also answered %d rows twice and %d about people not asked for: they are not delivered", c.Doppie, c.Estranee),
		})
	}
	notes := make([]registry.Note, len(texts))
	for i, text := range texts {
		notes[i] = registry.Note{Fields: []string{fieldConteggi}, Text: text}
	}
	return notes
}
