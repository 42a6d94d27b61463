// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
	"github.com/snodo-pa/snodo/registry/pick"
)

// errNotText means that a value that should be a text is an object or a list.
var errNotText = errors.New("it is no text, number or truth value")

// convert applies one conversion. Of a list each item is converted, but for its count.
// No error quotes the value.
func convert(name string, v any) (any, error) {
	if list, ok := v.([]any); ok {
		if name == registry.AsCount {
			return json.Number(strconv.Itoa(len(list))), nil
		}
		out := make([]any, len(list))
		for i, one := range list {
			converted, err := convert(name, one)
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", i, err)
			}
			out[i] = converted
		}
		return out, nil
	}
	s, ok := pick.Text(v)
	if !ok {
		return nil, errNotText
	}
	return convertText(name, s)
}

func convertText(name, s string) (any, error) {
	switch name {
	case registry.AsUpper:
		return strings.ToUpper(s), nil
	case registry.AsLower:
		return strings.ToLower(s), nil
	case registry.AsTrim:
		return strings.TrimSpace(s), nil
	case registry.AsText:
		return s, nil
	case registry.AsLastSegment:
		return lastSegment(s)
	case registry.AsNumber:
		if _, err := strconv.ParseFloat(s, 64); err != nil || !json.Valid([]byte(s)) {
			return nil, errors.New("it is no number")
		}
		return json.Number(s), nil
	case registry.AsCodiceFiscale:
		normal := codicefiscale.Normal(s)
		if err := codicefiscale.Valid(normal); err != nil {
			return nil, err
		}
		return normal, nil
	case registry.AsDate:
		return reformat(s, time.DateOnly)
	case registry.AsDateIT:
		return reformat(s, "02/01/2006")
	case registry.AsDateCompact:
		return reformat(s, "20060102")
	case registry.AsInstant:
		at, day, err := readTime(s)
		if err != nil || day {
			return nil, errors.New("it is no instant such as 2026-10-12T08:00:00Z")
		}
		return at.UTC().Format(time.RFC3339), nil
	default:
		return nil, fmt.Errorf("conversion %s does not fit it", name)
	}
}

// lastSegment gives the end of the path of an address, or of a bare path, decoded. Where
// the address leads does not matter: it is never followed.
func lastSegment(s string) (any, error) {
	s, _, _ = strings.Cut(s, "#")
	s, _, _ = strings.Cut(s, "?")
	if host := strings.Index(s, "//"); host == 0 || host > 0 && s[host-1] == ':' {
		_, s, _ = strings.Cut(s[host+len("//"):], "/")
	}
	s = strings.TrimSuffix(s, "/")
	segment, err := url.PathUnescape(s[strings.LastIndexByte(s, '/')+1:])
	if err != nil || segment == "" {
		return nil, errors.New("it is an address without path")
	}
	return segment, nil
}

func reformat(s, layout string) (any, error) {
	at, _, err := readTime(s)
	if err != nil {
		return nil, err
	}
	return at.Format(layout), nil
}

// readTime reads a date or an instant; day tells a date. A date keeps its day whatever
// the zone.
func readTime(s string) (at time.Time, day bool, err error) {
	for _, layout := range []string{time.DateOnly, "02/01/2006"} {
		if at, err = time.Parse(layout, s); err == nil {
			return at, true, nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if at, err = time.Parse(layout, s); err == nil {
			return at, false, nil
		}
	}
	return time.Time{}, false, errors.New("it is no date such as 2026-10-12")
}
