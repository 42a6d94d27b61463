// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// maxURL bounds what is normalised, in bytes.
const maxURL = 8 << 10

// target is a URL brought to the form in which two spellings of it are equal.
type target struct{ scheme, host, port, path string }

func (t target) String() string {
	port := ""
	if t.port != "" {
		port = ":" + t.port
	}
	return t.scheme + "://" + t.host + port + t.path
}

// NormalizeHTU brings the URL of a request to the form in which RFC 9449 §4.3 compares
// it: without query and fragment, scheme and host in lower case, without the default
// port, "/" for an empty path, dot segments removed, percent-encoded unreserved
// characters decoded, the other triplets in upper case and characters that a path cannot
// have percent-encoded (RFC 3986 §6.2.2 and §6.2.3).
// It fails on what is not an absolute http or https URL in ASCII without user
// information. A final slash and the case of the path are kept: they matter.
func NormalizeHTU(s string) (string, error) {
	t, err := normalize(s)
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

func normalize(s string) (target, error) {
	if len(s) > maxURL {
		return target{}, fmt.Errorf("URL of %d bytes exceeds %d", len(s), maxURL)
	}
	s = withoutQuery(s)
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '\\' {
			return target{}, errors.New("URL with characters that it cannot have")
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return target{}, errors.New("URL that does not parse") // its error repeats the text
	}
	t := target{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Host), path: rawPath(s)}
	switch {
	case t.scheme != "http" && t.scheme != "https":
		return target{}, errors.New("URL that is not http or https")
	case u.User != nil, u.Hostname() == "", strings.ContainsRune(rawAuthority(s), '%'):
		return target{}, errors.New("URL without a plain host")
	}
	t.host = strings.TrimSuffix(t.host, ":"+u.Port())
	t.port, err = port(t.scheme, u.Port())
	if err != nil {
		return target{}, err
	}
	t.path, err = normalizePath(t.path)
	return t, err
}

// withoutQuery cuts query and fragment.
func withoutQuery(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i]
	}
	return s
}

// rawPath is the path of a URL without query, as it is written: what url.Parse makes of one
// with characters that should be escaped no longer tells %2F from a slash.
func rawPath(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	return rest[len(rawAuthority(s)):]
}

// rawAuthority is the host and port of a URL as they are written: url.Parse undoes the
// percent-encoding of a host, which a host name does not need.
func rawAuthority(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	authority, _, _ := strings.Cut(rest, "/")
	return authority
}

// port drops the default of the scheme and leading zeros.
func port(scheme, s string) (string, error) {
	if s == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return "", errors.New("URL with an impossible port")
	}
	if scheme == "http" && n == 80 || scheme == "https" && n == 443 {
		return "", nil
	}
	return strconv.FormatUint(n, 10), nil
}

// normalizePath brings the triplets to one spelling, then removes dot segments: in this
// order, because %2E is a dot and %2F is not a slash.
func normalizePath(p string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] != '%' {
			if unreserved(p[i]) || strings.IndexByte("/:@!$&'()*+,;=", p[i]) >= 0 {
				b.WriteByte(p[i])
			} else {
				fmt.Fprintf(&b, "%%%02X", p[i])
			}
			continue
		}
		if i+2 >= len(p) {
			return "", errors.New("URL with a broken percent-encoding")
		}
		v, err := strconv.ParseUint(p[i+1:i+3], 16, 8)
		if err != nil {
			return "", errors.New("URL with a broken percent-encoding")
		}
		if c := byte(v); unreserved(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		i += 2
	}
	return removeDots(b.String()), nil
}

// removeDots is RFC 3986 §5.2.4 on a path that is empty or starts with a slash.
func removeDots(p string) string {
	if p == "" {
		return "/"
	}
	var out []string
	segments := strings.Split(p[1:], "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".":
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
		default:
			out = append(out, s)
			continue
		}
		if last {
			out = append(out, "") // what ends in a dot segment is a folder
		}
	}
	return "/" + strings.Join(out, "/")
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// difference says in which part two URLs differ, and what probably went wrong. The path
// itself is not shown: it may name a person.
func (t target) difference(want target) (found string, hint modi.Text) {
	switch {
	case t.host != want.host:
		return "the host " + quoteOrNone(t.host), modi.Text{
			IT: "htu è un altro host: forse l'indirizzo interno dietro un proxy, o un altro ambiente",
			EN: "htu is another host: maybe the internal address behind a proxy, or another environment",
		}
	case t.scheme != want.scheme:
		return "the scheme " + t.scheme, modi.Text{
			IT: "http e https sono indirizzi diversi: htu è quello pubblico", EN: "http and https are different addresses: htu is the public one",
		}
	case t.port != want.port:
		return "the port " + quoteOrNone(t.port), modi.Text{}
	case strings.TrimSuffix(t.path, "/") == strings.TrimSuffix(want.path, "/"):
		return "a path that differs by the final slash", modi.Text{IT: "htu differisce per la barra finale", EN: "htu differs by the final slash"}
	case strings.EqualFold(t.path, want.path):
		return "a path that differs in upper and lower case", modi.Text{
			IT: "htu differisce per maiuscole e minuscole nel percorso", EN: "htu differs in upper and lower case of the path",
		}
	case strings.HasPrefix(want.path, t.path), strings.HasPrefix(t.path, want.path), strings.HasSuffix(want.path, t.path), strings.HasSuffix(t.path, want.path):
		return "a path that is only a part of the other", modi.Text{
			IT: "htu va fino in fondo: è l'indirizzo dell'operazione chiamata, non quello di base", EN: "htu goes all the way: it is the address of the operation that is called, not the base one",
		}
	default:
		return "another path", modi.Text{}
	}
}
