// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package scripted is a stand-in for e-services that are described as data: tables of
// invented records, routes, what a request is checked for, what is answered. It refuses
// what the real e-service refuses: the ModI verification, the quotas and the faults on
// demand are those of every mock.
//
// It owns the format of the data and those that are built in. It depends on
// mocks/internal/* and a YAML parser, never on the packages it is a mirror of.
package scripted

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// Script describes one e-service.
type Script struct {
	Name     string   `yaml:"name"`
	Eservice Eservice `yaml:"eservice"`
	// Request and Response are the ModI patterns beside the voucher.
	Request  []string `yaml:"request"`
	Response []string `yaml:"response"`
	// Quota of calls a day for a client and purpose; 10000 when zero.
	Quota int `yaml:"quota"`
	// Refusals replace the GovWay problem of a refusal, by HTTP status.
	Refusals map[int]any `yaml:"refusals"`
	// Tables hold the records.
	Tables map[string][]map[string]any `yaml:"tables"`
	Routes []Route                     `yaml:"routes"`
}

// Eservice is the e-service as registered on PDND.
type Eservice struct {
	Title        string `yaml:"title"`
	Path         string `yaml:"path"` // base path, without a final slash
	Audience     string `yaml:"audience"`
	EserviceID   string `yaml:"eserviceId"`
	DescriptorID string `yaml:"descriptorId"`
	ProducerID   string `yaml:"producerId"`
	ProducerName string `yaml:"producerName"`
	ProducerIPA  string `yaml:"producerIPA"`
}

// Route is one operation.
type Route struct {
	Method string  `yaml:"method"`
	Path   string  `yaml:"path"` // below the base path; {name} stands for one part
	Checks []Check `yaml:"checks"`
	// Find looks for one record; without it every request finds.
	Find *Find `yaml:"find"`
	// Start opens a job, which is ready after some questions about it.
	Start *Start `yaml:"start"`
	// Job is where the id of a job stands: path.id.
	Job     string  `yaml:"job"`
	Replies []Reply `yaml:"replies"`
}

// Check refuses a request. Places are path.x, query.x, header.X and body.a.b.
type Check struct {
	At       string `yaml:"at"`
	Pattern  string `yaml:"pattern"`  // whole value, when it is there
	Required bool   `yaml:"required"` // it must be there and not empty
	MaxItems int    `yaml:"maxItems"` // of a list, and of each item pattern speaks
	Known    *Find  `yaml:"known"`    // a record must be found
	Reply    Reply  `yaml:"reply"`

	pattern *regexp.Regexp
}

// Find looks for the first record of a table whose columns are equal to values of the
// request, whatever their case.
type Find struct {
	In string            `yaml:"in"`
	By map[string]string `yaml:"by"` // column: place
	// Within wants the value at a place between two columns, of which either may be empty.
	Within *Within `yaml:"within"`
}

// Within compares texts: dates written year first.
type Within struct {
	At   string `yaml:"at"`
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

// Start opens a job over the items at a place.
type Start struct {
	Items string `yaml:"items"`
	// Pending is how many questions about the job are answered with "not yet".
	Pending int `yaml:"pending"`
}

// Reply is one answer. In its body and headers ${place} stands for a value: those of
// checks, record.x, job.id, now, uuid, base. A member whose value is absent is left out.
// An object with the member $each becomes a list; see the package's data for one.
type Reply struct {
	When    string            `yaml:"when"` // found, absent, pending, ready; empty for always
	Status  int               `yaml:"status"`
	Headers map[string]string `yaml:"headers"`
	// Type is the media type; JSON, or a problem document for an error, when empty. A text of
	// another type than JSON is written as it is.
	Type string `yaml:"type"`
	Body any    `yaml:"body"`
}

// DefaultQuota is how many calls a day a client may make for a purpose.
const DefaultQuota = 10000

// ErrInvalid means that a script cannot be served; the text says why.
var ErrInvalid = errors.New("invalid script")

//go:embed data
var data embed.FS

// Builtin returns the scripts of the registries that have one.
func Builtin() ([]Script, error) {
	files, err := fs.Sub(data, "data")
	if err != nil {
		return nil, fmt.Errorf("open the built-in scripts: %w", err)
	}
	return Load(files)
}

// Load reads the *.yaml of a folder, by name. An error that wraps [ErrInvalid] names
// the file.
func Load(folder fs.FS) ([]Script, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the scripts: %w", err)
	}
	var all []Script
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		s, err := Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// Parse reads one script. Unknown keys are refused.
func Parse(text []byte) (Script, error) {
	var s Script
	if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
		return Script{}, fmt.Errorf("%w: %s", ErrInvalid, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	if s.Quota == 0 {
		s.Quota = DefaultQuota
	}
	return s, s.compile()
}

func (s *Script) compile() error {
	e := s.Eservice
	for name, id := range map[string]string{"eserviceId": e.EserviceID, "descriptorId": e.DescriptorID, "producerId": e.ProducerID} {
		if !rules.IsUUID(id) {
			return fmt.Errorf("%w: eservice.%s is no UUID", ErrInvalid, name)
		}
	}
	if s.Name == "" || e.Audience == "" || !strings.HasPrefix(e.Path, "/") || strings.HasSuffix(e.Path, "/") || len(s.Routes) == 0 {
		return fmt.Errorf("%w: name, eservice.audience, eservice.path without a final slash and routes are needed", ErrInvalid)
	}
	for _, pattern := range slices.Concat(s.Request, s.Response) {
		if pattern != patternIntegrity && pattern != patternAudit {
			return fmt.Errorf("%w: pattern %q is not one of %s, %s", ErrInvalid, pattern, patternIntegrity, patternAudit)
		}
	}
	for i := range s.Routes {
		if err := s.compileRoute(&s.Routes[i]); err != nil {
			return fmt.Errorf("%w: route %s %s: %s", ErrInvalid, s.Routes[i].Method, s.Routes[i].Path, err.Error())
		}
	}
	return nil
}

// The patterns a script may ask for.
const (
	patternIntegrity = "INTEGRITY_REST_02"
	patternAudit     = "AUDIT_REST_02"
)

func (s *Script) compileRoute(r *Route) error {
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	if !slices.Contains(methods, r.Method) || !strings.HasPrefix(r.Path, "/") || len(r.Replies) == 0 {
		return errors.New("a method, a path that begins with / and replies are needed")
	}
	finds := []*Find{r.Find}
	replies := slices.Clone(r.Replies)
	for i := range r.Checks {
		c := &r.Checks[i]
		if err := c.compile(); err != nil {
			return fmt.Errorf("check %d: %w", i, err)
		}
		finds, replies = append(finds, c.Known), append(replies, c.Reply)
	}
	for _, f := range finds {
		if err := f.check(s.Tables); err != nil {
			return err
		}
	}
	if r.Job != "" && !isPlace(r.Job) || r.Start != nil && !isPlace(r.Start.Items) {
		return errors.New("job and start.items are places such as path.id and body.a")
	}
	return checkReplies(replies)
}

// compile refuses a check that could not fail, which would let everything through.
func (c *Check) compile() error {
	if c.Known != nil {
		return nil
	}
	if !isPlace(c.At) {
		return fmt.Errorf("at %q is not a place such as path.x, query.x, header.X or body.a.b", c.At)
	}
	if c.Pattern == "" && !c.Required && c.MaxItems == 0 {
		return errors.New("pattern, required, maxItems or known is needed: else it refuses nothing")
	}
	if c.Pattern == "" {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + c.Pattern + ")$")
	if err != nil {
		return errors.New("the pattern is no regular expression")
	}
	c.pattern = pattern
	return nil
}

// check refuses what could find nothing. Without by and within it finds the first record.
func (f *Find) check(tables map[string][]map[string]any) error {
	if f == nil {
		return nil
	}
	table := tables[f.In]
	if table == nil {
		return fmt.Errorf("there is no table %q", f.In)
	}
	for column, from := range f.By {
		has := func(record map[string]any) bool { _, ok := record[column]; return ok }
		if !slices.ContainsFunc(table, has) || !isPlace(from) {
			return fmt.Errorf("by %s: %s: a column of the table and a place of the request are needed", column, from)
		}
	}
	if f.Within != nil && !isPlace(f.Within.At) {
		return fmt.Errorf("within.at %q is not a place", f.Within.At)
	}
	return nil
}

// isPlace tells the form of a place of a request from a word that stands for nothing.
func isPlace(s string) bool {
	root, rest, _ := strings.Cut(s, ".")
	switch root {
	case "path", "query", "header", "body":
		return rest != ""
	case "now", "today":
		return rest == ""
	default:
		return false
	}
}

func checkReplies(replies []Reply) error {
	for _, reply := range replies {
		if reply.Status < 200 || reply.Status > 599 {
			return fmt.Errorf("status %d is outside 200-599", reply.Status)
		}
		if !slices.Contains([]string{"", whenFound, whenAbsent, whenPending, whenReady}, reply.When) {
			return fmt.Errorf("when %q is not known", reply.When)
		}
	}
	return nil
}

// What a request may have met.
const (
	whenFound   = "found"
	whenAbsent  = "absent"
	whenPending = "pending"
	whenReady   = "ready"
)
