// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// upload reads a file and its pretty name, then stores it in a descriptor.
func upload(store func(*platform.Platform, platform.Actor, string, string, platform.FileSeed) (platform.Document, error)) handler {
	return func(c *call) (reply, error) {
		seed, err := readFile(c.r)
		if err != nil {
			return reply{}, badRequest("Validation error: " + err.Error())
		}
		if err := c.admin(); err != nil {
			return reply{}, err
		}
		doc, err := store(c.world(), c.actor, c.id("eserviceId"), c.id("descriptorId"), seed)
		if err != nil {
			return reply{}, err
		}
		return created(showDocument(doc))
	}
}

// readFile reads a multipart form of exactly a file and a prettyName.
func readFile(r *http.Request) (platform.FileSeed, error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return platform.FileSeed{}, errors.New("expected multipart/form-data")
	}
	var seed platform.FileSeed
	seen := make(map[string]bool)
	reader := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return platform.FileSeed{}, errors.New("malformed multipart body")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return platform.FileSeed{}, errors.New("malformed multipart body")
		}
		name := part.FormName()
		if seen[name] {
			return platform.FileSeed{}, errors.New("a field appears twice")
		}
		seen[name] = true
		switch {
		case name == "prettyName" && part.FileName() == "":
			seed.PrettyName = string(content)
		case name == "file" && part.FileName() != "":
			seed.Name, seed.ContentType, seed.Content = part.FileName(), part.Header.Get("Content-Type"), content
		default:
			return platform.FileSeed{}, errors.New("an unexpected field in the form")
		}
	}
	if len(seed.Content) == 0 || seed.PrettyName == "" {
		return platform.FileSeed{}, errors.New("required at 'file' and 'prettyName'")
	}
	return seed, nil
}

// downloadInterface answers with a multipart form, as the platform does for files.
func downloadInterface(c *call) (reply, error) {
	doc, err := c.world().Interface(c.actor, c.id("eserviceId"), c.id("descriptorId"))
	if err != nil {
		return reply{}, err
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	file, err := w.CreateFormFile("file", doc.Name)
	if err != nil {
		return reply{}, err
	}
	if _, err := file.Write(doc.Content); err != nil {
		return reply{}, err
	}
	fields := [][2]string{{"filename", doc.Name}, {"contentType", doc.ContentType}, {"id", doc.ID}, {"prettyName", doc.PrettyName}}
	for _, field := range fields {
		if err := w.WriteField(field[0], field[1]); err != nil {
			return reply{}, err
		}
	}
	if err := w.Close(); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, contentType: w.FormDataContentType(), body: body.Bytes()}, nil
}
