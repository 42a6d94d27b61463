// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apirules

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

const statusPath = "/status"

var (
	kebab  = regexp.MustCompile(`^(/[a-z0-9.-]+|/\{[A-Za-z0-9_]+\})+$`)
	train  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(-[A-Z][A-Za-z0-9]*)*$`)
	xNames = regexp.MustCompile(`(?i)^X-(RateLimit-(Limit|Remaining|Reset)|Correlation-ID|ReplyTo)$`)
)

// methods are those an OpenAPI document may describe.
func methods() []string {
	return []string{"get", "head", "post", "put", "patch", "delete", "options", "trace"}
}

func (c *check) paths() {
	paths := asObject(c.root["paths"])
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		at := pointer("/paths", path)
		if !kebab.MatchString(path) {
			c.add(PathNotKebab, at)
		}
		item, at := c.resolve(paths[path], at)
		c.servers(item["servers"], pointer(at, "servers"))
		c.parameters(item["parameters"], pointer(at, "parameters"))
		for _, method := range methods() {
			if op := asObject(item[method]); op != nil {
				c.operation(path, method, op, pointer(at, method))
			}
		}
	}
	c.status(asObject(member(paths, statusPath, "get")), pointer("/paths", statusPath, "get"))
}

func (c *check) operation(path, method string, op object, at string) {
	if empty(op["operationId"]) {
		c.add(OperationUnnamed, at)
	}
	c.servers(op["servers"], pointer(at, "servers"))
	c.parameters(op["parameters"], pointer(at, "parameters"))
	c.body(method, op, at)
	c.security(path, op, at)
	c.answers(path, op, at)
}

func (c *check) body(method string, op object, at string) {
	_, stated := op["requestBody"]
	body, place := c.resolve(op["requestBody"], pointer(at, "requestBody"))
	switch {
	case method == "get" && stated:
		c.add(GetBody, at)
	case method == "delete" && stated:
		c.add(DeleteBody, at)
	case method == "patch" && body["required"] != true:
		c.add(PatchNoBody, at)
	}
	if method != "patch" {
		return
	}
	content := asObject(body["content"])
	if content["application/json"] != nil {
		c.add(PatchMedia, place)
	}
	if media := content["application/json-patch+json"]; media != nil {
		if schema, _ := c.resolve(member(media, "schema"), ""); schema["type"] != "array" {
			c.add(PatchNotAList, place)
		}
	}
}

// security wants a token for every operation but /status, by itself or by the document's default.
func (c *check) security(path string, op object, at string) {
	asked, own := op["security"]
	if !own {
		asked = c.root["security"]
	}
	wants := false
	for _, one := range list(asked) {
		for name := range asObject(one) {
			wants = true
			if member(c.root, "components", "securitySchemes", name) == nil {
				c.add(SchemeNotDefined, at)
			}
		}
	}
	switch {
	case path == statusPath && wants:
		c.add(StatusNeedsAToken, at)
	case path != statusPath && (!wants || optional(asked)):
		c.add(NoSecurity, at)
	}
}

// optional tells a requirement that nothing at all fulfils too.
func optional(asked any) bool {
	for _, one := range list(asked) {
		if len(asObject(one)) == 0 {
			return true
		}
	}
	return false
}

func (c *check) securitySchemes() {
	schemes := asObject(member(c.root, "components", "securitySchemes"))
	for _, name := range slices.Sorted(maps.Keys(schemes)) {
		scheme, at := c.resolve(schemes[name], pointer("/components/securitySchemes", name))
		if scheme["type"] == "apiKey" && scheme["in"] == "query" {
			c.add(KeyInQuery, at)
		}
		if scheme["type"] != "oauth2" {
			continue
		}
		flows := asObject(scheme["flows"])
		for flow, one := range flows {
			if flow == "implicit" || flow == "password" {
				c.add(OAuthUnsafeFlow, at)
			}
			for key, value := range asObject(one) {
				if strings.HasSuffix(key, "Url") && !strings.HasPrefix(text(value), "https://") {
					c.add(OAuthNotHTTPS, at)
				}
			}
		}
	}
}

func (c *check) parameters(v any, at string) {
	for i, one := range list(v) {
		p, place := c.resolve(one, pointer(at, itoa(i)))
		switch text(p["in"]) {
		case "header":
			c.headerName(text(p["name"]), place)
			if strings.EqualFold(text(p["name"]), "Cache-Control") && !saysCache(p["description"]) {
				c.add(CacheNotDescribed, place)
			}
		case "path", "query":
			c.urlParameter(p, place)
		}
	}
}

func (c *check) headerName(name, at string) {
	switch strings.ToLower(name) {
	case "authorization", "content-type", "accept":
		c.add(ReservedHeader, at)
		return
	}
	if len(name) > 2 && strings.EqualFold(name[:2], "X-") && !xNames.MatchString(name) {
		c.add(ExperimentalName, at)
	} else if !train.MatchString(name) && !strings.HasPrefix(name, "Agid-JWT-") {
		c.add(HeaderNotTrain, at)
	}
}
