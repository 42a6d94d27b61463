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
	"github.com/snodo-pa/snodo/internal/keys"
)

func (a *app) keysCommand() *cobra.Command {
	return a.group("keys", a.t("chiavi dell'ente e delle applicazioni", "keys of the ente and of its applications"),
		"  snodo keys generate client enti/c_bf01/chiavi/client.pem\n  snodo keys api new --ente c_bf01 --applicazione sportello",
		a.keysGenerateCommand(), a.keysAPICommand())
}

// roleTexts says what each key is for.
func roleTexts() []struct {
	role   keys.Role
	it, en string
} {
	return []struct {
		role   keys.Role
		it, en string
	}{
		{keys.RoleClient, "client PDND: firma le client assertion (RSA 2048)", "PDND client: signs client assertions (RSA 2048)"},
		{keys.RoleModI, "firme ModI di un client, se distinte (RSA 2048)", "ModI signatures of a client, when kept apart (RSA 2048)"},
		{keys.RoleKeychain, "portachiavi erogatore: firma le risposte (RSA 2048)", "producer keychain: signs answers (RSA 2048)"},
		{keys.RoleProvenance, "sigillo dell'ente: firma la provenienza (EC P-256)", "seal of the ente: signs provenance (EC P-256)"},
		{keys.RoleCheckpoint, "sigillo dell'ente: firma i checkpoint (Ed25519)", "seal of the ente: signs checkpoints (Ed25519)"},
		{keys.RoleDPoP, "prove DPoP (EC P-256)", "DPoP proofs (EC P-256)"},
		{keys.RoleMaster, "chiave che cifra le prove (32 byte)", "key that encrypts the evidence (32 bytes)"},
	}
}

// generated is the result of keys generate. It never holds the private key.
type generated struct {
	Role      string `json:"role"`
	File      string `json:"file"`
	KID       string `json:"kid,omitempty"`
	PublicPEM string `json:"publicPEM,omitempty"`
	// Fingerprint is what evidence verify --trust takes; only for the checkpoint key.
	Fingerprint string `json:"fingerprint,omitempty"`
}

func (a *app) keysGenerateCommand() *cobra.Command {
	var roles strings.Builder
	for _, r := range roleTexts() {
		fmt.Fprintf(&roles, "  %-12s %s\n", r.role, a.t(r.it, r.en))
	}
	return &cobra.Command{
		Use:   "generate " + a.t("RUOLO FILE", "ROLE FILE"),
		Short: a.t("genera una chiave e la scrive in un file leggibile solo dal proprietario", "generate a key and write it to a file only its owner can read"),
		Long: a.t("Non sovrascrive mai un file. Stampa la chiave pubblica da caricare su PDND e il suo kid.\n\nRuoli:\n",
			"Never overwrites a file. Prints the public key to upload to PDND and its kid.\n\nRoles:\n") + roles.String(),
		Example: "  snodo keys generate client enti/c_bf01/chiavi/client.pem\n  snodo keys generate master chiavi/master.key",
		Args:    a.exactArgs(a.t("RUOLO", "ROLE"), "FILE"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.keysGenerate(args[0], args[1]) },
	}
}

func (a *app) keysGenerate(role, path string) error {
	known := make([]string, 0, len(roleTexts()))
	for _, r := range roleTexts() {
		known = append(known, string(r.role))
		if string(r.role) == role {
			return a.generateKey(r.role, path)
		}
	}
	return a.errorf("ruolo sconosciuto %q: i ruoli sono %s", "unknown role %q: the roles are %s", role, strings.Join(known, ", "))
}

func (a *app) generateKey(role keys.Role, path string) error {
	made, err := keys.Generate(a.rand, role, path)
	if err != nil {
		return err
	}
	result := generated{Role: string(role), File: made.Path, KID: made.KID, PublicPEM: string(made.PublicPEM)}
	if role == keys.RoleCheckpoint {
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
		return "", fmt.Errorf("checkpoint key: %w", err)
	}
	key, ok := public.(ed25519.PublicKey)
	if !ok {
		return "", fmt.Errorf("checkpoint key: %T is not Ed25519", public)
	}
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:]), nil
}
