// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// Bounds of a massive request and of its result.
const (
	maxRows   = 2000
	maxResult = 64 << 20 // bytes, unpacked
	pathID    = "{id}"
)

// massiveRequest is the message of a massive service. The names of its members were
// never published: they are those of E002 where there is one.
type massiveRequest struct {
	IDOperazioneClient string      `json:"idOperazioneClient"`
	TipoRicerca        string      `json:"tipoRicerca"` // byCode or byID
	File               string      `json:"file"`        // one key in each row, no header, gzip, base64
	DatiRichiesta      requestData `json:"datiRichiesta"`
}

// What the rows of a massive request are.
const (
	byCode = "1"
	byID   = "2"
)

// massiveReply is the answer to a request and to its deletion.
type massiveReply struct {
	IDOperazioneANPR string `json:"idOperazioneANPR"`
	Stato            *int   `json:"stato"` // 0 queued, 1 running, 2 done, 3 failed, 4 cancelled
}

// rows is the richiesta of a massive operation.
type rows struct {
	IDOperazioneANPR string   `json:"idOperazioneANPR"`
	CodiciFiscali    []string `json:"codiciFiscali"`
	IDANPR           []string `json:"idANPR"`
	DataRiferimento  string   `json:"dataRiferimento"`
}

var (
	operationID = regexp.MustCompile(`^[0-9A-Za-z-]{1,40}$`)
	personID    = regexp.MustCompile(`^[0-9A-Za-z]{9}$`)
)

// rowFields are what a row of the result holds, by the case of use.
func rowFields(casoUso string) ([]string, bool) {
	switch casoUso {
	case "C030":
		return []string{fieldIdentificativi}, true
	case "C019":
		return []string{fieldVita}, true
	case "C020":
		return []string{fieldGeneralita, fieldResidenza, fieldAIRE}, true
	default:
		return nil, false
	}
}

// keys are the keys of the rows, normalised, each once.
func (q inquiry) keys(r rows) (kind string, keys []string, err error) {
	kind, keys = byCode, slices.Clone(r.CodiciFiscali)
	if len(r.IDANPR) > 0 {
		kind, keys = byID, slices.Clone(r.IDANPR)
	}
	if len(r.CodiciFiscali) > 0 == (len(r.IDANPR) > 0) || len(keys) > maxRows {
		return "", nil, q.invalid(modi.Text{
			IT: fmt.Sprintf("indicare codiciFiscali oppure idANPR, al più %d", maxRows),
			EN: fmt.Sprintf("give either codiciFiscali or idANPR, at most %d", maxRows),
		})
	}
	for i, key := range keys {
		if kind == byID {
			if keys[i] = normalID(key); !personID.MatchString(key) {
				return "", nil, q.invalid(modi.Text{
					IT: fmt.Sprintf("l'idANPR della riga %d non ha nove lettere o cifre", i+1),
					EN: fmt.Sprintf("the idANPR of row %d is not nine letters or digits", i+1),
				})
			}
			continue
		}
		if keys[i] = codicefiscale.Normal(key); codicefiscale.Valid(keys[i]) != nil {
			return "", nil, q.invalid(modi.Text{
				IT: fmt.Sprintf("il codice fiscale della riga %d non è valido", i+1),
				EN: fmt.Sprintf("the codice fiscale of row %d is not valid", i+1),
			})
		}
	}
	slices.Sort(keys)
	return kind, slices.Compact(keys), nil
}

// submit hands the rows over. ANPR works on one request of an ente at a time: another
// one is refused as ErrThrottled (EN179). The id in dati is what asks for the result.
func (q inquiry) submit(ctx context.Context, richiesta json.RawMessage) (registry.Response, error) {
	var r rows
	if err := q.decode(richiesta, &r); err != nil {
		return registry.Response{}, err
	}
	kind, keys, err := q.keys(r)
	if err != nil {
		return registry.Response{}, err
	}
	day, err := q.day(r.DataRiferimento)
	if err != nil {
		return registry.Response{}, err
	}
	data, err := q.data(day)
	if err != nil {
		return registry.Response{}, err
	}
	file, err := pack(keys)
	if err != nil {
		return registry.Response{}, err
	}
	reply, err := q.numbered(ctx, func(number string) any {
		return massiveRequest{IDOperazioneClient: number, TipoRicerca: kind, File: file, DatiRichiesta: data}
	})
	if err != nil {
		return registry.Response{}, err
	}
	taken, err := q.parseMassive(reply)
	if err != nil {
		return registry.Response{}, err
	}
	var codes []string
	if kind == byCode {
		codes = keys
	}
	return q.massiveResponse(map[string]any{
		"idOperazioneANPR": taken.IDOperazioneANPR, "stato": stateWord(*taken.Stato), "righe": len(keys),
	}, taken.IDOperazioneANPR, codes, nil)
}

// pack writes the file of a request.
func pack(keys []string) (string, error) {
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	if _, err := io.WriteString(z, strings.Join(keys, "\n")+"\n"); err != nil {
		return "", fmt.Errorf("pack the rows: %w", err)
	}
	if err := z.Close(); err != nil {
		return "", fmt.Errorf("pack the rows: %w", err)
	}
	return base64.StdEncoding.EncodeToString(file.Bytes()), nil
}

func (q inquiry) parseMassive(r registry.Reply) (massiveReply, error) {
	var m massiveReply
	if json.Unmarshal(r.Body, &m) != nil || m.Stato == nil || !operationID.MatchString(m.IDOperazioneANPR) {
		return massiveReply{}, q.badReply(r.Status, "the answer is none of a massive service")
	}
	return m, nil
}

func stateWord(state int) string {
	words := []string{"in coda", "in elaborazione", "completata", "fallita", "annullata"}
	if state < 0 || state >= len(words) {
		return "sconosciuto"
	}
	return words[state]
}

func (q inquiry) massiveResponse(data map[string]any, id string, codes []string, notes []registry.Note) (registry.Response, error) {
	dati, err := json.Marshal(data)
	if err != nil {
		return registry.Response{}, fmt.Errorf("write dati: %w", err)
	}
	return registry.Response{Dati: dati, Notes: notes, RegistryID: id, Subjects: codes}, nil
}

// path fills the id of a request into the path of the operation.
func (q inquiry) path(id string) (string, error) {
	if !operationID.MatchString(id) {
		return "", q.invalid(modi.Text{
			IT: "idOperazioneANPR è l'identificativo che ANPR ha dato alla richiesta massiva",
			EN: "idOperazioneANPR is the id that ANPR gave to the massive request",
		})
	}
	return strings.ReplaceAll(q.op.Path, pathID, url.PathEscape(id)), nil
}

// drop has ANPR forget a request and its result.
func (q inquiry) drop(ctx context.Context, richiesta json.RawMessage) (registry.Response, error) {
	var r struct {
		IDOperazioneANPR string `json:"idOperazioneANPR"`
	}
	if err := q.decode(richiesta, &r); err != nil {
		return registry.Response{}, err
	}
	path, err := q.path(r.IDOperazioneANPR)
	if err != nil {
		return registry.Response{}, err
	}
	reply, err := q.call(ctx, path, "", nil)
	if err != nil {
		return registry.Response{}, err
	}
	if reply.Status != http.StatusNoContent {
		gone, err := q.parseMassive(reply)
		if err != nil {
			return registry.Response{}, err
		}
		if gone.IDOperazioneANPR != r.IDOperazioneANPR {
			return registry.Response{}, q.badReply(reply.Status, "the answer is about another request")
		}
	}
	return q.massiveResponse(map[string]any{"idOperazioneANPR": r.IDOperazioneANPR, "cancellata": true}, r.IDOperazioneANPR, nil, nil)
}
