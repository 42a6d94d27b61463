// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package message

// Note tells one thing that was tolerated or that explains a later refusal. Its number
// is for the words of a person's language.
type Note struct {
	Kind NoteKind
	N    int // bytes, where the kind counts them
}

// NoteKind names a note.
type NoteKind string

// The notes.
const (
	// NoteByteOrderMark: the text began with the mark of UTF-8, which was left out.
	NoteByteOrderMark NoteKind = "byte-order-mark"
	// NoteLineFeeds: lines of the head end with LF alone, as editors write them. It says
	// nothing of the body, whose bytes are left as they are.
	NoteLineFeeds NoteKind = "line-feeds"
	// NoteBodyCut: the body was cut to Content-Length, because only the line break that
	// editors add followed; N is how many bytes were left out.
	NoteBodyCut NoteKind = "body-cut"
	// NoteLength: Content-Length is not the length of the body, which is N bytes. All of
	// the body is used.
	NoteLength NoteKind = "content-length"
	// NoteFinalNewline: the body has no Content-Length and ends with a line break, which
	// counts as one of its bytes.
	NoteFinalNewline NoteKind = "final-newline"
	// NoteTransferEncoding: the field Transfer-Encoding is there; the body was taken as
	// already decoded.
	NoteTransferEncoding NoteKind = "transfer-encoding"
	// NoteNoBlankLine: the text ends with the head, without the blank line.
	NoteNoBlankLine NoteKind = "no-blank-line"
)

// Has tells whether the message has a note of a kind.
func (m *Message) Has(kind NoteKind) bool {
	for _, n := range m.Notes {
		if n.Kind == kind {
			return true
		}
	}
	return false
}

func (m *Message) note(kind NoteKind, n int) {
	if !m.Has(kind) {
		m.Notes = append(m.Notes, Note{Kind: kind, N: n})
	}
}
