// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"fmt"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
)

// NoteText says a note of the message in words.
func NoteText(n message.Note) modi.Text {
	switch n.Kind {
	case message.NoteByteOrderMark:
		return text("il file comincia con il BOM di UTF-8, ignorato", "the file begins with the byte order mark of UTF-8, left out")
	case message.NoteLineFeeds:
		return text("le righe dell'intestazione finiscono con LF e non CRLF: tollerato", "the lines of the head end with LF, not CRLF: tolerated")
	case message.NoteBodyCut:
		return text(
			fmt.Sprintf("corpo tagliato a Content-Length: l'a capo finale (%d byte) non ne fa parte", n.N),
			fmt.Sprintf("body cut to Content-Length: the final line break (%d bytes) is not part of it", n.N))
	case message.NoteLength:
		return text(
			fmt.Sprintf("Content-Length non corrisponde: il corpo è di %d byte, usati tutti", n.N),
			fmt.Sprintf("Content-Length does not match: the body has %d bytes, all of them used", n.N))
	case message.NoteFinalNewline:
		return text(
			fmt.Sprintf("il corpo (%d byte) finisce con un a capo, che conta nel Digest: se non va inviato, aggiungere Content-Length o toglierlo", n.N),
			fmt.Sprintf("the body (%d bytes) ends with a line break, which counts in the Digest: if it is not sent, add Content-Length or take it away", n.N))
	case message.NoteTransferEncoding:
		return text("c'è Transfer-Encoding: il corpo è preso come già decodificato", "there is Transfer-Encoding: the body is taken as already decoded")
	case message.NoteNoBlankLine:
		return text("manca la riga vuota dopo le intestazioni: il corpo è vuoto", "the blank line after the fields is missing: the body is empty")
	default:
		return text(string(n.Kind), string(n.Kind))
	}
}
