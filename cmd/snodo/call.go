// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/bilingual"
)

// callOptions are the flags of call.
type callOptions struct {
	url, keyFile, ca string
	context          acquire.Context
	fields           []string // --dato name=value
	request          string   // --richiesta FILE
	declared         []string // --dichiarato name=value
	declaredFile     string   // --dichiarato-file FILE
	native           bool     // --nativa
	method, media    string   // of a native call
	idempotencyKey   string
	timeout          time.Duration
}

func (a *app) callCommand() *cobra.Command {
	var o callOptions
	cmd := &cobra.Command{
		Use:   "call " + a.t("SERVIZIO OPERAZIONE|PERCORSO", "SERVICE OPERATION|PATH"),
		Short: a.t("acquisisce un dato come farebbe un'applicazione dell'ente", "acquire data as an application of the ente would"),
		Long: a.t("Chiama l'API di acquisizione, stampa la risposta e verifica la firma della provenienza con la\n"+
			"chiave che l'ente pubblica. Con --dichiarato è una verifica: si confronta ciò che la persona ha\n"+
			"dichiarato e tornano i soli esiti. Con --nativa è una chiamata nella forma propria del registro:\n"+
			"al posto dell'operazione il percorso, nella risposta ciò che il registro ha detto, che nessuno firma.\n\n"+
			"La chiave dell'applicazione si dà con --chiave-file o con SNODO_CHIAVE, mai come argomento.\n\nEsce con 0 se il dato c'è e la firma torna, con 1 se la risposta è no (dato assente, richiesta\n"+
			"non ammessa), con 2 se non si è potuto decidere.",
			"Calls the acquisition API, prints the answer and verifies the signature of its provenance with\n"+
				"the key the ente publishes. With --dichiarato it is a verifica: what the person declared is\n"+
				"compared, and verdicts alone come back. With --nativa it is a call in the registry's own form: the\n"+
				"path in the place of the operation, and in the answer what the registry said, which nobody signs.\n\n"+
				"The key of the application is given by --chiave-file or by SNODO_CHIAVE, never as an argument.\n\nExits with 0 when the data is there and the signature holds, 1 when the answer is no (no record,\n"+
				"request not allowed), 2 when nothing could be decided."),
		Example: "  export SNODO_CHIAVE=snodo_…\n" +
			"  snodo call anpr-c020 residenza --ente c_bf01 --procedimento iscrizione-asilo \\\n" +
			"    --pratica NIDO-2026-0000042 --operatore mat-00417 --postazione SCUOLA-02 --loa LoA3 \\\n" +
			"    --dato codiceFiscale=BNCMRC85C12D612V\n" +
			"  snodo call anpr-c020 residenza … --dato codiceFiscale=BNCMRC85C12D612V --dichiarato generalita/cognome=Bianchi\n" +
			"  snodo call inad-consultazione '/extract/BNCMRC85C12D612V?practicalReference=P1' --nativa …",
		Args: a.exactArgs(a.t("SERVIZIO", "SERVICE"), a.t("OPERAZIONE|PERCORSO", "OPERATION|PATH")),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.native {
				return a.callNative(cmd.Context(), args[0], args[1], o)
			}
			if o.method != "" {
				return a.errorf("--metodo va con --nativa", "--metodo goes with --nativa")
			}
			return a.call(cmd.Context(), args[0], args[1], o)
		},
	}
	a.callFlags(cmd, &o)
	a.require(cmd, "ente", "procedimento", "pratica", "operatore")
	return cmd
}

func (a *app) callFlags(cmd *cobra.Command, o *callOptions) {
	preset := a.getenv("SNODO_URL")
	if preset == "" {
		preset = "http://127.0.0.1:8080"
	}
	f := cmd.Flags()
	f.StringVar(&o.url, "url", preset, a.t("indirizzo dell'API (anche SNODO_URL)", "address of the API (also SNODO_URL)"))
	f.StringVar(&o.keyFile, "chiave-file", "", a.t("file con la chiave dell'applicazione", "file that holds the key of the application"))
	f.StringVar(&o.ca, "ca", "", a.t("CA privata dello Snodo, in PEM", "private CA of the hub, in PEM"))
	f.StringVar(&o.context.Ente, "ente", "", a.t("codice IPA", "IPA code"))
	f.StringVar(&o.context.Procedimento, "procedimento", "", a.t("procedimento amministrativo", "administrative procedure"))
	f.StringVar(&o.context.Pratica, "pratica", "", a.t("identificativo della pratica", "identifier of the case"))
	f.StringVar(&o.context.Operatore.UserID, "operatore", "", a.t("identificativo dell'operatore", "identifier of the operator"))
	f.StringVar(&o.context.Operatore.Tipo, "tipo", "persona", "persona | automatismo | cittadino")
	f.StringVar(&o.context.Operatore.Postazione, "postazione", "", a.t("postazione dell'operatore", "workstation of the operator"))
	f.StringVar(&o.context.Operatore.LoA, "loa", "", a.t("livello di garanzia dell'autenticazione", "level of assurance of the authentication"))
	f.StringArrayVar(&o.fields, "dato", nil, a.t("campo della richiesta, nome=valore o blocco/nome=valore (ripetibile)", "field of the request, name=value or block/name=value (repeatable)"))
	f.StringVar(&o.request, "richiesta", "", a.t("file JSON con l'intera richiesta, - per lo standard input", "JSON file with the whole request, - for standard input"))
	f.StringArrayVar(&o.declared, "dichiarato", nil, a.t("campo dichiarato da confrontare, come --dato (ripetibile)", "declared field to compare, as --dato (repeatable)"))
	f.StringVar(&o.declaredFile, "dichiarato-file", "", a.t("file JSON con tutto il dichiarato, - per lo standard input", "JSON file with all that was declared, - for standard input"))
	f.BoolVar(&o.native, "nativa", false, a.t("chiamata nella forma del registro: --richiesta ne è il corpo", "call in the registry's own form: --richiesta is its body"))
	f.StringVar(&o.method, "metodo", "", a.t("metodo di una chiamata nativa (GET, con un corpo POST)", "method of a native call (GET, with a body POST)"))
	f.StringVar(&o.media, "tipo-corpo", "application/json", a.t("Content-Type del corpo di una chiamata nativa", "Content-Type of the body of a native call"))
	f.StringVar(&o.idempotencyKey, "idempotency-key", "", a.t("chiave di idempotenza", "idempotency key"))
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, a.t("attesa massima", "longest wait"))
}

func (a *app) call(ctx context.Context, service, operation string, o callOptions) error {
	key, err := a.applicationKey(o.keyFile)
	if err != nil {
		return err
	}
	if o.declaredFile == "-" && o.request == "-" {
		return a.errorf("lo standard input è uno: --richiesta e --dichiarato-file non lo leggono entrambi",
			"there is one standard input: --richiesta and --dichiarato-file cannot both read it")
	}
	request, err := a.callRequest(o)
	if err != nil {
		return err
	}
	declared, err := a.callDeclared(o)
	if err != nil {
		return err
	}
	client, err := acquire.New(o.url, key, o.ca)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	answer, err := client.Acquire(ctx, acquire.Request{
		Service: service, Operation: operation, Context: o.context,
		Richiesta: request, Dichiarato: declared, IdempotencyKey: o.idempotencyKey, Lang: a.lang,
	})
	if err != nil {
		return err
	}
	if answer.Problem != nil {
		return a.callRefused(answer)
	}
	if answer.Status == http.StatusAccepted {
		return a.emit(answer, func(w *terminal.Writer) { a.showPending(w, answer) })
	}
	verdict := client.VerifyProvenance(ctx, o.context.Ente, answer)
	result := struct {
		*acquire.Answer
		Verified bool `json:"firmaVerificata"`
	}{answer, verdict == nil}
	err = a.emit(result, func(w *terminal.Writer) { a.showAnswer(w, answer, verdict) })
	switch {
	case err != nil:
		return err
	case errors.Is(verdict, acquire.ErrForged):
		return no(a.errorf("la firma della provenienza non torna: %w", "the signature of the provenance does not hold: %w", verdict))
	case verdict != nil:
		return a.errorf("la firma della provenienza non è verificata: %w", "the signature of the provenance is not verified: %w", verdict)
	}
	return nil
}

// callRefused prints a problem document and gives the verdict: what may change by
// itself is undecided, the rest is no.
func (a *app) callRefused(answer *acquire.Answer) error {
	p := answer.Problem
	var advice struct {
		Rimedio string `json:"rimedio"` // what the caller can do
	}
	if err := json.Unmarshal(p.Raw, &advice); err != nil {
		return bilingual.Errorf("documento di errore: %w", "problem document: %w", err)
	}
	result := struct {
		*acquire.Problem
		Rimedio string `json:"rimedio,omitempty"`
	}{p, advice.Rimedio}
	err := a.emit(result, func(w *terminal.Writer) {
		w.Say(terminal.Bad, fmt.Sprintf("%s (HTTP %d)", p.Title, answer.Status))
		// What the hub says of the places it says again of each below.
		if p.Detail != "" && (len(p.Violations) == 0 || !strings.HasPrefix(p.Detail, p.Title+"; ")) {
			w.Para(p.Detail)
		}
		for _, v := range p.Violations {
			w.Para("- " + a.violation(v, p.Rule))
		}
		if advice.Rimedio != "" {
			w.Para(a.t("rimedio: ", "remedy: ") + advice.Rimedio)
		}
		w.Para(p.Rule)
		if answer.RetryAfter != "" {
			w.Para(a.t("riprovare dopo: ", "try again after: ") + answer.RetryAfter)
		}
	})
	if err != nil {
		return err
	}
	if answer.Status >= http.StatusInternalServerError || answer.Status == http.StatusTooManyRequests || answer.Status == http.StatusUnauthorized {
		return undecided()
	}
	return no(nil)
}

// violation tells one place of a refusal. Its rule is told where it is not that of the refusal.
func (a *app) violation(v acquire.Violation, whole string) string {
	var parts []string
	if v.Rule != whole {
		parts = append(parts, v.Rule)
	}
	for _, part := range []struct{ it, en, value string }{
		{"punto", "place", v.Where}, {"atteso", "expected", v.Expected}, {"trovato", "found", v.Found},
	} {
		if part.value != "" {
			parts = append(parts, a.t(part.it, part.en)+": "+part.value)
		}
	}
	return strings.Join(parts, "; ")
}

// showPending tells where the answer will be.
func (a *app) showPending(w *terminal.Writer, answer *acquire.Answer) {
	w.Say(terminal.Note, a.t("la risposta arriva dopo: GET /v1/acquisizioni/correlazioni/", "the answer comes later: GET /v1/acquisizioni/correlazioni/")+answer.Correlazione)
	w.Para(a.t("attesa fino a ", "waited for until ") + answer.Scade.Format(time.RFC3339))
}

func (a *app) showAnswer(w *terminal.Writer, answer *acquire.Answer, verdict error) {
	for _, part := range []struct {
		title string
		value json.RawMessage
	}{{"dati", answer.Dati}, {"provenienza", answer.Provenienza}} {
		w.Line(part.title)
		w.JSON(part.value)
	}
	for _, text := range answer.Avvisi {
		w.Say(terminal.Note, text)
	}
	if verdict == nil {
		w.Say(terminal.Good, a.t("la firma della provenienza è valida", "the signature of the provenance is valid"))
	}
}

// applicationKey reads the key of the application: from a file, else from SNODO_CHIAVE.
func (a *app) applicationKey(file string) (string, error) {
	if file == "" {
		if key := a.getenv("SNODO_CHIAVE"); key != "" {
			return key, nil
		}
		return "", a.errorf("manca la chiave dell'applicazione: --chiave-file o SNODO_CHIAVE (snodo keys api new la crea)",
			"the key of the application is missing: --chiave-file or SNODO_CHIAVE (snodo keys api new makes one)")
	}
	data, err := os.ReadFile(file) //nolint:gosec // the file the user names
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, errors.Unwrap(err))
	}
	return strings.TrimSpace(string(data)), nil
}

// callRequest builds the field richiesta from --richiesta or from --dato.
func (a *app) callRequest(o callOptions) (json.RawMessage, error) {
	if o.request != "" && len(o.fields) > 0 {
		return nil, a.errorf("--richiesta e --dato si escludono", "--richiesta and --dato exclude each other")
	}
	if o.request != "" {
		return a.requestFile(o.request)
	}
	return a.callFields("--dato", o.fields)
}

// callDeclared builds the field dichiarato; nil when the call is no verifica.
func (a *app) callDeclared(o callOptions) (json.RawMessage, error) {
	switch {
	case o.declaredFile == "" && len(o.declared) == 0:
		return nil, nil
	case o.declaredFile != "" && len(o.declared) > 0:
		return nil, a.errorf("--dichiarato-file e --dichiarato si escludono", "--dichiarato-file and --dichiarato exclude each other")
	case o.declaredFile != "":
		return a.requestFile(o.declaredFile)
	}
	return a.callFields("--dichiarato", o.declared)
}

// callFields builds an object of texts from name=value and block/name=value.
func (a *app) callFields(flag string, list []string) (json.RawMessage, error) {
	whole := map[string]any{}
	for _, field := range list {
		name, value, found := strings.Cut(field, "=")
		steps := strings.Split(name, "/")
		if !found || slices.Contains(steps, "") {
			return nil, a.errorf("%s: atteso nome=valore", "%s: expected name=value", flag)
		}
		block := whole
		for _, step := range steps[:len(steps)-1] {
			inner, isBlock := block[step].(map[string]any)
			if _, taken := block[step]; taken && !isBlock {
				return nil, a.errorf("%s %s: dato due volte", "%s %s: given twice", flag, name)
			}
			if !isBlock {
				inner = map[string]any{}
				block[step] = inner
			}
			block = inner
		}
		last := steps[len(steps)-1]
		if _, twice := block[last]; twice {
			return nil, a.errorf("%s %s: dato due volte", "%s %s: given twice", flag, name)
		}
		block[last] = value
	}
	return json.Marshal(whole)
}

// bodyFile reads a file the user names, or standard input.
func (a *app) bodyFile(name string) ([]byte, error) {
	reader, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	data, err := io.ReadAll(reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

func (a *app) requestFile(name string) (json.RawMessage, error) {
	data, err := a.bodyFile(name)
	if err != nil {
		return nil, err
	}
	if !json.Valid(data) {
		if name == "-" {
			name = "standard input"
		}
		return nil, a.errorf("%s: non è JSON", "%s: not JSON", name)
	}
	return data, nil
}
