// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/evidence"
)

// The outcomes of a verification, as --output json names them.
const (
	outcomeWhole     = "whole"
	outcomeAltered   = "altered"
	outcomeUntrusted = "untrusted" // nobody said which key to trust
	outcomeOtherKey  = "otherKey"  // not the key that --trust names
)

// verified is the result of evidence verify.
type verified struct {
	File        string `json:"file"`
	Outcome     string `json:"outcome"` // whole, altered, untrusted or otherKey
	Origin      string `json:"origin,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
	Size        int64  `json:"size,omitempty"`
	From        int64  `json:"from"`
	To          int64  `json:"to"`
	Checkpoints int    `json:"checkpoints,omitempty"`
	Sides       int    `json:"sides,omitempty"`
	Erased      int    `json:"erased,omitempty"`   // claimed by the exporter
	Withheld    int    `json:"withheld,omitempty"` // claimed by the exporter
	Altered     *fault `json:"altered,omitempty"`
}

// fault says where an altered file first contradicts itself.
type fault struct {
	Line       int    `json:"line"`
	Index      *int64 `json:"index,omitempty"`
	Checkpoint *int64 `json:"checkpoint,omitempty"`
	Reason     string `json:"reason"`
}

func (a *app) evidenceVerifyCommand() *cobra.Command {
	var trust string
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: a.t("verifica un file di prove esportato, senza rete e senza lo Snodo che lo ha scritto", "verify an exported evidence file, without network and without the hub that wrote it"),
		Long: a.t("Esce con 0 se il file è integro e firmato dalla chiave indicata, con 1 se è alterato (nomina la\n"+
			"prima prova o il primo checkpoint che non torna), con 2 se è coerente ma l'origine non è\n"+
			"verificata o se non si può leggere. FILE può essere - per lo standard input.",
			"Exits with 0 when the file is whole and signed by the given key, 1 when it is altered (naming\n"+
				"the first record or checkpoint that does not hold), 2 when it is consistent but its origin is\n"+
				"not verified or when it cannot be read. FILE may be - for standard input."),
		Example: "  snodo evidence verify prove.jsonl --trust 9c1f…\n  snodo evidence verify - --output json < prove.jsonl",
		Args:    a.exactArgs("FILE"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.evidenceVerify(args[0], trust) },
	}
	cmd.Flags().StringVar(&trust, "trust", "", a.t("chiave dei checkpoint dell'ente, o la sua impronta SHA-256", "checkpoint key of the ente, or its SHA-256 fingerprint"))
	return cmd
}

func (a *app) evidenceVerify(file, trusted string) error {
	var trust evidence.Trust
	if trusted != "" {
		parsed, err := evidence.ParseTrust(trusted)
		if err != nil {
			return a.errorf("--trust: attesa la chiave dei checkpoint (origine+hash+chiave) o la sua impronta SHA-256 di 64 cifre esadecimali",
				"--trust: expected the checkpoint key (origin+hash+key) or its SHA-256 fingerprint of 64 hexadecimal digits")
		}
		trust = parsed
	}
	reader, err := a.open(file)
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }()
	report, err := evidence.Verify(reader, trust)
	result, errVerdict := a.judge(file, report, err)
	if result == nil {
		return errVerdict
	}
	if result.Outcome == outcomeUntrusted && trusted != "" {
		result.Outcome = outcomeOtherKey
	}
	errEmit := a.emit(result, func(w *terminal.Writer) { a.showVerified(w, result) })
	if errEmit != nil {
		return errEmit
	}
	return errVerdict
}

// judge turns the outcome of a verification into a result and the command's verdict. A
// nil result means that nothing was decided.
func (a *app) judge(file string, report evidence.Report, err error) (*verified, error) {
	result := &verified{
		File: file, Outcome: outcomeWhole, Origin: report.Origin, Fingerprint: report.Fingerprint,
		Size: report.Size, From: report.From, To: report.To, Checkpoints: report.Checkpoints,
		Sides: report.Sides, Erased: report.Erased, Withheld: report.Withheld,
	}
	var altered *evidence.AlteredError
	var untrusted *evidence.UntrustedError
	switch {
	case err == nil:
		return result, nil
	case errors.As(err, &altered):
		at := &fault{Line: altered.Line, Reason: altered.Reason}
		if altered.Index >= 0 {
			at.Index = &altered.Index
		}
		if altered.Checkpoint >= 0 {
			at.Checkpoint = &altered.Checkpoint
		}
		return &verified{File: file, Outcome: outcomeAltered, Altered: at}, no(nil)
	case errors.As(err, &untrusted):
		result.Outcome = outcomeUntrusted
		return result, undecided()
	default:
		return nil, fmt.Errorf("%s: %w", file, err)
	}
}

func (a *app) showVerified(w *terminal.Writer, v *verified) {
	switch v.Outcome {
	case outcomeAltered:
		w.Say(terminal.Bad, a.t("ALTERATO: ", "ALTERED: ")+a.place(v.Altered)+": "+a.reason(v.Altered.Reason))
		return
	case outcomeUntrusted:
		w.Say(terminal.Note, fmt.Sprintf(a.t(
			"coerente, ma l'origine non è verificata: lo ha firmato per %s la chiave con impronta %s. Confrontarla con quella che l'ente pubblica e indicarla con --trust.",
			"consistent, but its origin is not verified: signed for %s by the key with fingerprint %s. Compare it with the one the ente publishes and pass it with --trust."),
			v.Origin, v.Fingerprint))
	case outcomeOtherKey:
		w.Say(terminal.Bad, fmt.Sprintf(a.t(
			"coerente, ma firmato dalla chiave %s, non da quella indicata", "consistent, but signed by the key %s, not by the one given"),
			v.Fingerprint))
	default:
		w.Say(terminal.Good, fmt.Sprintf(a.t("integro e firmato dalla chiave indicata: %s", "whole and signed by the trusted key: %s"), v.Origin))
	}
	w.Para(fmt.Sprintf(a.t(
		"prove %d-%d di %d, checkpoint %d, dati in chiaro %d; secondo chi ha esportato (nessuna firma lo prova): cancellati %d, non inclusi %d",
		"records %d-%d of %d, checkpoints %d, side records in clear %d; as the exporter claims (no signature proves it): erased %d, withheld %d"),
		v.From, v.To-1, v.Size, v.Checkpoints, v.Sides, v.Erased, v.Withheld))
}

func (a *app) place(f *fault) string {
	switch {
	case f.Index != nil:
		return fmt.Sprintf(a.t("prova %d (riga %d)", "record %d (line %d)"), *f.Index, f.Line)
	case f.Checkpoint != nil:
		return fmt.Sprintf(a.t("checkpoint di %d prove (riga %d)", "checkpoint of %d records (line %d)"), *f.Checkpoint, f.Line)
	default:
		return fmt.Sprintf(a.t("riga %d", "line %d"), f.Line)
	}
}

// open reads a file, or standard input for "-".
func (a *app) open(file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(a.io.in), nil
	}
	f, err := os.Open(file) //nolint:gosec // the file the user names
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, errors.Unwrap(err))
	}
	return f, nil
}
