// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
)

// maxFlow bounds a flow in bytes, against bombs.
const maxFlow = 64 << 20

var (
	errZip   = errors.New("non è uno zip leggibile")
	errOne   = errors.New("lo zip deve contenere un solo file")
	errName  = errors.New("il file dello zip deve chiamarsi flusso.xml")
	errLarge = errors.New("flusso troppo grande")
)

// unzip takes the one entry of an upload.
func unzip(data []byte) ([]byte, error) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, errZip
	}
	if len(r.File) != 1 {
		return nil, errOne
	}
	if r.File[0].Name != "flusso.xml" {
		return nil, errName
	}
	entry, err := r.File[0].Open()
	if err != nil {
		return nil, errZip
	}
	defer func() { _ = entry.Close() }()
	flow, err := io.ReadAll(io.LimitReader(entry, maxFlow+1))
	if err != nil {
		return nil, errZip
	}
	if len(flow) > maxFlow {
		return nil, errLarge
	}
	return flow, nil
}

// pack puts a message into a zip, as SIOPE+ hands it out.
func pack(doc string) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	entry, err := w.Create("messaggio.xml")
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(entry, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+doc); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
