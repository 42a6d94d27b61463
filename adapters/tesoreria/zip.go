// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
)

// Entry is the name of the one file in the zip of a flow.
const Entry = "flusso.xml"

// MaxDocument bounds a document taken out of a zip, in bytes, whatever the zip says of its size.
const MaxDocument = 64 << 20

// Pack puts a flow into the zip that is uploaded: one entry, deflated. Equal flows give equal bytes.
func Pack(flow []byte) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	entry, err := w.CreateHeader(&zip.FileHeader{Name: Entry, Method: zip.Deflate})
	if err == nil {
		_, err = entry.Write(flow)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("tesoreria: zip: %w", err)
	}
	return out.Bytes(), nil
}

// Unpack takes the one document out of the zip of a message, whatever its name. The error wraps ErrReply.
func Unpack(packed []byte) ([]byte, error) { return unpack(packed, MaxDocument) }

func unpack(packed []byte, most int64) ([]byte, error) {
	r, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil || len(r.File) != 1 || r.File[0].FileInfo().IsDir() {
		return nil, fmt.Errorf("%w: not a zip with one file", ErrReply)
	}
	entry, err := r.File[0].Open()
	if err != nil {
		return nil, fmt.Errorf("%w: zip cannot be read", ErrReply)
	}
	defer func() { _ = entry.Close() }() // only read
	doc, err := io.ReadAll(io.LimitReader(entry, most+1))
	if err != nil || int64(len(doc)) > most {
		return nil, fmt.Errorf("%w: the file in the zip is damaged or too large", ErrReply)
	}
	return doc, nil
}
