// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
)

// prove is the fourth scene: the evidence kept, exported, verified, altered.
func (s *stage) prove(ctx context.Context) error {
	s.w.Step(4, s.t("Le prove conservate, e la loro verifica", "The evidence kept, and its verification"))
	s.w.Para(s.t(
		"Ogni scambio lascia un intento prima di partire e un esito dopo, in un registro di sola aggiunta per ente (albero di "+
			"Merkle, checkpoint firmati). I dati personali stanno a parte, cifrati.",
		"Every exchange leaves an intent before it starts and an outcome after it, in one append-only log for each ente "+
			"(Merkle tree, signed checkpoints). Personal data are kept apart, encrypted."))
	s.w.Blank()
	ente := ambiente.BorgoFiorito().CodiceIPA
	list, err := s.listEvidence(ctx, ente)
	if err != nil {
		return err
	}
	s.showEvidence(s.w, list)
	s.w.Blank()
	file := filepath.Join(s.world.dir, "prove-"+ente+".jsonl")
	exported, err := s.exportEvidence(ctx, ente, file)
	if err != nil {
		return err
	}
	fingerprint, err := checkpointFingerprint(s.world.written.Checkpoint[ente])
	if err != nil {
		return err
	}
	return s.verifyEvidence(exported, file, fingerprint)
}

func (s *stage) listEvidence(ctx context.Context, ente string) ([]httpapi.Prova, error) {
	var found evidenceList
	err := s.manage.Post(ctx, "/v1/prove/ricerca", map[string]any{"ente": ente}, &found)
	if err != nil {
		return nil, bilingual.Errorf("elenco delle prove: %w", "list evidence: %w", err)
	}
	return found.Prove, nil
}

func (s *stage) exportEvidence(ctx context.Context, ente, file string) ([]byte, error) {
	var export bytes.Buffer
	err := s.manage.Stream(ctx, "/v1/prove/"+ente+"/export", url.Values{"riservati": {"true"}}, &export)
	if err != nil {
		return nil, bilingual.Errorf("esportazione delle prove: %w", "export evidence: %w", err)
	}
	if err := os.WriteFile(file, export.Bytes(), 0o600); err != nil {
		return nil, bilingual.Errorf("esportazione delle prove: %w", "export evidence: %w", err)
	}
	return export.Bytes(), nil
}

// verifyEvidence checks the export as anybody could, then again with one byte changed.
func (s *stage) verifyEvidence(export []byte, file, fingerprint string) error {
	trust, err := evidence.ParseTrust(fingerprint)
	if err != nil {
		return err
	}
	report, err := evidence.Verify(bytes.NewReader(export), trust)
	s.promise(err == nil && report.Size > 0, "esportate %d prove in %s: integre e firmate dalla chiave dell'ente",
		"%d records exported to %s: whole and signed by the key of the ente", report.Size, filepath.Base(file))
	altered := bytes.Clone(export)
	altered[len(altered)/2] ^= 1
	_, err = evidence.Verify(bytes.NewReader(altered), trust)
	result, _ := s.judge(file, evidence.Report{}, err)
	found := result != nil && result.Altered != nil
	where := "-"
	if found {
		where = s.place(result.Altered)
	}
	s.promise(found, "con un solo byte cambiato la verifica nomina il punto: %s", "with one byte changed the verification names the place: %s", where)
	return nil
}

// stay prints what to try and waits to be stopped.
func (s *stage) stay(ctx context.Context) error {
	s.showTrials()
	if err := s.w.Err(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.running.ended:
	}
	switch {
	case ctx.Err() != nil: // the hub ends with the demonstration
		return nil
	case s.running.err != nil:
		return bilingual.Errorf("lo Snodo è terminato: %w", "the hub ended: %w", s.running.err)
	default:
		return bilingual.New("lo Snodo è terminato da solo", "the hub ended by itself")
	}
}

func (s *stage) showTrials() {
	s.w.Step(5, s.t("Da provare", "To try"))
	s.w.Para(s.t("Lo Snodo resta attivo finché non lo si ferma con Ctrl-C. In un altro terminale:",
		"The hub stays up until Ctrl-C stops it. In another terminal:"))
	s.w.Blank()
	s.w.Code(". " + filepath.Join(s.world.dir, "demo.env"))
	s.w.Blank()
	s.w.Code(curlAcquire(demoPerson)...)
	s.w.Blank()
	s.w.Para(s.t("Le stesse persone inventate di ANPR danno altri esiti:", "Other invented people of ANPR give other outcomes:"))
	s.w.Blank()
	s.w.Table(s.demoPeople())
	s.w.Blank()
	s.w.Para(s.t("L'altro lato, senza voucher:", "The other side, without a voucher:"))
	s.w.Code(
		`curl -si "$SNODO_ESPOSIZIONE/modi/c_bf01/stato-istanza/v1/status"`,
		`curl -si "$SNODO_ESPOSIZIONE/modi/c_bf01/stato-istanza/v1/ricerche" -d '`+demoSearch+`'`)
	s.w.Blank()
	s.w.Para(s.t("Le prove e la loro verifica:", "The evidence and its verification:"))
	ente := ambiente.BorgoFiorito().CodiceIPA
	s.w.Code(
		"snodo evidence list --ente "+ente,
		"snodo evidence export --ente "+ente+" --file prove.jsonl",
		`snodo evidence verify prove.jsonl --trust "$SNODO_IMPRONTA"`)
	s.w.Blank()
	s.w.Para(s.t("La chiave dell'applicazione, come header:", "The key of the application, as a header:"))
	s.w.Code("Authorization: Bearer " + s.key)
}

// demoPeople are the invented people worth asking about, in a table.
func (a *app) demoPeople() [][]string {
	rows := [][]string{{"CODICE FISCALE", a.t("NOME", "NAME"), a.t("CASO", "CASE")}}
	shown := []string{"QX48213ZB", "GM66902TD", "AE31240GK", "DX19410FL", "DY19290RA", "OR50150GM", "OM10002BB"}
	for _, p := range anpr.People() {
		if slices.Contains(shown, p.IDANPR) {
			rows = append(rows, []string{p.CodiceFiscale, p.Cognome + " " + p.Nome, a.t(p.Caso.IT, p.Caso.EN)})
		}
	}
	return append(rows, []string{anpr.Unknown, "", a.t("sconosciuta ad ANPR", "unknown to ANPR")})
}

// curlAcquire is an acquisition as a reader would type it.
func curlAcquire(codiceFiscale string) []string {
	return []string{
		`curl -s "$SNODO_URL/v1/acquisizioni/anpr-c020/residenza" \`,
		`  -H "Authorization: Bearer $SNODO_CHIAVE" -H 'Content-Type: application/json' \`,
		`  -d '{"contesto":{"ente":"` + ambiente.BorgoFiorito().CodiceIPA + `","procedimento":"` + folder.Procedimento + `",`,
		`       "pratica":"` + folder.Pratica + `","operatore":{"tipo":"persona",`,
		`       "userID":"` + folder.Operatore + `","postazione":"` + folder.Postazione + `","loa":"` + folder.LoA + `"}},`,
		`       "richiesta":{"codiceFiscale":"` + codiceFiscale + `"}}'`,
	}
}
