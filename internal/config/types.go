// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package config loads and checks the configuration folder: snodo.yaml, enti/ and
// recipes/. It owns the YAML format and every check that needs more than one file.
//
// It depends on registry and modi for the recipe format. It never opens a key, a
// socket or a database: files are named here and opened by their owners.
package config

import (
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// Config is a whole, checked configuration. It is read-only after Load.
type Config struct {
	Dir          string // absolute folder all relative paths are resolved against
	Hub          Hub
	Environments map[string]Environment // every environment that a binding names
	Enti         map[string]*Ente       // by codice IPA
	Consumes     map[string]*registry.Recipe
	Exposes      map[string]*registry.Exposure
}

// Environment is one PDND profile: its values are set together, never one by one.
type Environment struct {
	Name              string `yaml:"name"`
	Issuer            string `yaml:"issuer"`            // iss of vouchers
	TokenURL          string `yaml:"tokenURL"`          // token endpoint, also DPoP htu
	AssertionAudience string `yaml:"assertionAudience"` // aud of client assertions, no scheme
	JWKSURL           string `yaml:"jwksURL"`
	APIBase           string `yaml:"apiBase"`     // platform API without /v2, /v3
	APIAudience       string `yaml:"apiAudience"` // aud of API-client vouchers
	APIIssuer         string `yaml:"apiIssuer"`   // iss of the signed replies of API v3; "" = issuer
	APIJWKSURL        string `yaml:"apiJwksURL"`  // keys that sign them; "" = jwksURL
	TracingURL        string `yaml:"tracingURL"`  // PDND Tracing; "" = not available
}

// Hub is snodo.yaml.
type Hub struct {
	Name           string            `yaml:"name"` // origin of checkpoints, e.g. snodo.ente.example
	Listeners      Listeners         `yaml:"listeners"`
	Store          Store             `yaml:"store"`
	MasterKeyFile  string            `yaml:"masterKeyFile"`
	Evidence       Evidence          `yaml:"evidence"`
	Limits         Limits            `yaml:"limits"`
	Environments   map[string]string `yaml:"environments"`   // environment -> profile file that replaces it whole
	TrustedProxies []string          `yaml:"trustedProxies"` // CIDRs whose forwarded headers are believed
	Egress         Egress            `yaml:"egress"`
	EventsEvery    time.Duration     `yaml:"eventsEvery"` // between two looks at PDND's events of keys, default 1m
	Rete           *Rete             `yaml:"rete"`        // to PDND, for what is asked on behalf of no ente: its public keys
	ProblemBase    string            `yaml:"problemBase"` // base URL of problem types, default https://snodo.example/problems/
	RecipesDir     string            `yaml:"recipesDir"`  // own recipes beside the built-in ones
}

// Listeners are the three faces (D19).
type Listeners struct {
	Applicazioni Listener `yaml:"applicazioni"`
	Esposizione  Listener `yaml:"esposizione"`
	Gestione     Listener `yaml:"gestione"`
}

// Listener is an address or a Unix socket.
type Listener struct {
	Address string `yaml:"address"` // host:port
	Socket  string `yaml:"socket"`  // path; only for gestione
	TLS     *TLS   `yaml:"tls"`
}

// TLS names certificate files in PEM.
type TLS struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	ClientCA    string `yaml:"clientCA"` // when set, clients must present a certificate it signed
}

// Store chooses the database.
type Store struct {
	Kind    string `yaml:"kind"`    // sqlite | postgresql
	Path    string `yaml:"path"`    // sqlite file
	DSNFile string `yaml:"dsnFile"` // postgresql connection string
	DSNEnv  string `yaml:"dsnEnv"`
}

// Evidence says where checkpoints go and how often.
type Evidence struct {
	CheckpointFile  string        `yaml:"checkpointFile"`
	CheckpointEvery time.Duration `yaml:"checkpointEvery"`
}

// Limits bound what a caller may send.
type Limits struct {
	Body    int64         `yaml:"body"` // bytes, default 1 MiB
	Request time.Duration `yaml:"request"`
	// ConnectionsPerAddress is how many connections one address may hold of a listener, default 1024. The addresses of
	// TrustedProxies may hold any number.
	ConnectionsPerAddress int `yaml:"connectionsPerAddress"`
}

// Egress is the policy of the one dialer (D18).
type Egress struct {
	AllowPrivate []string `yaml:"allowPrivate"` // CIDRs that may be dialled although private
}

// Rete is the network of one binding, ente or hub (D11b). Verification is never off.
type Rete struct {
	CA                string `yaml:"ca"`                 // PEM file of private roots, added to the system's
	CertificatoClient string `yaml:"certificato_client"` // PEM with certificate and key for mTLS
	Proxy             string `yaml:"proxy"`              // http://host:port
	IPUscita          string `yaml:"ip_uscita"`
}

// Ente is enti/<codiceIPA>/.
type Ente struct {
	CodiceIPA     string                   `yaml:"codiceIPA"`
	Denominazione string                   `yaml:"denominazione"`
	CodiceFiscale string                   `yaml:"codiceFiscale"` // of the ente, 11 digits
	Tenants       map[string]string        `yaml:"tenants"`       // environment -> PDND tenant id
	Clients       map[string]Client        `yaml:"clients"`       // consumer clients by local name
	APIClients    map[string]Client        `yaml:"apiClients"`    // environment -> API client for lookups
	Keychains     map[string]Keychain      `yaml:"keychains"`     // producer keychains by local name
	Seal          Seal                     `yaml:"seal"`
	Uffici        map[string]Ufficio       `yaml:"uffici"`
	Operatori     map[string]Operatore     `yaml:"operatori"` // by userID
	Applicazioni  map[string]Applicazione  `yaml:"applicazioni"`
	Rete          *Rete                    `yaml:"rete"`
	Tracing       map[string]Tracing       `yaml:"tracing"`   // by environment; absent: nobody has said who submits
	Tesoreria     *Tesoreria               `yaml:"tesoreria"` // nil: its orders go to the treasurer some other way
	Procedimenti  map[string]*Procedimento `yaml:"-"`
	Consumes      map[string]*Consume      `yaml:"-"` // by recipe name
	Exposes       map[string]*Expose       `yaml:"-"` // by exposure name
}

// Client is one PDND client and its keys.
type Client struct {
	Environment string `yaml:"environment"`
	ID          string `yaml:"id"`      // clientId
	Key         string `yaml:"key"`     // PEM file: signs assertions
	KID         string `yaml:"kid"`     // "" = RFC 7638 thumbprint of the key
	ModIKey     string `yaml:"modiKey"` // PEM file for INTEGRITY/AUDIT; "" = the same key
	ModIKID     string `yaml:"modiKid"`
	DPoPKey     string `yaml:"dpopKey"` // PEM file, EC P-256: vouchers are bound to it where asked; PDND does not know it
	// Previous are PEM files of public keys that signed before and are still on PDND.
	Previous []string `yaml:"previous"`
}

// Keychain is a PDND producer keychain and its active key.
type Keychain struct {
	Environment string `yaml:"environment"`
	ID          string `yaml:"id"`
	Key         string `yaml:"key"`
	KID         string `yaml:"kid"`
	// Previous are PEM files of public keys that signed before and are still on PDND, where
	// consumers find them to verify older answers.
	Previous []string `yaml:"previous"`
}

// Seal are the ente's own keys: provenance (ES256), checkpoints (Ed25519) and, towards back ends, identity (ES256).
type Seal struct {
	Provenance          string   `yaml:"provenance"`          // PEM file, EC P-256
	Previous            []string `yaml:"previous"`            // PEM public keys no longer used but still published
	Checkpoint          string   `yaml:"checkpoint"`          // PEM file, Ed25519
	PreviousCheckpoints []string `yaml:"previousCheckpoints"` // PEM public keys that signed earlier checkpoints of the log
	Identity            string   `yaml:"identity"`            // PEM file, EC P-256: signs to back ends who calls
	PreviousIdentities  []string `yaml:"previousIdentities"`  // PEM public keys that did before and are still published
}

// Ufficio is an office of the ente.
type Ufficio struct {
	Denominazione string `yaml:"denominazione"`
	Responsabile  string `yaml:"responsabile"`
}

// Operatore is a person or a job of the ente.
type Operatore struct {
	Tipo         string   `yaml:"tipo"` // persona | automatismo
	Nome         string   `yaml:"nome"`
	Uffici       []string `yaml:"uffici"`
	Postazioni   []string `yaml:"postazioni"`   // empty = any
	LoA          string   `yaml:"loa"`          // highest level it may claim
	Responsabile string   `yaml:"responsabile"` // automatismo: the person answering for it
	Atto         string   `yaml:"atto"`         // automatismo: the act that institutes it
}

// Applicazione is one application of the ente.
type Applicazione struct {
	Denominazione string `yaml:"denominazione"`
	Operatori     string `yaml:"operatori"` // elenco (default) | dichiarati
	LoAMax        string `yaml:"loaMax"`    // cap when operatori is dichiarati
}

// Procedimento is the unit of authorisation (D10b): enti/<codiceIPA>/procedimenti/<name>.yaml.
type Procedimento struct {
	Nome                string            `yaml:"nome"`
	Titolo              string            `yaml:"titolo"`
	Norma               string            `yaml:"norma"`
	BaseGiuridica       string            `yaml:"baseGiuridica"` // art43, art71-campione, art71-dubbio
	Ufficio             string            `yaml:"ufficio"`
	Responsabile        string            `yaml:"responsabile"`
	Applicazioni        []string          `yaml:"applicazioni"`
	Operazioni          []Autorizzazione  `yaml:"operazioni"`
	Purposes            map[string]string `yaml:"purposes"` // service -> purposeId
	Conservazione       time.Duration     `yaml:"-"`
	ConservazioneGiorni int               `yaml:"conservazioneGiorni"` // retention of side records
	PraticaFormato      string            `yaml:"praticaFormato"`      // regexp the pratica must match, "" = any within the limits
	Proposta            string            `yaml:"proposta"`            // row of package proposte it is compared with, "" = none
}

// Autorizzazione allows one operation of one service and the fields that may be seen or, with Passante, the native calls
// of the service.
type Autorizzazione struct {
	Servizio   string   `yaml:"servizio"`
	Operazione string   `yaml:"operazione"`
	Modo       string   `yaml:"modo"` // accertamento (default): the data may be had; verifica: only compared with
	Campi      []string `yaml:"campi"`
	Passante   bool     `yaml:"passante"` // native calls: the answer is handed on whole
	Chiamate   []string `yaml:"chiamate"` // those allowed, as "GET /path/{x}"; empty = all of the service
}

// Consume binds a recipe to an ente: an item of consumes.yaml.
type Consume struct {
	Recipe        string  `yaml:"recipe"`
	Environment   string  `yaml:"environment"`
	Client        string  `yaml:"client"` // local name in ente.yaml, or <codiceIPA>/<name> of another ente of the hub
	Titolo        string  `yaml:"titolo"` // proprio | funzione trasferita | delega PDND <id> | servizio art. 28
	QuotaDaily    int64   `yaml:"quotaDaily"`
	QuotaReserve  *int64  `yaml:"quotaReserve"`  // hundredths of the daily quota that only persons may use, default 10
	RatePerSecond float64 `yaml:"ratePerSecond"` // 0 = no local limiter
	DPoP          bool    `yaml:"dpop"`          // the vouchers are bound to the client's dpopKey
	URL           string  `yaml:"url"`           // only for environment locale: where the mock listens
	SenzaC030     string  `yaml:"senza_c030"`    // rifiuta (default) | avvisa
	Rete          *Rete   `yaml:"rete"`

	Passante *Passante `yaml:"passante"` // how native calls are read; nil = only as the API documents
}

// What an operation of ANPR does for a procedimento without a purpose for C030, which
// finds the idANPR it is asked by.
const (
	SenzaC030Rifiuta = "rifiuta" // it is refused
	SenzaC030Avvisa  = "avvisa"  // it is asked by codice fiscale, and the operator is told
)

// WithoutC030 tells whether the services that an operation calls on its way may be
// missing.
func (c *Consume) WithoutC030() bool { return c != nil && c.SenzaC030 == SenzaC030Avvisa }

// Expose binds an exposure to an ente: an item of exposes.yaml.
type Expose struct {
	Recipe           string   `yaml:"recipe"`
	Environment      string   `yaml:"environment"`
	EserviceID       string   `yaml:"eserviceId"`
	DescriptorIDs    []string `yaml:"descriptorIds"`
	Audience         string   `yaml:"audience"`
	Keychain         string   `yaml:"keychain"`
	BackEnd          BackEnd  `yaml:"backEnd"`
	PublicURL        string   `yaml:"publicURL"`
	QuotaPerConsumer int64    `yaml:"quotaPerConsumer"` // 0 = recipe's
	QuotaTotal       int64    `yaml:"quotaTotal"`
	Contact          Contact  `yaml:"contact"` // of the published document
	Terms            string   `yaml:"terms"`   // where its terms of use are; "" = the page beside it
	Callers          Callers  `yaml:"callers"`
	Fiducia          *Fiducia `yaml:"fiducia"` // nil = no caller is known by a certificate
	// Callbacks are where the answers of NONBLOCK_PUSH_REST may go.
	Callbacks []Callback `yaml:"callbacks"`
}

// Callback lets the answers of an exposed e-service go to the callback e-service of one consumer, which the ente consumes
// in turn: an X-ReplyTo lies below the address of that recipe.
type Callback struct {
	Consumer     string `yaml:"consumer"`     // consumerId of who asks
	Service      string `yaml:"service"`      // consumes recipe, bound by the ente
	Procedimento string `yaml:"procedimento"` // that covers the call, with passante
	Applicazione string `yaml:"applicazione"` // in whose name the hub calls
	Operatore    string `yaml:"operatore"`    // userID of an operatore of tipo automatismo
}

// Contact is who answers for an exposed e-service, as its published document says.
type Contact struct {
	Name  string `yaml:"name"` // "" = the ente's denominazione
	Email string `yaml:"email"`
	URL   string `yaml:"url"`
}

// Fiducia says which certificates prove who calls, where an exposed e-service takes the patterns that name keys by
// certificate, and whose they may be.
type Fiducia struct {
	CA         []string `yaml:"ca"`         // PEM files of certification authorities
	Intermedie []string `yaml:"intermedie"` // PEM files of CA certificates that peers may leave out
	Pins       []string `yaml:"pins"`       // PEM files, or thumbprints of 43 characters, of certificates trusted by themselves
	Revoca     string   `yaml:"revoca"`     // obbligatoria (default) | se disponibile | no
	CRL        []string `yaml:"crl"`        // files or URLs asked before those that certificates name
	X5UHost    []string `yaml:"x5u_host"`   // hosts from which x5u is fetched
	// Organizzazioni are those that may call: codice fiscale in the certificate -> consumerId on PDND, "" for one that has
	// none. Beside a voucher the two must be the same organisation's.
	Organizzazioni map[string]string `yaml:"organizzazioni"`
}

// Callers says who may call an exposed e-service beyond what PDND lets through. Each list that is not empty must hold the
// caller's.
type Callers struct {
	Consumers  []string `yaml:"consumers"`  // consumerId
	Purposes   []string `yaml:"purposes"`   // purposeId
	Clients    []string `yaml:"clients"`    // client_id
	Categories []string `yaml:"categories"` // IPA category
	Attributes []string `yaml:"attributes"` // certified attributes, "origin/code"
}

// BackEnd is the procedure behind an exposed e-service.
type BackEnd struct {
	URL      string        `yaml:"url"`
	Socket   string        `yaml:"socket"`   // Unix socket behind url, an absolute path
	View     string        `yaml:"view"`     // instead of url: a file beside exposes.yaml that says what to read
	Identity string        `yaml:"identity"` // headers (default) | jwt | both: how the caller's identity is told
	Deadline time.Duration `yaml:"deadline"`
	Rete     *Rete         `yaml:"rete"`
}
