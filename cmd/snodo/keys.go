// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/keys"
)

func (a *app) keysCommand() *cobra.Command {
	return a.group("keys", a.t("chiavi dell'ente e delle applicazioni", "keys of the ente and of its applications"),
		"  snodo keys generate client enti/c_bf01/chiavi/client.pem\n  snodo keys api new --ente c_bf01 --applicazione sportello",
		a.keysGenerateCommand(), a.keysRotateCommand(), a.keysRevokeCommand(), a.keysAPICommand())
}

// generated is the result of keys generate. It never holds the private key.
type generated struct {
	Role      string `json:"role"`
	File      string `json:"file"`
	KID       string `json:"kid,omitempty"`
	PublicPEM string `json:"publicPEM,omitempty"`
	// Fingerprint is what evidence verify --trust takes; only for the checkpoint key.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Next says what to do with the public key, Configuration where the file is named.
	Next          string   `json:"next"`
	Configuration []string `json:"configuration,omitempty"`
}

func (a *app) keysGenerateCommand() *cobra.Command {
	var roles strings.Builder
	for _, r := range keyRoles() {
		fmt.Fprintf(&roles, "  %-12s %s\n", r.role, a.t(r.what.IT, r.what.EN))
	}
	return &cobra.Command{
		Use:   "generate " + a.t("RUOLO FILE", "ROLE FILE"),
		Short: a.t("genera una chiave e la scrive in un file leggibile solo dal proprietario", "generate a key and write it to a file only its owner can read"),
		Long: a.t("Non sovrascrive mai un file. Stampa la chiave pubblica, il suo kid e che cosa farne.\n\nRuoli:\n",
			"Never overwrites a file. Prints the public key, its kid and what to do with them.\n\nRoles:\n") + roles.String(),
		Example: "  snodo keys generate client enti/c_bf01/chiavi/client.pem\n  snodo keys generate master chiavi/master.key",
		Args:    a.exactArgs(a.t("RUOLO", "ROLE"), "FILE"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.keysGenerate(args[0], args[1]) },
	}
}

func (a *app) keysGenerate(role, path string) error {
	var known []string
	for _, r := range keyRoles() {
		known = append(known, string(r.role))
		if string(r.role) == role {
			return a.generateKey(r, path)
		}
	}
	return a.errorf("ruolo sconosciuto %q: i ruoli sono %s", "unknown role %q: the roles are %s", role, strings.Join(known, ", "))
}

func (a *app) generateKey(r keyRole, path string) error {
	made, err := keys.Generate(a.rand, r.role, path)
	if err != nil {
		return err
	}
	result := generated{
		Role: string(r.role), File: made.Path, KID: made.KID, PublicPEM: string(made.PublicPEM), Next: a.t(r.next.IT, r.next.EN),
	}
	for _, line := range r.line {
		result.Configuration = append(result.Configuration, strings.ReplaceAll(a.t(line.IT, line.EN), "%s", made.Path))
	}
	if r.role == keys.RoleCheckpoint {
		result.Fingerprint, err = checkpointFingerprint(made.PublicPEM)
		if err != nil {
			return err
		}
	}
	return a.emit(result, func(w *terminal.Writer) {
		w.Say(terminal.Good, fmt.Sprintf(a.t("chiave %s scritta in %s", "%s key written to %s"), result.Role, result.File))
		if result.KID != "" {
			w.Line("kid " + result.KID)
		}
		if result.PublicPEM != "" {
			w.Line(strings.TrimRight(result.PublicPEM, "\n"))
		}
		if result.Fingerprint != "" {
			w.Line(a.t("impronta ", "fingerprint ") + result.Fingerprint)
		}
		w.Blank()
		w.Para(result.Next)
		if len(result.Configuration) > 0 {
			w.Para(a.t("Nella configurazione (percorso relativo alla sua cartella):", "In the configuration (path relative to its folder):"))
			w.Code(result.Configuration...)
		}
	})
}

// checkpointFingerprint is the SHA-256 of an Ed25519 public key, in hexadecimal.
func checkpointFingerprint(publicPEM []byte) (string, error) {
	block, _ := pem.Decode(publicPEM)
	if block == nil {
		return "", errors.New("checkpoint key: no PEM block")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return "", bilingual.Errorf("chiave dei checkpoint: %w", "checkpoint key: %w", err)
	}
	key, ok := public.(ed25519.PublicKey)
	if !ok {
		return "", fmt.Errorf("checkpoint key: %T is not Ed25519", public)
	}
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:]), nil
}
