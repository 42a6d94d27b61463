// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"regexp"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// Tesoreria is the channel of an ente to SIOPE+ and its treasurer, and who may sign its orders. What Banca d'Italia has
// not published is a setting here whose default is what a known client does.
type Tesoreria struct {
	Environment     string   `yaml:"environment"`
	URL             string   `yaml:"url"`             // https://host; "" = that of the environment
	Tramite         string   `yaml:"tramite"`         // proprio (default) | terzo
	CodiceA2A       string   `yaml:"codiceA2A"`       // A2A-00000000, of who sends: the ente or its intermediary
	CodiceUfficio   string   `yaml:"codiceUfficio"`   // codice univoco ufficio, codice_ente of the flows
	CodiceISTAT     string   `yaml:"codiceISTAT"`     // codice_istat_ente
	CodiceABI       string   `yaml:"codiceABI"`       // of the treasurer
	CodiceTramiteBT string   `yaml:"codiceTramiteBT"` // A2A code of the treasurer or of its intermediary
	CodiceEnteBT    string   `yaml:"codiceEnteBT"`    // how the treasurer calls the ente
	Versione        string   `yaml:"versione"`        // of OPI
	Esercizi        []int    `yaml:"esercizi"`        // open years; empty = the present one
	Applicazioni    []string `yaml:"applicazioni"`    // that may use the treasury

	Firmatari   []Firmatario `yaml:"firmatari"`
	FirmatariCA []string     `yaml:"firmatariCA"` // PEM files of the authorities of their certificates
	TesoriereCA []string     `yaml:"tesoriereCA"` // PEM files of those of the treasurer's signatures
	// FirmeTesoriere are the organizationIdentifier, or codici fiscali, of who signs for the treasurer: what certificates
	// of TesoriereCA are its own. Not needed where the certificate itself is in TesoriereCA.
	FirmeTesoriere []string `yaml:"firmeTesoriere"`
	ChiaveFirma    string   `yaml:"chiaveFirma"` // PEM file, key and certificate; only in environment locale

	Ogni            time.Duration `yaml:"ogni"`            // between two readings of SIOPE+
	Sovrapposizione time.Duration `yaml:"sovrapposizione"` // how far back each reading begins before the last one
	AttesaEsito     time.Duration `yaml:"attesaEsito"`     // how long the ACKs are read after an unknown outcome before the flow is sent again
	Elenco          string        `yaml:"elenco"`          // nuovi (default) | tutti
	Massimo         int64         `yaml:"massimo"`         // bytes of a flow
	Avvisi          *Avvisi       `yaml:"avvisi"`          // nil = nobody is told of changes
	Rete            *Rete         `yaml:"rete"`            // with the client certificate of the channel; nil = the ente's
}

// Firmatario is a person who may sign the ente's orders.
type Firmatario struct {
	CodiceFiscale string `yaml:"codiceFiscale"`
	Operatore     string `yaml:"operatore"` // userID: who signs is not who prepares
}

// Avvisi are told of every change of state, without personal data.
type Avvisi struct {
	URL     string `yaml:"url"`
	Segreto string `yaml:"segreto"` // file: key of the HMAC in each message
}

// How an ente reaches SIOPE+, and what is listed there.
const (
	TramiteProprio = "proprio"
	TramiteTerzo   = "terzo"
	ElencoNuovi    = "nuovi" // what nobody fetched before
	ElencoTutti    = "tutti"
)

// Defaults of a [Tesoreria].
const (
	DefaultTesoreriaVersione        = "1.7.1"
	DefaultTesoreriaOgni            = time.Hour
	DefaultTesoreriaSovrapposizione = 24 * time.Hour
	DefaultTesoreriaAttesaEsito     = 5 * time.Minute
	DefaultTesoreriaMassimo         = 16 << 20

	// CollaudoSIOPE is where SIOPE+ is tried out, ProduzioneSIOPE where it is used: the latter is inferred from the former.
	CollaudoSIOPE   = "https://certa2a.siopeplus.it"
	ProduzioneSIOPE = "https://a2a.siopeplus.it"
)

func (t *Tesoreria) fillDefaults() {
	fill(&t.Tramite, TramiteProprio)
	fill(&t.Versione, DefaultTesoreriaVersione)
	fill(&t.Ogni, DefaultTesoreriaOgni)
	fill(&t.Sovrapposizione, DefaultTesoreriaSovrapposizione)
	fill(&t.AttesaEsito, DefaultTesoreriaAttesaEsito)
	fill(&t.Elenco, ElencoNuovi)
	fill(&t.Massimo, DefaultTesoreriaMassimo)
	switch t.Environment {
	case registry.Collaudo:
		fill(&t.URL, CollaudoSIOPE)
	case registry.Produzione:
		fill(&t.URL, ProduzioneSIOPE)
	}
}

var (
	a2aForm     = regexp.MustCompile(`^A2A-[0-9]{8}$`)
	firmaForm   = regexp.MustCompile(`^([A-Z]{3}[A-Z]{2}-[A-Z0-9./-]{1,40}|[A-Z0-9]{16})$`)
	ufficioForm = regexp.MustCompile(`^[A-Z0-9]{6}$`)
	istatForm   = regexp.MustCompile(`^[0-9]{9,15}$`)
	abiForm     = regexp.MustCompile(`^[0-9]{5}$`)
)

// tesoreria checks the block of that name.
func (c enteCheck) tesoreria() {
	t := c.e.ente.Tesoreria
	if t == nil {
		return
	}
	ask := checks{c.Report}
	at := func(key string, more ...any) []any { return append(yamlfile.Path("tesoreria", key), more...) }
	ask.oneOf(t.Environment, []string{registry.Produzione, registry.Collaudo, registry.Locale}, at("environment")...)
	ask.url(t.URL, false, at("url")...)
	ask.oneOf(t.Tramite, []string{TramiteProprio, TramiteTerzo}, at("tramite")...)
	for _, f := range []struct {
		key, value, example string
		form                *regexp.Regexp
	}{
		{"codiceA2A", t.CodiceA2A, "A2A-12345678", a2aForm},
		{"codiceTramiteBT", t.CodiceTramiteBT, "A2A-12345678", a2aForm},
		{"codiceUfficio", t.CodiceUfficio, "UFABC1", ufficioForm},
		{"codiceISTAT", t.CodiceISTAT, "000123456", istatForm},
		{"codiceABI", t.CodiceABI, "07601", abiForm},
	} {
		if c.Require(f.value, at(f.key)...) && !f.form.MatchString(f.value) {
			c.Addf(at(f.key), "tesoreria.%s non ha la forma di %s", "tesoreria.%s is not of the form %s", f.key, f.example)
		}
	}
	c.Require(t.CodiceEnteBT, at("codiceEnteBT")...)
	ask.oneOf(t.Versione, []string{"1.6.1", "1.7.1", "1.8"}, at("versione")...)
	ask.oneOf(t.Elenco, []string{ElencoNuovi, ElencoTutti}, at("elenco")...)
	for i, year := range t.Esercizi {
		if year < 1999 || year > 2099 {
			c.Addf(at("esercizi", i), "%d non è un esercizio", "%d is not a year of the treasury", year)
		}
	}
	c.tesoreriaTimes(t)
	for i, name := range t.Applicazioni {
		known(ask, c.e.ente.Applicazioni, name, same("applicazione"), at("applicazioni", i)...)
	}
	if len(t.Applicazioni) == 0 {
		c.Addf(at("applicazioni"), "tesoreria.applicazioni manca: elencare le applicazioni che possono usare la tesoreria",
			"tesoreria.applicazioni is missing: list the applications that may use the treasury")
	}
	c.firmatari(t)
	if a := t.Avvisi; a != nil {
		ask.url(a.URL, true, at("avvisi", "url")...)
		c.Require(a.Segreto, at("avvisi", "segreto")...)
	}
	c.channel(t)
}

func (c enteCheck) tesoreriaTimes(t *Tesoreria) {
	ask := checks{c.Report}
	least := time.Minute
	if t.Environment == registry.Locale {
		least = time.Second
	}
	ask.within(t.Ogni, least, 24*time.Hour, "tesoreria", "ogni")
	ask.within(t.Sovrapposizione, time.Hour, 30*24*time.Hour, "tesoreria", "sovrapposizione")
	ask.within(t.AttesaEsito, time.Second, time.Hour, "tesoreria", "attesaEsito")
	if t.Massimo < 1<<10 || t.Massimo > 64<<20 {
		c.Addf(yamlfile.Path("tesoreria", "massimo"), "tesoreria.massimo è %d: scrivere da 1024 a 67108864 byte",
			"tesoreria.massimo is %d: write 1024 to 67108864 bytes", t.Massimo)
	}
}

// firmatari checks who may sign: a server does not.
func (c enteCheck) firmatari(t *Tesoreria) {
	at := func(key string, more ...any) []any { return append(yamlfile.Path("tesoreria", key), more...) }
	var people []string
	for i, f := range t.Firmatari {
		if c.Require(f.CodiceFiscale, at("firmatari", i, "codiceFiscale")...) && codicefiscale.ValidPerson(f.CodiceFiscale) != nil {
			c.Addf(at("firmatari", i, "codiceFiscale"), "codiceFiscale non è quello di una persona: firma una persona, non un ente",
				"codiceFiscale is not a person's: a person signs, not a body")
		}
		if slices.Contains(people, f.CodiceFiscale) {
			c.Addf(at("firmatari", i, "codiceFiscale"), "il firmatario è scritto due volte", "the signatory is written twice")
		}
		people = append(people, f.CodiceFiscale)
		if known(checks{c.Report}, c.e.ente.Operatori, f.Operatore, same("operatore"), at("firmatari", i, "operatore")...) &&
			c.e.ente.Operatori[f.Operatore].Tipo != string(registry.Persona) {
			c.Addf(at("firmatari", i, "operatore"), "l'operatore %q è un automatismo: gli ordinativi li firma una persona",
				"operatore %q is an automatismo: a person signs the orders", f.Operatore)
		}
	}
	if len(t.Firmatari) == 0 {
		c.Addf(at("firmatari"), "tesoreria.firmatari manca: elencare le persone che possono firmare gli ordinativi",
			"tesoreria.firmatari is missing: list the people who may sign orders")
	}
	if len(t.FirmatariCA) == 0 {
		c.Addf(at("firmatariCA"), "tesoreria.firmatariCA manca: senza una CA nessuna firma si può verificare",
			"tesoreria.firmatariCA is missing: without a CA no signature can be verified")
	}
	if len(t.TesoriereCA) == 0 {
		c.Addf(at("tesoriereCA"), "tesoreria.tesoriereCA manca: i messaggi del tesoriere sono firmati e si verificano",
			"tesoreria.tesoriereCA is missing: the messages of the treasurer are signed, and verified")
	}
	for i, id := range t.FirmeTesoriere {
		if !firmaForm.MatchString(id) {
			c.Addf(at("firmeTesoriere", i), "%q non è un organizationIdentifier, come VATIT-01234567890, né il codice fiscale di una persona",
				"%q is no organizationIdentifier, such as VATIT-01234567890, nor a person's codice fiscale", id)
		}
	}
	if t.ChiaveFirma != "" && t.Environment != registry.Locale {
		c.Addf(at("chiaveFirma"), "tesoreria.chiaveFirma è ammessa solo nell'ambiente locale: un server non firma ordinativi di pagamento",
			"tesoreria.chiaveFirma is admitted in environment locale alone: a server does not sign payment orders")
	}
}

// channel checks that somebody holds the certificate with which SIOPE+ knows who calls.
func (c enteCheck) channel(t *Tesoreria) {
	net := t.Rete
	if net == nil {
		net = c.e.ente.Rete
	}
	if net == nil || net.CertificatoClient == "" {
		c.Addf(yamlfile.Path("tesoreria", "rete"), "tesoreria.rete.certificato_client manca: SIOPE+ riconosce chi chiama dal certificato",
			"tesoreria.rete.certificato_client is missing: SIOPE+ knows who calls by the certificate")
	}
	checks{c.Report}.rete(t.Rete, "tesoreria", "rete")
}

// tesoreria checks the files that the block names.
func (f fileCheck) tesoreria(r *yamlfile.Report, t *Tesoreria) {
	if t == nil {
		return
	}
	for i, file := range t.FirmatariCA {
		f.present(r, file, "tesoreria", "firmatariCA", i)
	}
	for i, file := range t.TesoriereCA {
		f.present(r, file, "tesoreria", "tesoriereCA", i)
	}
	f.secret(r, t.ChiaveFirma, "tesoreria", "chiaveFirma")
	if t.Avvisi != nil {
		f.secret(r, t.Avvisi.Segreto, "tesoreria", "avvisi", "segreto")
	}
	f.rete(r, t.Rete, "tesoreria", "rete")
}
