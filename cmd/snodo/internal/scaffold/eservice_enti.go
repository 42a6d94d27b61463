// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// entiFile says how many enti offer one e-service: what they share, and what each has of its own.
type entiFile struct {
	Tutti config.Expose             `yaml:"tutti"`
	Enti  map[string]*config.Expose `yaml:"enti"` // by codice IPA
}

// codiceIPA stands, in the texts shared by all, for that of each ente.
const codiceIPA = "{codiceIPA}"

// Bind makes the item of exposes.yaml of every ente of a file, by codice IPA. The path of an e-service is appended to a
// publicURL that is only an origin. The error lists every fault of the file; what is inside the items is checked by
// config.Load once they are in place.
func Bind(file string, text []byte, name string, major int) (map[string][]byte, error) {
	doc, err := yamlfile.Parse(file, text)
	if err != nil {
		return nil, err
	}
	var f entiFile
	report := doc.Report(doc.Into(&f))
	if len(f.Enti) == 0 {
		report.Addf(yamlfile.Path("enti"), "enti manca: scrivere il codice IPA di ogni ente e, sotto, ciò che ha di proprio", "enti is missing: write the codice IPA of every ente and, below, what is its own")
	}
	for _, ente := range slices.Sorted(maps.Keys(f.Enti)) {
		if f.Tutti.Recipe != "" || f.Enti[ente].Recipe != "" {
			report.Addf(yamlfile.Path("enti"), "recipe non si scrive qui: è %s", "recipe is not written here: it is %s", name)
			break
		}
	}
	if faults := report.Faults(); len(faults) > 0 {
		faults.Sort()
		return nil, faults
	}
	items := map[string][]byte{}
	for ente, own := range f.Enti {
		items[ente] = item(join(f.Tutti, *own), ente, name, major)
	}
	return items, nil
}

// join fills what an ente does not say with what all share.
func join(all, own config.Expose) config.Expose {
	own.Environment = cmp.Or(own.Environment, all.Environment)
	own.EserviceID = cmp.Or(own.EserviceID, all.EserviceID)
	if len(own.DescriptorIDs) == 0 {
		own.DescriptorIDs = all.DescriptorIDs
	}
	own.Audience = cmp.Or(own.Audience, all.Audience)
	own.Keychain = cmp.Or(own.Keychain, all.Keychain)
	own.PublicURL = cmp.Or(own.PublicURL, all.PublicURL)
	own.QuotaPerConsumer = cmp.Or(own.QuotaPerConsumer, all.QuotaPerConsumer)
	own.QuotaTotal = cmp.Or(own.QuotaTotal, all.QuotaTotal)
	own.Contact = config.Contact{
		Name: cmp.Or(own.Contact.Name, all.Contact.Name), Email: cmp.Or(own.Contact.Email, all.Contact.Email), URL: cmp.Or(own.Contact.URL, all.Contact.URL),
	}
	own.Terms = cmp.Or(own.Terms, all.Terms)
	b, shared := &own.BackEnd, all.BackEnd
	if b.URL == "" && b.View == "" {
		b.URL, b.View, b.Socket = shared.URL, shared.View, shared.Socket
	}
	b.Identity, b.Deadline = cmp.Or(b.Identity, shared.Identity), cmp.Or(b.Deadline, shared.Deadline)
	return own
}

// item writes one binding.
func item(x config.Expose, ente, name string, major int) []byte {
	of := func(s string) string { return quoted(strings.ReplaceAll(s, codiceIPA, ente)) }
	p := &page{}
	p.line(0, "- recipe: %s", name)
	line := func(key, value string) {
		if value != "" {
			p.line(1, "%s: %s", key, of(value))
		}
	}
	line("environment", x.Environment)
	line("eserviceId", x.EserviceID)
	p.line(1, "descriptorIds: %s", quoted(append([]string{}, x.DescriptorIDs...)))
	line("audience", x.Audience)
	line("keychain", x.Keychain)
	line("publicURL", publicURL(x.PublicURL, name, major))
	for key, n := range map[string]int64{"quotaPerConsumer": x.QuotaPerConsumer, "quotaTotal": x.QuotaTotal} {
		if n != 0 {
			p.line(1, "%s: %d", key, n)
		}
	}
	if pairs := inline(of, [][2]string{{"name", x.Contact.Name}, {"email", x.Contact.Email}, {"url", x.Contact.URL}}); pairs != "" {
		p.line(1, "contact: {%s}", pairs)
	}
	line("terms", x.Terms)
	deadline := ""
	if x.BackEnd.Deadline > 0 {
		deadline = x.BackEnd.Deadline.String()
	}
	p.line(1, "backEnd: {%s}", inline(of, [][2]string{
		{"url", x.BackEnd.URL}, {"view", x.BackEnd.View}, {"socket", x.BackEnd.Socket}, {"identity", x.BackEnd.Identity}, {"deadline", deadline},
	}))
	return bytes.Clone(p.Bytes())
}

// inline writes the members that say something.
func inline(of func(string) string, members [][2]string) string {
	var pairs []string
	for _, m := range members {
		if m[1] != "" {
			pairs = append(pairs, m[0]+": "+of(m[1]))
		}
	}
	return strings.Join(pairs, ", ")
}

// publicURL completes an origin with the path at which the hub serves the e-service.
func publicURL(given, name string, major int) string {
	if given == "" || strings.Contains(given, "/modi/") {
		return given
	}
	return fmt.Sprintf("%s/modi/%s/%s/v%d", strings.TrimRight(given, "/"), codiceIPA, name, major)
}

// AppendItem adds an item to exposes.yaml, whose text may be empty. One that binds the recipe already is left as it is, and
// bound is true. The error is yamlfile.Faults.
func AppendItem(file string, text, item []byte, name string) (out []byte, bound bool, err error) {
	doc, err := yamlfile.Parse(file, text)
	if err != nil {
		return nil, false, err
	}
	var items []struct {
		Recipe string `yaml:"recipe"`
	}
	_ = doc.Into(&items) // only the names are read here: unknown keys are those of the other members
	for _, one := range items {
		if one.Recipe == name {
			return text, true, nil
		}
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(bytes.Clone(text), '\n')
	}
	return slices.Concat(text, item), false, nil
}
