// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// modiSignOptions are the flags of modi sign.
type modiSignOptions struct {
	byhand.Signing

	pattern, key, kid, alg, cert, x5u, at, empty, digest string
	references                                           []string
}

func (a *app) modiSignCommand() *cobra.Command {
	var o modiSignOptions
	cmd := &cobra.Command{
		Use:   "sign [FILE]",
		Short: a.t("aggiunge a un messaggio HTTP le prove di uno o più pattern", "add the proofs of one or more patterns to an HTTP message"),
		Long: a.t(
			"Legge un messaggio HTTP/1.1 scritto a mano (riga di richiesta o di stato, intestazioni, riga\n"+
				"vuota, corpo) da FILE o dallo standard input e lo scrive sullo standard output con le prove\n"+
				"aggiunte. Il resto del messaggio non cambia, nemmeno l'ordine delle intestazioni.\n\n"+
				"Pattern, anche più d'uno separati da virgole:\n",
			"Reads an HTTP/1.1 message written by hand (request line or status line, fields, blank line,\n"+
				"body) from FILE or standard input and writes it to standard output with the proofs added.\n"+
				"The rest of the message stays as it is, the order of the fields included.\n\n"+
				"Patterns, several separated by commas:\n") + patternList(byhand.Signable()),
		Example: "  snodo modi sign --pattern INTEGRITY_REST_02 --key client.pem --client-id 0f2b6a1e-… \\\n" +
			"    --audience https://api.ente.example/v1 < richiesta.http > firmata.http\n" +
			"  snodo modi sign --pattern ID_AUTH_REST_02,INTEGRITY_REST_01 --key firma.pem --cert firma.crt \\\n" +
			"    --audience https://api.ente.example/v1 richiesta.http\n" +
			"  snodo modi sign --pattern DPOP --key dpop.pem richiesta.http",
		Args: a.optionalArg("FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.modiSign(o, args) },
	}
	a.modiSignFlags(cmd, &o)
	a.require(cmd, "pattern", "key")
	return cmd
}

// patternList shows patterns with the short names that some have.
func patternList(patterns []modi.Pattern) string {
	var b strings.Builder
	for _, p := range patterns {
		fmt.Fprintf(&b, "  %s\n", byhand.Label(p))
	}
	return b.String()
}

func (a *app) modiSignFlags(cmd *cobra.Command, o *modiSignOptions) {
	f := cmd.Flags()
	f.StringVar(&o.pattern, "pattern", "", a.t("pattern da aggiungere, separati da virgole", "patterns to add, separated by commas"))
	f.StringVar(&o.key, "key", "", a.t("file della chiave privata", "file of the private key"))
	f.StringVar(&o.kid, "kid", "", a.t("kid, se non è l'impronta della chiave", "kid, when it is not the thumbprint of the key"))
	f.StringVar(&o.alg, "alg", "", a.t("algoritmo: RS256…RS512, ES256…ES512 (predefinito secondo la chiave)", "algorithm: RS256…RS512, ES256…ES512 (default: by the key)"))
	f.StringVar(&o.cert, "cert", "", a.t("certificati in PEM, prima quello della chiave", "certificates in PEM, that of the key first"))
	f.StringSliceVar(&o.references, "reference", nil, a.t("come nominare il certificato: x5c, x5c-chain, x5t#S256, x5u", "how to name the certificate: x5c, x5c-chain, x5t#S256, x5u"))
	f.StringVar(&o.x5u, "x5u", "", a.t("indirizzo del certificato, per x5u", "address of the certificate, for x5u"))
	f.StringVar(&o.Audience, "audience", "", a.t("audience dell'e-service, o client del fruitore in una risposta", "audience of the e-service, or the consumer's client in a reply"))
	f.StringVar(&o.ClientID, "client-id", "", a.t("client che firma (iss e sub)", "client that signs (iss and sub)"))
	f.StringVar(&o.Issuer, "issuer", "", a.t("iss, se diverso dal client", "iss, when it is not the client"))
	f.StringVar(&o.Subject, "subject", "", a.t("sub, se diverso da iss", "sub, when it is not iss"))
	f.StringVar(&o.PurposeID, "purpose-id", "", a.t("finalità, per AUDIT_REST", "purpose, for AUDIT_REST"))
	f.StringVar(&o.UserID, "user-id", "", a.t("utente, per AUDIT_REST", "user, for AUDIT_REST"))
	f.StringVar(&o.UserLocation, "user-location", "", a.t("postazione, per AUDIT_REST", "workstation, for AUDIT_REST"))
	f.StringVar(&o.LoA, "loa", "", a.t("livello di garanzia, per AUDIT_REST", "level of assurance, for AUDIT_REST"))
	f.StringSliceVar(&o.SignedHeaders, "sign-header", nil, a.t("altra intestazione da firmare (ripetibile)", "other field to sign (repeatable)"))
	f.StringVar(&o.HeaderName, "header-name", "", a.t("nome dell'intestazione, se non è Agid-JWT-Signature", "name of the field, when it is not Agid-JWT-Signature"))
	f.StringVar(&o.digest, "digest", "SHA-256", "SHA-256 | SHA-384 | SHA-512")
	f.BoolVar(&o.DigestHex, "digest-hex", false, a.t("Digest in esadecimale, per i servizi che lo chiedono", "Digest in hexadecimal, for services that ask it"))
	f.StringVar(&o.empty, "empty", "payload", a.t("quando firmare senza corpo", "when to sign without a body")+": payload | always | any-reply | any-request")
	f.StringVar(&o.RequestDigest, "request-digest", "", a.t("Digest della richiesta, da confermare nella risposta", "Digest of the request, to confirm in the reply"))
	f.StringVar(&o.URL, "url", "", a.t("indirizzo della richiesta, per DPoP (predefinito https, Host e percorso)", "address of the request, for DPoP (default: https, Host and target)"))
	f.DurationVar(&o.Lifetime, "lifetime", 5*time.Minute, a.t("validità (exp - iat)", "lifetime (exp - iat)"))
	f.DurationVar(&o.BackDate, "back-date", 5*time.Second, a.t("di quanto iat precede l'ora", "how far iat lies before the time"))
	f.StringVar(&o.at, "at", "", a.t("ora della firma, RFC 3339 (predefinita adesso)", "time of the signature, RFC 3339 (default: now)"))
}

func (a *app) modiSign(o modiSignOptions, args []string) error {
	err := a.readSigning(&o)
	if err != nil {
		return err
	}
	data, err := a.input(args)
	if err != nil {
		return err
	}
	m, err := message.Parse(data)
	if err != nil {
		return a.notMessage(err)
	}
	signed, err := byhand.Sign(m, o.Signing)
	if err != nil {
		return err
	}
	a.notes(m.Notes)
	if doubt := o.Doubt(); doubt != (modi.Text{}) {
		a.note(doubt)
	}
	for _, s := range signed {
		switch {
		case s.Header == "":
			a.hint("nota: %s non aggiunto: il messaggio non ha corpo (--empty always lo firma comunque)",
				"note: %s not added: the message has no body (--empty always signs it anyway)", s.Pattern)
		case s.EvidenceDigest != nil:
			a.hint("nota: la client assertion deve portare \"digest\":{\"alg\":%q,\"value\":%q}",
				"note: the client assertion must carry \"digest\":{\"alg\":%q,\"value\":%q}", s.EvidenceDigest.Alg, s.EvidenceDigest.Value)
		}
	}
	_, err = a.io.out.Write(m.Bytes())
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// readSigning turns the words of the flags into values.
func (a *app) readSigning(o *modiSignOptions) error {
	var err error
	o.Rand = a.rand
	if o.Patterns, err = byhand.ParsePatterns(o.pattern, byhand.Signable()); err != nil {
		return err
	}
	if o.Now, err = a.instant(o.at); err != nil {
		return err
	}
	if o.References, err = a.references(o.references); err != nil {
		return err
	}
	if o.Empty, err = rest.ParseEmptyPayload(o.empty); err != nil {
		return a.errorf("--empty %q: valori ammessi payload, always, any-reply, any-request", "--empty %q: allowed values are payload, always, any-reply, any-request", o.empty)
	}
	known := map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}
	var ok bool
	if o.Digest, ok = known[strings.ToUpper(o.digest)]; !ok {
		return a.errorf("--digest %q: valori ammessi SHA-256, SHA-384, SHA-512", "--digest %q: allowed values are SHA-256, SHA-384, SHA-512", o.digest)
	}
	return a.signingKey(o)
}

// signingKey opens the private key and the certificates that name it.
func (a *app) signingKey(o *modiSignOptions) error {
	pair, err := keys.Files{}.Pair(o.key)
	if err != nil {
		return err
	}
	signer := pair.Signer
	k := token.SigningKey{
		KID: o.kid, Algorithm: token.Algorithm(strings.ToUpper(o.alg)), Signer: signer, Chain: pair.Chain, X5U: o.x5u,
	}
	if k.Algorithm == "" {
		k.Algorithm = defaultAlgorithm(signer.Public())
	}
	if o.cert != "" {
		if k.Chain, err = a.certificates(o.cert); err != nil {
			return err
		}
	}
	byKID := slices.ContainsFunc(o.Patterns, func(p modi.Pattern) bool {
		return p == modi.PatternIntegrityREST02 || p == modi.PatternAuditREST02
	})
	if k.KID == "" && (len(k.Chain) == 0 || byKID) { // a key file may bring a certificate along
		if k.KID, err = token.Thumbprint(signer.Public()); err != nil {
			return a.errorf("%s: questa chiave non firma token (RSA, o EC P-256, P-384, P-521)", "%s: this key signs no token (RSA, or EC P-256, P-384, P-521)", o.key)
		}
	}
	o.Key = k
	return nil
}

func defaultAlgorithm(public crypto.PublicKey) token.Algorithm {
	key, ok := public.(*ecdsa.PublicKey)
	if !ok {
		return token.RS256
	}
	switch key.Curve.Params().BitSize {
	case 384:
		return token.ES384
	case 521:
		return token.ES512
	default:
		return token.ES256
	}
}

// certificates reads a PEM file of certificates.
func (a *app) certificates(name string) ([]*x509.Certificate, error) {
	data, err := os.ReadFile(name) //nolint:gosec // the file the user names
	if err != nil {
		return nil, fileError(name, err)
	}
	found, err := trust.ParseBundle(data)
	if err != nil {
		return nil, a.errorf("%s: %w", "%s: %w", name, err)
	}
	return found, nil
}
