// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apirules

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

const (
	mediaProblem    = "application/problem+json"
	mediaProblemXML = "application/problem+xml"
	mediaJSON       = "application/json"
)

func itoa(i int) string { return strconv.Itoa(i) }

// status wants the probe that every e-service has.
func (c *check) status(op object, at string) {
	if op == nil {
		c.add(StatusMissing, "/paths")
		return
	}
	responses := asObject(op["responses"])
	for code := range responses {
		answer, place := c.resolve(responses[code], pointer(at, "responses", code))
		for media := range asObject(answer["content"]) {
			switch {
			case code == "200" && media != mediaProblem && media != mediaJSON:
				c.add(StatusUpMedia, place)
			case (code[:1] == "4" || code[:1] == "5") && media != mediaProblem:
				c.add(StatusDownMedia, place)
			}
		}
	}
}

// answers looks at each answer of an operation, and for those that must be there.
func (c *check) answers(path string, op object, at string) {
	responses := asObject(op["responses"])
	for code, needed := range map[string]modi.RuleID{"429": No429, "503": No503} {
		if path != statusPath && responses[code] == nil && responses[code[:1]+"XX"] == nil {
			c.add(needed, at)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(responses)) {
		if strings.HasPrefix(code, "x-") || code == "" {
			continue
		}
		answer, place := c.resolve(responses[code], pointer(at, "responses", code))
		if answer != nil {
			c.answer(strings.ToUpper(code), answer, place)
		}
	}
}

func (c *check) answer(code string, answer object, at string) {
	content := asObject(answer["content"])
	excused := answer["x-noqa"] == true // the specification that the e-service follows has a form of its own
	failed := code[0] == '4' || code[0] == '5' || code == "DEFAULT"
	if (code == "204" || code == "205") && len(content) > 0 {
		c.add(NoContentBody, at)
	}
	for _, media := range slices.Sorted(maps.Keys(content)) {
		schema, _ := c.resolve(member(content[media], "schema"), "")
		switch {
		case failed && excused:
		case failed && media != mediaProblem && media != mediaProblemXML:
			c.add(NotAProblem, at)
		case failed && !c.tellsAProblem(schema):
			c.add(ProblemFields, at)
		case !failed && strings.HasSuffix(media, "json") && !strings.HasSuffix(media, "json-patch+json") && !isObject(schema):
			c.add(NotAnObject, at)
		}
	}
	headers := asObject(answer["headers"])
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		c.headerName(name, pointer(at, "headers", name))
		header, place := c.resolve(headers[name], pointer(at, "headers", name))
		if code[0] == '2' && (strings.EqualFold(name, "Cache-Control") || strings.EqualFold(name, "Expires")) && !saysCache(header["description"]) {
			c.add(CacheNotDescribed, place)
		}
	}
	c.rateLimits(code, headers, at)
}

// isObject tells a schema that may be one; what is composed of others is believed.
func isObject(schema object) bool {
	kind, stated := schema["type"]
	return !stated || kind == "object"
}

// tellsAProblem wants at least title with another member of RFC 9457, or type with status.
func (c *check) tellsAProblem(schema object) bool {
	p := asObject(schema["properties"])
	if p == nil {
		return true // composed, or any object
	}
	title, status, kind, detail := p["title"] != nil, p["status"] != nil, p["type"] != nil, p["detail"] != nil
	return title && (status || kind || detail) || kind && status
}

var cacheWords = regexp.MustCompile(`max-age|private|no-store|no-cache|no-transform`)

func saysCache(description any) bool { return cacheWords.MatchString(text(description)) }

// rateLimits wants all three headers on every answer, in one spelling, and Retry-After where one must come back later.
func (c *check) rateLimits(code string, headers object, at string) {
	has := func(name string) bool {
		for header := range headers {
			if strings.EqualFold(header, name) {
				return true
			}
		}
		return false
	}
	long, short := 0, 0
	for _, name := range []string{"Limit", "Remaining", "Reset"} {
		if has("X-RateLimit-" + name) {
			long++
		}
		if has("RateLimit-" + name) {
			short++
		}
	}
	whole := long == 3 && short == 0 || short == 3 && long == 0
	switch {
	case long > 0 && short > 0:
		c.add(RateLimitMixed, at)
	case !whole && code == "429":
		c.add(Incomplete429, at)
	case !whole:
		c.add(RateLimitMissing, at)
	}
	if code == "429" && !has("Retry-After") {
		c.add(NoRetryAfter429, at)
	}
	if code == "503" && !has("Retry-After") {
		c.add(NoRetryAfter503, at)
	}
}
