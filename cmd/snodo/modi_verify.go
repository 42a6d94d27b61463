// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// modiVerifyOptions are the flags of modi verify.
type modiVerifyOptions struct {
	byhand.Verification

	pattern, at, empty                     string
	keys, ca, lenient, references, x5uHost []string
	online                                 bool
}

func (a *app) modiVerifyCommand() *cobra.Command {
	var o modiVerifyOptions
	cmd := &cobra.Command{
		Use:   "verify [FILE|TOKEN|-]",
		Short: a.t("dice se un messaggio HTTP rispetta uno o più pattern, e altrimenti ogni regola violata", "tell whether an HTTP message follows one or more patterns, and otherwise every broken rule"),
		Long: a.t(
			"Legge un messaggio HTTP/1.1 (o un token da solo, se il pattern è uno) da FILE o dallo standard\n"+
				"input. Di ogni regola violata dice che cosa era atteso, che cosa c'era e che cosa è successo\n"+
				"probabilmente. Senza --online non usa la rete.\n\n"+
				"Esce con 0 se il messaggio è accettato, con 1 se è rifiutato, con 2 se nulla è deciso (manca\n"+
				"un'opzione, una chiave o una risposta).\n\nPattern, anche più d'uno separati da virgole:\n",
			"Reads an HTTP/1.1 message (or a token alone, when there is one pattern) from FILE or standard\n"+
				"input. Of every broken rule it says what was expected, what was there and what probably\n"+
				"happened. Without --online it does not use the network.\n\n"+
				"Exits with 0 when the message is accepted, 1 when it is refused, 2 when nothing is decided (an\n"+
				"option, a key or an answer is missing).\n\nPatterns, several separated by commas:\n") + patternList(byhand.Patterns()) +
			a.t("\nTolleranze (--lenient), separate da virgole:\n", "\nLeniencies (--lenient), separated by commas:\n") + a.leniencies(),
		Example: "  snodo modi verify --pattern INTEGRITY_REST_02 --audience https://api.ente.example/v1 \\\n" +
			"    --keys chiavi.json richiesta.http\n" +
			"  snodo modi verify --pattern VOUCHER,AUDIT_REST_02,INTEGRITY_REST_02 --audience https://api.ente.example/v1 \\\n" +
			"    --keys pdnd.json --keys client.json --output json - < richiesta.http\n" +
			"  snodo modi verify --pattern ID_AUTH_REST_02,INTEGRITY_REST_01 --audience https://api.ente.example/v1 \\\n" +
			"    --ca ca.pem --at 2026-03-02T09:00:00Z richiesta.http",
		Args: a.optionalArg("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.modiVerify(cmd.Context(), o, args) },
	}
	a.modiVerifyFlags(cmd, &o)
	a.require(cmd, "pattern")
	return cmd
}

func (a *app) leniencies() string {
	var b strings.Builder
	for _, l := range modi.Leniencies() {
		fmt.Fprintf(&b, "  %-28s %s\n", l.Name, a.t(l.Text.IT, l.Text.EN))
	}
	return b.String()
}

func (a *app) modiVerifyFlags(cmd *cobra.Command, o *modiVerifyOptions) {
	f := cmd.Flags()
	f.StringVar(&o.pattern, "pattern", "", a.t("pattern da verificare, separati da virgole", "patterns to verify, separated by commas"))
	f.StringVar(&o.Audience, "audience", "", a.t("audience attesa (in una risposta, se manca, il client)", "expected audience (in a reply, by default, the client)"))
	f.StringSliceVar(&o.ca, "ca", nil, a.t("CA o certificati fidati, in PEM (ripetibile)", "trusted CAs or certificates, in PEM (repeatable)"))
	f.StringSliceVar(&o.keys, "keys", nil, a.t("chiavi pubbliche: JWKS, risposta di PDND a /keys/{kid} o PEM (ripetibile)", "public keys: JWKS, the answer of PDND to /keys/{kid}, or PEM (repeatable)"))
	f.StringVar(&o.ClientID, "client-id", "", a.t("client del fruitore, a cui appartengono le chiavi", "client of the consumer, to whom the keys belong"))
	f.StringVar(&o.at, "at", "", a.t("ora della verifica, RFC 3339 (predefinita adesso)", "time of the verification, RFC 3339 (default: now)"))
	f.BoolVar(&o.Reply, "response", false, a.t("il token da solo è di una risposta; di un messaggio lo dice la riga di stato", "the token alone is of a reply; of a message its status line says it"))
	f.StringSliceVar(&o.lenient, "lenient", nil, a.t("tolleranze, separate da virgole", "leniencies, separated by commas"))
	f.BoolVar(&o.online, "online", false, a.t("usa la rete: chiavi pubblicate da PDND, revoche, x5u", "use the network: keys that PDND publishes, revocations, x5u"))
	f.StringSliceVar(&o.references, "reference", nil, a.t("come può essere nominato il certificato: x5c, x5t#S256, x5u", "how the certificate may be named: x5c, x5t#S256, x5u"))
	f.StringSliceVar(&o.x5uHost, "x5u-host", nil, a.t("host da cui scaricare x5u, con --online (ripetibile)", "host from which x5u is fetched, with --online (repeatable)"))
	f.StringVar(&o.Issuer, "issuer", "", a.t("iss del voucher o della risposta PDND", "iss of the voucher or of PDND's reply"))
	f.StringVar(&o.ProducerID, "producer-id", "", a.t("producerId del voucher", "producerId of the voucher"))
	f.StringVar(&o.EserviceID, "eservice-id", "", a.t("eserviceId del voucher", "eserviceId of the voucher"))
	f.StringVar(&o.DescriptorID, "descriptor-id", "", a.t("descriptorId del voucher", "descriptorId of the voucher"))
	f.StringVar(&o.PurposeID, "purpose-id", "", a.t("finalità attesa nella tracciatura", "purpose expected in the tracking evidence"))
	f.StringVar(&o.Organization, "organization", "", a.t("codice fiscale che il certificato deve nominare", "codice fiscale that the certificate must name"))
	f.StringVar(&o.URL, "url", "", a.t("indirizzo della richiesta, per DPoP (predefinito https, Host e percorso)", "address of the request, for DPoP (default: https, Host and target)"))
	f.StringVar(&o.HeaderName, "header-name", "", a.t("nome dell'intestazione, se non è Agid-JWT-Signature", "name of the field, when it is not Agid-JWT-Signature"))
	f.StringSliceVar(&o.MustSign, "sign-header", nil, a.t("altra intestazione che deve essere firmata (ripetibile)", "other field that must be signed (repeatable)"))
	f.StringVar(&o.empty, "empty", "payload", a.t("quando la firma serve senza corpo", "when the signature is due without a body")+": payload | always | any-reply | any-request")
	f.StringVar(&o.RequestDigest, "request-digest", "", a.t("Digest della richiesta, che la risposta deve confermare", "Digest of the request, which the reply must confirm"))
}

func (a *app) modiVerify(ctx context.Context, o modiVerifyOptions, args []string) error {
	err := a.readVerification(&o)
	if err != nil {
		return err
	}
	data, err := a.tokenOrFile(append(args, "-")[0])
	if err != nil {
		return err
	}
	m, err := a.toVerify(data, &o)
	if err != nil {
		return err
	}
	var network *outbound.Client // nil without --online
	if o.online {
		network, err = outbound.New(outbound.Settings{})
		if err != nil {
			return err
		}
		defer network.Close()
		fetch := func(ctx context.Context, url string) ([]byte, error) { return fetch(ctx, network, url) }
		o.Keys = byhand.Platform{Files: o.Keys, Fetch: fetch, URL: byhand.PlatformURL(m)}
	}
	if err = a.trusted(&o, network); err != nil {
		return err
	}
	a.notes(m.Notes)
	verdict, err := byhand.Verify(ctx, m, o.Verification)
	if err != nil {
		return err
	}
	for _, t := range verdict.Unchecked {
		a.note(t)
	}
	err = a.emit(a.modiVerdict(verdict), func(w *terminal.Writer) { a.showModiVerdict(w, verdict, o.Clock()) })
	switch {
	case err != nil:
		return err
	case !verdict.Accepted:
		return no(nil)
	}
	return nil
}

// toVerify reads a message, or makes one of a token alone. A message that begins with a status
// line is a reply, whether or not --response says so.
func (a *app) toVerify(data []byte, o *modiVerifyOptions) (*message.Message, error) {
	m, err := byhand.ReadMessage(data)
	switch {
	case err != nil:
		return nil, a.notMessage(err)
	case m == nil && len(o.Patterns) > 1:
		return nil, a.errorf("un token da solo si verifica con un solo pattern: più pattern vogliono il messaggio HTTP", "a token alone is verified by one pattern: several need the HTTP message")
	case m == nil:
		if o.Reply && o.Audience == "" {
			o.Audience = o.ClientID
		}
		return byhand.Wrap(byhand.Bare(data), o.Patterns[0]), nil
	case m.IsRequest() && o.Reply:
		return nil, a.errorf("--response, ma il messaggio è una richiesta", "--response, but the message is a request")
	}
	o.Reply = !m.IsRequest()
	if o.Reply && o.Audience == "" {
		o.Audience = o.ClientID
	}
	return m, nil
}

// readVerification turns the words of the flags into values.
func (a *app) readVerification(o *modiVerifyOptions) error {
	var err error
	if o.Patterns, err = byhand.ParsePatterns(o.pattern, byhand.Patterns()); err != nil {
		return err
	}
	now, err := a.instant(o.at)
	if err != nil {
		return err
	}
	o.Clock = func() time.Time { return now }
	if o.References, err = a.references(o.references); err != nil {
		return err
	}
	if len(o.References) == 0 && o.online && len(o.x5uHost) > 0 {
		o.References = []token.Reference{token.X5C, token.X5TS256, token.X5U}
	}
	if err = a.tolerances(o); err != nil {
		return err
	}
	if o.Empty, err = rest.ParseEmptyPayload(o.empty); err != nil {
		return a.errorf("--empty %q: valori ammessi payload, always, any-reply, any-request", "--empty %q: allowed values are payload, always, any-reply, any-request", o.empty)
	}
	return a.publicKeys(o)
}

// tolerances reads --lenient, and names the word that it does not know.
func (a *app) tolerances(o *modiVerifyOptions) error {
	for i, name := range o.lenient {
		_, err := modi.ParseLenient([]string{name})
		switch {
		case err != nil:
			return a.errorf("--lenient: nome sconosciuto %q; vedere --help", "--lenient: unknown name %q; see --help", name)
		case slices.Contains(o.lenient[:i], name):
			return a.errorf("--lenient: %q è ripetuto", "--lenient: %q is repeated", name)
		}
	}
	var err error
	o.Lenient, err = modi.ParseLenient(o.lenient)
	return err
}

func (a *app) publicKeys(o *modiVerifyOptions) error {
	found := &byhand.Keys{Owner: o.ClientID}
	for _, name := range o.keys {
		data, err := os.ReadFile(name) //nolint:gosec // the file the user names
		if err != nil {
			return fileError(name, err)
		}
		if err = found.Add(data); err != nil {
			return a.errorf("--keys %s: %w", "--keys %s: %w", name, err)
		}
	}
	o.Keys = found
	return nil
}

// trusted opens --ca: a certificate of a CA is an anchor, any other is trusted by itself.
func (a *app) trusted(o *modiVerifyOptions, network *outbound.Client) error {
	if len(o.ca) == 0 {
		return nil
	}
	config, err := a.anchors(o.ca)
	if err != nil {
		return err
	}
	var fetcher trust.Fetcher
	if network != nil {
		config.Revoca, config.X5UHost, fetcher = trust.Required, o.x5uHost, network
	}
	store, err := trust.NewSources(fetcher, o.Clock).Open(config, nil)
	if err != nil {
		return a.errorf("--ca: %w", "--ca: %w", err)
	}
	o.Certificates = store
	return nil
}

// anchors sorts the files of --ca.
func (a *app) anchors(names []string) (trust.Config, error) {
	config := trust.Config{Revoca: trust.Off}
	for _, name := range names {
		found, err := a.certificates(name)
		if err != nil {
			return config, err
		}
		ca := 0
		for _, c := range found {
			if c.IsCA {
				ca++
			}
		}
		switch ca {
		case len(found):
			config.CA = append(config.CA, name)
		case 0:
			config.Pins = append(config.Pins, name)
		default:
			return config, a.errorf("--ca %s: CA e certificati di firma insieme: dividerli in due file", "--ca %s: CAs and signing certificates together: put them in two files", name)
		}
	}
	return config, nil
}

// fetch gets a public document.
func fetch(ctx context.Context, client *outbound.Client, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(ctx, req, outbound.Exchange{})
	if err != nil {
		return nil, err
	}
	if resp.Status != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.Status)
	}
	return resp.Body, nil
}

// fileError names the file that could not be read.
func fileError(name string, err error) error {
	return fmt.Errorf("%s: %w", name, errors.Unwrap(err))
}
