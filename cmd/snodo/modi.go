// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/token"
)

func (a *app) modiCommand() *cobra.Command {
	return a.group("modi", a.t("firma, verifica e spiega a mano i messaggi ModI e i token PDND", "sign, verify and explain ModI messages and PDND tokens by hand"),
		"  snodo modi inspect richiesta.http\n"+
			"  snodo modi verify --pattern INTEGRITY_REST_02 --audience https://api.ente.example/v1 --keys chiavi.json richiesta.http\n"+
			"  snodo modi sign --pattern INTEGRITY_REST_02 --key client.pem --client-id ID --audience AUD < richiesta.http",
		a.modiSignCommand(), a.modiVerifyCommand(), a.modiInspectCommand())
}

// optionalArg admits one argument, which may be left out for standard input.
func (a *app) optionalArg(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= 1 {
			return nil
		}
		return a.errorf("atteso al più un argomento, %s (dati %d); vedere %s --help", "at most one argument expected, %s (%d given); see %s --help",
			name, len(args), cmd.CommandPath())
	}
}

// input reads the file that the arguments name, or standard input.
func (a *app) input(args []string) ([]byte, error) {
	name := "-"
	if len(args) > 0 {
		name = args[0]
	}
	reader, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	const limit = message.MaxHead + message.MaxBody
	data, err := io.ReadAll(io.LimitReader(reader, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > limit {
		return nil, a.errorf("%s: più di %d byte", "%s: more than %d bytes", name, limit)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		if name == "-" {
			return nil, a.errorf("lo standard input è vuoto", "standard input is empty")
		}
		return nil, a.errorf("%s: il file è vuoto", "%s: the file is empty", name)
	}
	return data, nil
}

// notMessage explains what could not be read as a message.
func (a *app) notMessage(err error) error {
	why := bilingual.Phrase(err.Error())
	return a.errorf("non è un messaggio HTTP: %s. Serve una riga di richiesta (POST /percorso HTTP/1.1) o di stato, le intestazioni, una riga vuota e il corpo",
		"not an HTTP message: %s. A request line (POST /path HTTP/1.1) or a status line is needed, then fields, a blank line and the body", a.t(why.IT, why.EN))
}

// notes tells on standard error what was tolerated in reading a message.
func (a *app) notes(list []message.Note) {
	for _, n := range list {
		t := byhand.NoteText(n)
		a.note(t)
	}
}

func (a *app) note(t modi.Text) { a.hint("nota: %s", "note: %s", a.t(t.IT, t.EN)) }

// instant reads --at.
func (a *app) instant(at string) (time.Time, error) {
	if at == "" {
		return a.clock(), nil
	}
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return time.Time{}, a.errorf("--at %q: attesa una data come 2026-03-02T09:00:00Z", "--at %q: expected a date like 2026-03-02T09:00:00Z", at)
	}
	return t, nil
}

// references reads names of JOSE header members that name a certificate.
func (a *app) references(list []string) ([]token.Reference, error) {
	known := map[string]token.Reference{"x5c": token.X5C, "x5c-chain": token.X5CChain, "x5t#s256": token.X5TS256, "x5u": token.X5U}
	var out []token.Reference
	for _, name := range list {
		r, ok := known[strings.ToLower(name)]
		if !ok {
			return nil, a.errorf("--reference %q: valori ammessi x5c, x5c-chain, x5t#S256, x5u", "--reference %q: allowed values are x5c, x5c-chain, x5t#S256, x5u", name)
		}
		out = append(out, r)
	}
	return out, nil
}
