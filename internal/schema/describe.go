// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Items is the step of a path that goes from an array to what it holds.
const Items = "[]"

// Kind is what a document says of the values in one place.
type Kind struct {
	Type     string // string, integer, number, boolean, object, array; "" when the document does not say, or says several
	Format   string
	Nullable bool
}

// Parameter is a parameter of an operation that is held against the document.
type Parameter struct {
	In, Name string // path, query or header
	Kind     Kind
	Required bool
}

// Parameters lists the parameters in a fixed order.
func (o *Operation) Parameters() []Parameter {
	list := make([]Parameter, 0, len(o.params))
	for _, p := range o.params {
		list = append(list, Parameter{In: p.in, Name: p.name, Kind: kindFrom(p.schema), Required: p.required})
	}
	slices.SortFunc(list, func(a, b Parameter) int { return cmp.Or(strings.Compare(a.In, b.In), strings.Compare(a.Name, b.Name)) })
	return list
}

// BodyMember finds a place in the body of a request: names of members and Items. It is false when the document has no
// such place.
func (o *Operation) BodyMember(path ...string) (Kind, bool) { return find(o.body, path) }

// AnswerMember finds a place in the body of an answer with a status.
func (o *Operation) AnswerMember(status int, path ...string) (Kind, bool) {
	answer, ok := o.response(status)
	if !ok {
		return Kind{}, false
	}
	return find(answer.body, path)
}

// AnswerMedia is the media type of an answer with a status, the first by name when there are several; "" when the
// answer has no body. It is false when the document has no answer for the status.
func (o *Operation) AnswerMedia(status int) (string, bool) {
	answer, ok := o.response(status)
	if !ok || len(answer.body) == 0 {
		return "", ok
	}
	var media []string
	for name := range answer.body {
		media = append(media, name)
	}
	return slices.Min(media), true
}

func find(content map[string]*openapi3.Schema, path []string) (Kind, bool) {
	for _, s := range content {
		if found := walk(s, path, 0); found != nil {
			return kindFrom(found), true
		}
	}
	return Kind{}, false
}

// maxComposed bounds how deep compositions are followed: a document may compose a schema of itself.
const maxComposed = 16

// walk follows a path through properties, items and compositions; nil when there is no such place.
func walk(s *openapi3.Schema, path []string, composed int) *openapi3.Schema {
	if s == nil || composed > maxComposed {
		return nil
	}
	if len(path) == 0 {
		return s
	}
	if path[0] == Items && s.Items != nil {
		return walk(s.Items.Value, path[1:], 0)
	}
	if member, ok := s.Properties[path[0]]; ok && path[0] != Items {
		return walk(member.Value, path[1:], 0)
	}
	for _, part := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		if found := walk(part.Value, path, composed+1); found != nil {
			return found
		}
	}
	return nil
}

func kindFrom(s *openapi3.Schema) Kind {
	k := Kind{Format: s.Format, Nullable: s.Nullable}
	if s.Type != nil && len(s.Type.Slice()) == 1 {
		k.Type = s.Type.Slice()[0]
		return k
	}
	for _, part := range s.AllOf {
		if inner := kindFrom(part.Value); inner.Type != "" {
			return Kind{Type: inner.Type, Format: cmp.Or(k.Format, inner.Format), Nullable: k.Nullable}
		}
	}
	return k
}

// AnswerRequires lists the members that an object in the body of an answer must have.
func (o *Operation) AnswerRequires(status int, path ...string) []string {
	answer, _ := o.response(status)
	for _, s := range answer.body {
		if found := walk(s, path, 0); found != nil {
			return requiredNames(found, 0)
		}
	}
	return nil
}

func requiredNames(s *openapi3.Schema, composed int) []string {
	names := slices.Clone(s.Required)
	if composed < maxComposed {
		for _, part := range s.AllOf {
			names = append(names, requiredNames(part.Value, composed+1)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// BodyMembers lists the members of the object in the body of a request, in alphabetical order.
func (o *Operation) BodyMembers() []string { return namesIn(o.body, nil) }

// AnswerMembers lists the members of an object in the body of an answer, in alphabetical order.
func (o *Operation) AnswerMembers(status int, path ...string) []string {
	answer, _ := o.response(status)
	return namesIn(answer.body, path)
}

func namesIn(content map[string]*openapi3.Schema, path []string) []string {
	for _, s := range content {
		if found := walk(s, path, 0); found != nil {
			list := memberNames(found, 0)
			slices.Sort(list)
			return slices.Compact(list)
		}
	}
	return nil
}

func memberNames(s *openapi3.Schema, composed int) []string {
	list := slices.Collect(maps.Keys(s.Properties))
	if composed < maxComposed {
		for _, part := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
			list = append(list, memberNames(part.Value, composed+1)...)
		}
	}
	return list
}
