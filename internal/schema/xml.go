// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// XMLError is the first fault of an XML text.
type XMLError struct {
	Fault  Fault // Malformed, Forbidden, TooDeep or TooMany
	Offset int64 // bytes before the fault
}

// Error tells the fault and its position, never the text.
func (e *XMLError) Error() string {
	switch e.Fault {
	case Forbidden:
		return fmt.Sprintf("a DTD at byte %d", e.Offset)
	case TooDeep:
		return fmt.Sprintf("nested deeper than %d at byte %d", MaxDepth, e.Offset)
	case TooMany:
		return fmt.Sprintf("more than %d elements and attributes at byte %d", MaxValues, e.Offset)
	case Malformed, Duplicate:
		return fmt.Sprintf("not well-formed XML in UTF-8 at byte %d", e.Offset)
	default:
		return fmt.Sprintf("XML fault at byte %d", e.Offset)
	}
}

// CheckXML refuses an XML text that would cost its reader more than it cost to send: a DTD, and so every entity of its
// own, elements nested deeper than MaxDepth, more than MaxValues elements and attributes. Refused are also what is not
// well-formed with one root, and encodings other than UTF-8. The error is always a *XMLError.
func CheckXML(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	depth, values, roots := 0, 0, 0
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) && depth == 0 && roots == 1 {
			return wellFormed(data)
		}
		if err != nil {
			return &XMLError{Fault: Malformed, Offset: d.InputOffset()}
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
			values += 1 + len(t.Attr)
		case xml.EndElement:
			depth--
		case xml.Directive:
			return &XMLError{Fault: Forbidden, Offset: d.InputOffset()}
		}
		switch {
		case depth < 0 || roots > 1:
			return &XMLError{Fault: Malformed, Offset: d.InputOffset()}
		case depth > MaxDepth:
			return &XMLError{Fault: TooDeep, Offset: d.InputOffset()}
		case values > MaxValues:
			return &XMLError{Fault: TooMany, Offset: d.InputOffset()}
		}
	}
}

// wellFormed reads a text whose size is known to be bounded again, with names matched and entities resolved.
func wellFormed(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data)) // no reader for other character sets: UTF-8 alone
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &XMLError{Fault: Malformed, Offset: d.InputOffset()}
		}
	}
}

func isXML(media string) bool {
	return media == "application/xml" || media == "text/xml" || strings.HasSuffix(media, "+xml")
}
