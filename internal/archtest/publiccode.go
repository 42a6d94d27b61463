// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// publicCode is publiccode.yml as version 0.7 of the standard has it, as far as the
// project uses it. Reading is strict: a key that is not here is a finding, which
// includes the national section that 0.7 deprecates.
type publicCode struct {
	Version           string                     `yaml:"publiccodeYmlVersion"`
	Name              string                     `yaml:"name"`
	URL               string                     `yaml:"url"`
	LandingURL        string                     `yaml:"landingURL"`
	SoftwareVersion   string                     `yaml:"softwareVersion"`
	ReleaseDate       string                     `yaml:"releaseDate"`
	Organisation      publicOrganisation         `yaml:"organisation"`
	Platforms         []string                   `yaml:"platforms"`
	Categories        []string                   `yaml:"categories"`
	DevelopmentStatus string                     `yaml:"developmentStatus"`
	SoftwareType      string                     `yaml:"softwareType"`
	IntendedAudience  publicAudience             `yaml:"intendedAudience"`
	Supports          []publicReference          `yaml:"supports"`
	Description       map[string]publicLanguages `yaml:"description"`
	Legal             publicLegal                `yaml:"legal"`
	Maintenance       publicMaintenance          `yaml:"maintenance"`
	Localisation      publicLocalisation         `yaml:"localisation"`
	DependsOn         map[string][]publicNeed    `yaml:"dependsOn"`
}

type publicOrganisation struct {
	URI  string `yaml:"uri"`
	Name string `yaml:"name"`
}

type publicReference struct {
	ID string `yaml:"id"`
}

type publicAudience struct {
	Countries []string `yaml:"countries"`
	Scope     []string `yaml:"scope"`
}

type publicLanguages struct {
	Short         string   `yaml:"shortDescription"`
	Long          string   `yaml:"longDescription"`
	Documentation string   `yaml:"documentation"`
	Features      []string `yaml:"features"`
}

type publicLegal struct {
	License            string `yaml:"license"`
	MainCopyrightOwner string `yaml:"mainCopyrightOwner"`
}

type publicMaintenance struct {
	Type     string          `yaml:"type"`
	Contacts []publicContact `yaml:"contacts"`
}

type publicContact struct {
	Name  string `yaml:"name"`
	Email string `yaml:"email"`
}

type publicLocalisation struct {
	Ready     *bool    `yaml:"localisationReady"`
	Languages []string `yaml:"availableLanguages"`
}

type publicNeed struct {
	Name       string `yaml:"name"`
	VersionMin string `yaml:"versionMin"`
	Optional   bool   `yaml:"optional"`
}

var (
	statuses = []string{"concept", "development", "beta", "stable", "obsolete"}
	types    = []string{
		"standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web", "standalone/backend",
		"standalone/other", "addon", "library", "configurationFiles",
	}
	aliases  = []string{"gdpr", "eidas", "nis2", "cra", "spid", "cie", "anpr", "pagopa", "io"}
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]+)*$`)
)

// checkPublicCode holds publiccode.yml against the rules of version 0.7.
func checkPublicCode(text []byte) []string {
	var p publicCode
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
		return []string{fmt.Sprintf("publiccode.yml: %v", err)}
	}
	var found []string
	require := func(ok bool, format string, args ...any) {
		if !ok {
			found = append(found, "publiccode.yml: "+fmt.Sprintf(format, args...))
		}
	}
	require(p.Version == "0.7", "publiccodeYmlVersion %q: expected \"0.7\"", p.Version)
	require(p.Name != "", "name is missing")
	require(webAddress(p.URL), "url %q: expected an http or https address", p.URL)
	require(p.LandingURL == "" || webAddress(p.LandingURL), "landingURL %q: expected an http or https address", p.LandingURL)
	require(len(p.Platforms) > 0, "platforms: expected at least one")
	require(slices.Contains(statuses, p.DevelopmentStatus), "developmentStatus %q: expected one of %s", p.DevelopmentStatus, strings.Join(statuses, ", "))
	require(slices.Contains(types, p.SoftwareType), "softwareType %q: expected one of %s", p.SoftwareType, strings.Join(types, ", "))
	require(p.SoftwareVersion == "" || p.ReleaseDate != "", "releaseDate is missing beside softwareVersion")
	require(p.Legal.License != "", "legal.license is missing")
	require(p.Localisation.Ready != nil, "localisation.localisationReady is missing")
	require(len(p.Localisation.Languages) > 0, "localisation.availableLanguages: expected at least one")
	for _, tag := range p.Localisation.Languages {
		require(language.MatchString(tag), "localisation.availableLanguages: %q is not a language tag", tag)
	}
	for _, s := range p.Supports {
		alias, isAlias := strings.CutPrefix(s.ID, "alias:")
		require(isAlias && slices.Contains(aliases, alias) || webAddress(s.ID), "supports: %q is neither a known alias nor an address", s.ID)
	}
	found = append(found, checkMaintenance(p.Maintenance)...)
	return append(found, checkDescriptions(p.Description)...)
}

func checkMaintenance(m publicMaintenance) []string {
	switch m.Type {
	case "internal", "community":
		if len(m.Contacts) == 0 || m.Contacts[0].Name == "" {
			return []string{"publiccode.yml: maintenance.contacts: expected at least one name"}
		}
	case "none":
	default:
		return []string{fmt.Sprintf("publiccode.yml: maintenance.type %q: expected internal, community or none", m.Type)}
	}
	return nil
}

// checkDescriptions asks for Italian, the language of the catalogue, and holds every
// language against the lengths of the standard, which are in characters.
func checkDescriptions(all map[string]publicLanguages) []string {
	var found []string
	if _, ok := all["it"]; !ok {
		found = append(found, "publiccode.yml: description.it is missing")
	}
	for tag, d := range all {
		where := "publiccode.yml: description." + tag
		if n := utf8.RuneCountInString(strings.TrimSpace(d.Short)); n == 0 || n > 150 {
			found = append(found, fmt.Sprintf("%s.shortDescription has %d characters, from 1 to 150", where, n))
		}
		if n := utf8.RuneCountInString(strings.TrimSpace(d.Long)); n < 150 || n > 10000 {
			found = append(found, fmt.Sprintf("%s.longDescription has %d characters, from 150 to 10000", where, n))
		}
		if len(d.Features) == 0 {
			found = append(found, where+".features: expected at least one")
		}
		for _, feature := range d.Features {
			if n := utf8.RuneCountInString(feature); n > 100 {
				found = append(found, fmt.Sprintf("%s.features: %q has %d characters, at most 100", where, feature, n))
			}
		}
	}
	sort.Strings(found)
	return found
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
