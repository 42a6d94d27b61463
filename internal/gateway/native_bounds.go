// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// The longest path and query of a native call, in bytes.
const (
	maxNativePath  = 2048
	maxNativeQuery = 4096
)

// inspect refuses a native call that could mean something else to the registry than to the hub, chooses the headers that
// go on, and notes whom the call is about.
func (o *Out) inspect(_ context.Context, x *acquiring) error {
	n := x.native
	if !soundPath(n.in.Path) || !soundQuery(n.in.RawQuery) {
		return problem.New(problem.RuleNativePath)
	}
	media := n.in.Header.Values(headerContentType)
	if len(media) > 1 || len(n.in.Header.Values("Content-Encoding")) > 0 || len(n.in.Body) > 0 && len(media) == 0 {
		return problem.New(problem.RuleMediaType)
	}
	names := nativeRequestHeaders()
	if p := x.binding.Passante; p != nil {
		names = append(names, allowedHeaders(p.Intestazioni)...)
	}
	n.header = http.Header{}
	for _, name := range names {
		if values := n.in.Header.Values(name); len(values) > 0 && !hopByHop(n.in.Header, name) {
			n.header[name] = slices.Clone(values)
		}
	}
	if len(n.header.Values("Accept")) == 0 {
		n.header.Set("Accept", "*/*") // no preference (RFC 9110 §12.5.1)
	}
	x.concerns(codesIn([]byte(unescaped(n.target())))...)
	x.concerns(codesIn(n.in.Body)...)
	return nil
}

// nativeRequestHeaders are what an application may say to any registry. Conditions on a cached answer are not among
// them: nothing is cached. Credentials, proofs and the context of the call are the hub's to make or to read.
func nativeRequestHeaders() []string {
	return []string{
		"Accept", "Accept-Language", "Content-Language", headerContentType, "Idempotency-Key", "If-Match", "Prefer", "X-Correlation-Id",
	}
}

// answerOf keeps of a registry's headers what an application may be told: no cookies, no proofs, nothing of one hop.
func answerOf(h http.Header) http.Header {
	out := http.Header{}
	for _, name := range append(answerHeaders(),
		"Content-Disposition", "Govway-Transaction-Id", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset") {
		if values := h.Values(name); len(values) > 0 && !hopByHop(h, name) {
			out[name] = slices.Clone(values)
		}
	}
	return out
}

var escapedOctet = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// soundPath holds a path against what makes two readers disagree, and lets a call leave the e-service it was authorised
// for: dot segments, also with a parameter behind ("..;x"), in any escape; escaped slashes, backslashes, control
// characters; empty segments; what is escaped twice.
func soundPath(path string) bool {
	if path == "" {
		return true
	}
	if !strings.HasPrefix(path, "/") || len(path) > maxNativePath {
		return false
	}
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		plain, err := url.PathUnescape(segment)
		if err != nil || !visible(segment) || strings.ContainsAny(segment, "?#") || strings.ContainsAny(plain, `/\`) ||
			!utf8.ValidString(plain) || strings.ContainsFunc(plain, unicode.IsControl) || escapedOctet.MatchString(plain) {
			return false
		}
		name, _, _ := strings.Cut(plain, ";")
		if name == "." || name == ".." || plain == "" && i < len(segments)-1 {
			return false
		}
	}
	return true
}

// soundQuery wants a query that net/url reads without leaving anything out.
func soundQuery(query string) bool {
	_, err := url.ParseQuery(query)
	return err == nil && len(query) <= maxNativeQuery && visible(query) && !strings.Contains(query, "#")
}

// visible tells whether a text is made of visible ASCII alone, as what is escaped is.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func unescaped(target string) string {
	plain, err := url.PathUnescape(target)
	if err != nil {
		return target
	}
	return plain
}

// codeLength is that of the codice fiscale of a person.
const codeLength = 16

// codesIn finds the codici fiscali of persons in the text of a message, whatever its format, each once. It is linear.
func codesIn(text []byte) []string {
	var found []string
	seen := map[string]bool{}
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && alphanumeric(text[i]) {
			continue
		}
		if i-start == codeLength {
			code := codicefiscale.Normal(string(text[start:i]))
			if !seen[code] && codicefiscale.Valid(code) == nil {
				seen[code] = true
				found = append(found, code)
			}
		}
		start = i + 1
	}
	return found
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// below reads a Location of the registry: what lies below the address of the service is told as a path below it, which
// leads back through the hub; anything else is not told, because a client that follows it would take its key along.
func (x *acquiring) below(location string) string {
	if location == "" {
		return ""
	}
	base, err := url.Parse(cmp.Or(x.binding.URL, x.recipe.Environments[x.binding.Environment].URL))
	if err != nil {
		return ""
	}
	asked := *base
	asked.Path, asked.RawPath = base.Path+unescaped(x.native.in.Path), base.EscapedPath()+x.native.in.Path
	target, err := asked.Parse(location)
	if err != nil || target.Scheme != base.Scheme || target.Host != base.Host || target.User != nil {
		return ""
	}
	rest, inside := strings.CutPrefix(target.EscapedPath(), strings.TrimSuffix(base.EscapedPath(), "/"))
	if !inside || !strings.HasPrefix(rest, "/") || !soundPath(rest) || !soundQuery(target.RawQuery) {
		return ""
	}
	if target.RawQuery != "" {
		rest += "?" + target.RawQuery
	}
	return rest
}
