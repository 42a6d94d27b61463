// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/modi"
)

func (a *app) modiInspectCommand() *cobra.Command {
	var at string
	var in byhand.Inspection
	cmd := &cobra.Command{
		Use:   "inspect TOKEN|FILE|-",
		Short: a.t("decodifica un token, o quelli di un messaggio HTTP, e dice che cosa quasi torna", "decode a token, or those of an HTTP message, and tell what nearly fits"),
		Long: a.t(
			"Mostra intestazione, claim e tempi in parole, il pattern a cui il token somiglia e ciò che un\n"+
				"verificatore rifiuterebbe: audience che differisce per una barra, per le maiuscole o per -PDND;\n"+
				"Digest scritto in altra forma o di un altro testo; orologi sfasati; loa invece di LoA.\n\n"+
				"Non verifica firme e non vuole chiavi. Con un messaggio intero confronta anche i token con le\n"+
				"intestazioni, con il corpo e fra loro. Non usa la rete.",
			"Shows header, claims and times in words, the pattern that the token looks like, and what a\n"+
				"verifier would refuse: an audience that differs by a slash, by case or by -PDND; a Digest in\n"+
				"another form or of another text; clocks that disagree; loa for LoA.\n\n"+
				"It verifies no signature and needs no key. With a whole message it also compares the tokens\n"+
				"with the fields, with the body and with one another. It does not use the network."),
		Example: "  snodo modi inspect eyJhbGciOi…\n  snodo modi inspect richiesta.http --audience https://api.ente.example/v1\n  pbpaste | snodo modi inspect -",
		Args:    a.exactArgs("TOKEN|FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			now, err := a.instant(at)
			if err != nil {
				return err
			}
			in.Now = now
			return a.modiInspect(args[0], in)
		},
	}
	cmd.Flags().StringVar(&in.Audience, "audience", "", a.t("audience giusta, se è nota", "the right audience, if it is known"))
	cmd.Flags().StringVar(&at, "at", "", a.t("ora rispetto a cui dire i tempi, RFC 3339 (predefinita adesso)", "time against which times are told, RFC 3339 (default: now)"))
	return cmd
}

func (a *app) modiInspect(arg string, in byhand.Inspection) error {
	data, err := a.tokenOrFile(arg)
	if err != nil {
		return err
	}
	report, err := byhand.Inspect(data, in)
	if err != nil {
		return a.notMessage(err)
	}
	a.notes(report.Notes)
	if len(report.Tokens) == 0 {
		a.hint("nota: nel messaggio non ci sono token", "note: there are no tokens in the message")
	}
	err = a.emit(a.modiReport(report), func(w *terminal.Writer) { a.showReport(w, report) })
	switch {
	case err != nil:
		return err
	case len(report.Tokens) == 1 && report.Tokens[0].Claims == nil && report.Tokens[0].Where == "":
		return undecided() // what was given is no token
	}
	return nil
}

// tokenOrFile reads the argument: a file that is there, standard input, or a token.
func (a *app) tokenOrFile(arg string) ([]byte, error) {
	if arg == "-" {
		return a.input(nil)
	}
	_, err := os.Stat(arg)
	switch {
	case err == nil:
		return a.input([]string{arg})
	case strings.HasPrefix(arg, "eyJ"), strings.Count(arg, ".") == 2 && !strings.ContainsAny(arg, "/\\"):
		return []byte(arg), nil
	default:
		return nil, fileError(arg, err)
	}
}

// modiReport is the result of modi inspect.
type modiReport struct {
	Tokens     []modiToken `json:"tokens"`
	NearMisses []modiNear  `json:"nearMisses,omitempty"` // about the message as a whole
}

type modiToken struct {
	Where       string          `json:"where,omitempty"`
	Pattern     modi.Pattern    `json:"pattern,omitempty"` // the one it looks like
	Header      json.RawMessage `json:"header,omitempty"`
	Claims      json.RawMessage `json:"claims,omitempty"`
	Certificate *modiCert       `json:"certificate,omitempty"`
	Times       []modiTime      `json:"times"`
	NearMisses  []modiNear      `json:"nearMisses"`
}

type modiCert struct {
	Subject   string `json:"subject"`
	Issuer    string `json:"issuer"`
	NotBefore string `json:"notBefore"`
	NotAfter  string `json:"notAfter"`
}

type modiTime struct {
	Claim string `json:"claim"`
	Time  string `json:"time"`
	Words string `json:"words"`
}

type modiNear struct {
	Rule modi.RuleID `json:"rule,omitempty"`
	Hint string      `json:"hint"`
}

func (a *app) modiReport(r byhand.Report) modiReport {
	out := modiReport{Tokens: []modiToken{}, NearMisses: a.nearMisses(r.Near)}
	for _, t := range r.Tokens {
		token := modiToken{Where: t.Where, Pattern: t.Pattern, Header: t.Header, Claims: t.Claims, Times: []modiTime{}, NearMisses: a.nearMisses(t.Near)}
		if c := t.Certificate; c != nil {
			token.Certificate = &modiCert{c.Subject, c.Issuer, stamp(c.NotBefore), stamp(c.NotAfter)}
		}
		for _, at := range t.Times {
			token.Times = append(token.Times, modiTime{at.Claim, stamp(at.At), a.t(at.Words.IT, at.Words.EN)})
		}
		out.Tokens = append(out.Tokens, token)
	}
	return out
}

func (a *app) nearMisses(list []byhand.Near) []modiNear {
	out := make([]modiNear, len(list))
	for i, n := range list {
		out[i] = modiNear{n.Rule, a.t(n.Hint.IT, n.Hint.EN)}
	}
	return out
}

func (a *app) showReport(w *terminal.Writer, r byhand.Report) {
	for i, t := range r.Tokens {
		if i > 0 {
			w.Blank()
		}
		a.showToken(w, t)
	}
	if len(r.Near) > 0 {
		w.Blank()
		w.Line(a.t("messaggio", "message"))
	}
	a.showNear(w, r.Near)
}

func (a *app) showToken(w *terminal.Writer, t byhand.Token) {
	title := a.t("token", "token")
	if t.Where != "" {
		title = t.Where
	}
	switch {
	case t.Pattern != "":
		title += a.t(": somiglia a ", ": looks like ") + string(t.Pattern)
	case t.Claims != nil:
		title += a.t(": pattern non riconosciuto", ": pattern not recognised")
	default:
	}
	w.Line(title)
	for _, part := range []struct {
		it, en string
		value  json.RawMessage
	}{{"intestazione", "header", t.Header}, {"claim", "claims", t.Claims}} {
		if part.value != nil {
			w.Para(a.t(part.it, part.en))
			w.JSON(part.value)
		}
	}
	if c := t.Certificate; c != nil {
		w.Para(fmt.Sprintf(a.t("certificato di %s, emesso da %s, valido dal %s al %s", "certificate of %s, issued by %s, valid from %s to %s"),
			c.Subject, c.Issuer, c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly)))
	}
	for _, at := range t.Times {
		w.Para(fmt.Sprintf("%s: %s, %s", at.Claim, at.At.Format("2006-01-02 15:04:05 UTC"), a.t(at.Words.IT, at.Words.EN)))
	}
	a.showNear(w, t.Near)
}

func (a *app) showNear(w *terminal.Writer, list []byhand.Near) {
	for _, n := range list {
		line := a.t(n.Hint.IT, n.Hint.EN)
		if n.Rule != "" {
			line += " [" + string(n.Rule) + "]"
		}
		w.Say(terminal.Note, line)
	}
}
