// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// The folders of the sheets, below enti/<codiceIPA>.
const (
	eservicesDir = "pdnd/eservices"
	purposesDir  = "pdnd/purposes"
)

// EserviceSheet is what an ente wants published: pdnd/eservices/<recipe>.yaml.
type EserviceSheet struct {
	Recipe                  string `yaml:"recipe"` // an exposes recipe, whose OpenAPI document is the interface
	Environment             string `yaml:"environment"`
	Name                    string `yaml:"name"`        // 5..60 characters, unique among the ente's e-services
	Description             string `yaml:"description"` // 10..400
	Version                 string `yaml:"version"`     // description of the version, 10..250; "" for none
	Audience                string `yaml:"audience"`
	PublicURL               string `yaml:"publicURL"`       // becomes the server of the interface
	VoucherLifespan         int64  `yaml:"voucherLifespan"` // seconds, 60..86400
	DailyCallsPerConsumer   int64  `yaml:"dailyCallsPerConsumer"`
	DailyCallsTotal         int64  `yaml:"dailyCallsTotal"`
	AgreementApprovalPolicy string `yaml:"agreementApprovalPolicy"` // AUTOMATIC | MANUAL
	PersonalData            *bool  `yaml:"personalData"`
	IsConsumerDelegable     bool   `yaml:"isConsumerDelegable"`
	IsClientAccessDelegable bool   `yaml:"isClientAccessDelegable"`
	Keychain                string `yaml:"keychain"` // local name in ente.yaml: signs the answers
}

// PurposeSheet is what an ente wants to consume, and why: pdnd/purposes/<name>.yaml. Its
// declaration of a purpose is made only when RiskAnalysis and Approvazione are whole.
type PurposeSheet struct {
	Recipe             string        `yaml:"recipe"` // a consumes recipe
	Environment        string        `yaml:"environment"`
	Client             string        `yaml:"client"` // as in consumes.yaml
	Titolo             string        `yaml:"titolo"` // as in consumes.yaml
	Title              string        `yaml:"title"`  // 5..60 characters, unique for consumer and e-service
	Description        string        `yaml:"description"`
	IsFreeOfCharge     bool          `yaml:"isFreeOfCharge"`
	FreeOfChargeReason string        `yaml:"freeOfChargeReason"`
	DailyCalls         int64         `yaml:"dailyCalls"`
	ConsumerNotes      string        `yaml:"consumerNotes"` // to the producer, with the request of access
	RiskAnalysis       *RiskAnalysis `yaml:"riskAnalysis"`
	Approvazione       *Approvazione `yaml:"approvazione"`

	name   string // of the file
	file   string // its path below the configuration folder
	sha256 string // of its bytes, hexadecimal
}

// RiskAnalysis is the form of the risk analysis, in the platform's own words.
type RiskAnalysis struct {
	Version string              `yaml:"version"`
	Answers map[string][]string `yaml:"answers"`
}

// Approvazione is who answers for the declaration.
type Approvazione struct {
	Da   string `yaml:"da"`   // the person who approves
	Il   string `yaml:"il"`   // the day, YYYY-MM-DD
	Atto string `yaml:"atto"` // the act of the ente
	DPO  DPO    `yaml:"dpo"`
}

// DPO is the consultation of the data protection officer.
type DPO struct {
	Consultato string `yaml:"consultato"` // who was consulted
	Il         string `yaml:"il"`         // the day, YYYY-MM-DD
}

// sheets are those of one ente.
type sheets struct {
	eservices []*EserviceSheet
	purposes  []*PurposeSheet
}

// readSheets reads the sheets of an ente, sorted by file name. The error is *config.Faults
// with every mistake of all of them. Where a declaration is incomplete it is no fault: the
// plan says what is missing.
func readSheets(c *config.Config, ente *config.Ente) (sheets, error) {
	var s sheets
	var faults yamlfile.Faults
	each(c, path.Join("enti", ente.CodiceIPA, eservicesDir), &faults, func(file, name string, data []byte) {
		sheet := &EserviceSheet{}
		if report := parse(file, data, sheet, &faults); report != nil {
			checkEservice(report, c, ente, name, sheet)
			faults = append(faults, report.Faults()...)
			s.eservices = append(s.eservices, sheet)
		}
	})
	each(c, path.Join("enti", ente.CodiceIPA, purposesDir), &faults, func(file, name string, data []byte) {
		sum := sha256.Sum256(data)
		sheet := &PurposeSheet{name: name, file: file, sha256: hex.EncodeToString(sum[:])}
		if report := parse(file, data, sheet, &faults); report != nil {
			checkPurpose(report, c, ente, sheet)
			faults = append(faults, report.Faults()...)
			s.purposes = append(s.purposes, sheet)
		}
	})
	if len(faults) > 0 {
		faults.Sort()
		return sheets{}, &config.Faults{List: faults}
	}
	return s, nil
}

// each reads the YAML files of a folder, which may be absent.
func each(c *config.Config, dir string, faults *yamlfile.Faults, read func(file, name string, data []byte)) {
	files := os.DirFS(c.Dir)
	entries, err := fs.ReadDir(files, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		*faults = append(*faults, yamlfile.NewFault(dir, 0, "la cartella non si può leggere", "the folder cannot be read"))
		return
	}
	for _, entry := range entries {
		file := path.Join(dir, entry.Name())
		name, isYAML := strings.CutSuffix(entry.Name(), ".yaml")
		if !isYAML || entry.IsDir() {
			*faults = append(*faults, yamlfile.NewFault(file, 0, "non è un file <nome>.yaml: qui nessun altro viene letto",
				"it is no <name>.yaml: nothing else is read here"))
			continue
		}
		data, err := fs.ReadFile(files, file)
		if err != nil {
			*faults = append(*faults, yamlfile.NewFault(file, 0, "il file non si può leggere", "the file cannot be read"))
			continue
		}
		read(file, name, data)
	}
}

// parse binds a sheet; nil when the file is no YAML of this format.
func parse(file string, data []byte, into any, faults *yamlfile.Faults) *yamlfile.Report {
	doc, err := yamlfile.Parse(file, data)
	var broken yamlfile.Faults
	if errors.As(err, &broken) {
		*faults = append(*faults, broken...)
		return nil
	}
	return doc.Report(doc.Into(into))
}

// within checks a number that PDND bounds.
func within(r *yamlfile.Report, value, least, most int64, key string) {
	if value < least || value > most {
		r.Addf(yamlfile.Path(key), "%s è %d: PDND vuole da %d a %d", "%s is %d: PDND wants %d to %d", key, value, least, most)
	}
}

// long checks a text that PDND bounds.
func long(r *yamlfile.Report, value string, least, most int, key string) {
	if n := len([]rune(strings.TrimSpace(value))); n < least || n > most {
		r.Addf(yamlfile.Path(key), "%s ha %d caratteri: PDND ne vuole da %d a %d", "%s has %d characters: PDND wants %d to %d", key, n, least, most)
	}
}

func oneOf(r *yamlfile.Report, value string, words []string, key string) {
	for _, w := range words {
		if w == value {
			return
		}
	}
	all := strings.Join(words, ", ")
	r.Addf(yamlfile.Path(key), "%s è %q: scrivere uno tra %s", "%s is %q: write one of %s", key, value, all)
}

// maxCalls is the greatest number of daily calls that PDND takes.
const maxCalls = 1_000_000_000

func checkEservice(r *yamlfile.Report, c *config.Config, ente *config.Ente, name string, s *EserviceSheet) {
	if r.Require(s.Recipe, "recipe") && s.Recipe != name {
		r.Addf(yamlfile.Path("recipe"), "recipe è %q e il file si chiama %s.yaml", "recipe is %q and the file is called %s.yaml", s.Recipe, name)
	} else if c.Exposes[s.Recipe] == nil {
		r.Addf(yamlfile.Path("recipe"), "non c'è una ricetta %q tra quelle esposte", "there is no exposes recipe %q", s.Recipe)
	}
	oneOf(r, s.Environment, registry.Environments(), "environment")
	long(r, s.Name, 5, 60, "name")
	long(r, s.Description, 10, 400, "description")
	if s.Version != "" {
		long(r, s.Version, 10, 250, "version")
	}
	if r.Require(s.Audience, "audience") && strings.ContainsAny(s.Audience, ", \t") {
		r.Addf(yamlfile.Path("audience"), "audience contiene una virgola o uno spazio", "audience holds a comma or a space")
	}
	r.Require(s.PublicURL, "publicURL")
	within(r, s.VoucherLifespan, 60, 86400, "voucherLifespan")
	within(r, s.DailyCallsPerConsumer, 1, maxCalls, "dailyCallsPerConsumer")
	within(r, s.DailyCallsTotal, max(1, s.DailyCallsPerConsumer), maxCalls, "dailyCallsTotal")
	oneOf(r, s.AgreementApprovalPolicy, []string{"AUTOMATIC", "MANUAL"}, "agreementApprovalPolicy")
	if s.PersonalData == nil {
		r.Addf(yamlfile.Path("personalData"), "personalData manca: scrivere se l'e-service tratta dati personali",
			"personalData is missing: write whether the e-service processes personal data")
	}
	if s.IsClientAccessDelegable && !s.IsConsumerDelegable {
		r.Addf(yamlfile.Path("isClientAccessDelegable"), "isClientAccessDelegable vuole isConsumerDelegable", "isClientAccessDelegable needs isConsumerDelegable")
	}
	if k, ok := ente.Keychains[s.Keychain]; !ok || k.Environment != s.Environment {
		r.Addf(yamlfile.Path("keychain"), "l'ente non ha un portachiavi %q di quell'ambiente", "the ente has no keychain %q of that environment", s.Keychain)
	}
	if x := ente.Exposes[s.Recipe]; x != nil && x.Environment == s.Environment {
		if x.Audience != s.Audience {
			r.Addf(yamlfile.Path("audience"), "audience è un'altra in exposes.yaml: %s", "audience is another in exposes.yaml: %s", x.Audience)
		}
		if x.PublicURL != s.PublicURL {
			r.Addf(yamlfile.Path("publicURL"), "publicURL è un altro in exposes.yaml: %s", "publicURL is another in exposes.yaml: %s", x.PublicURL)
		}
	}
}

func checkPurpose(r *yamlfile.Report, c *config.Config, ente *config.Ente, s *PurposeSheet) {
	if recipe := c.Consumes[s.Recipe]; recipe == nil {
		r.Addf(yamlfile.Path("recipe"), "non c'è una ricetta %q tra quelle consumate", "there is no consumes recipe %q", s.Recipe)
	} else if _, ok := recipe.Environments[s.Environment]; !ok {
		r.Addf(yamlfile.Path("environment"), "la ricetta %s non ha l'ambiente %q", "recipe %s has no environment %q", s.Recipe, s.Environment)
	}
	binding := s.binding()
	switch client, ok := c.ClientOf(ente, binding); {
	case !ok:
		r.Addf(yamlfile.Path("client"), "il client %q non c'è", "there is no client %q", s.Client)
	case client.Environment != s.Environment:
		r.Addf(yamlfile.Path("client"), "il client %s è dell'ambiente %q", "client %s is of environment %q", s.Client, client.Environment)
	default:
		if _, tenant := c.ConsumerOf(ente, binding); tenant == "" {
			r.Addf(yamlfile.Path("titolo"), "con questo titolo serve tenants.%s del fruitore, che manca", "this titolo needs tenants.%s of the consumer, which is missing", s.Environment)
		}
	}
	if s.Titolo != config.TitoloProprio && s.Titolo != config.TitoloFunzione && s.Titolo != config.TitoloServizio28 && binding.Delegation() == "" {
		r.Addf(yamlfile.Path("titolo"), "titolo è %q: scrivere proprio, funzione trasferita, servizio art. 28 oppure delega PDND seguito dall'id",
			"titolo is %q: write proprio, funzione trasferita, servizio art. 28 or delega PDND followed by the id", s.Titolo)
	}
	long(r, s.Title, 5, 60, "title")
	long(r, s.Description, 10, 250, "description")
	within(r, s.DailyCalls, 1, maxCalls, "dailyCalls")
	if s.IsFreeOfCharge {
		r.Require(s.FreeOfChargeReason, "freeOfChargeReason")
	}
	long(r, s.ConsumerNotes, 0, 1000, "consumerNotes")
}

// binding is the item of consumes.yaml that the sheet stands for.
func (s *PurposeSheet) binding() *config.Consume {
	return &config.Consume{Recipe: s.Recipe, Environment: s.Environment, Client: s.Client, Titolo: s.Titolo}
}
