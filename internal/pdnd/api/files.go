// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/pdnd"
)

// File is a file of a descriptor.
type File struct {
	Name        string // file name
	PrettyName  string // shown in the catalogue
	ContentType string
	Content     []byte
}

// Document is what the platform says of a file it keeps.
type Document struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	PrettyName  string    `json:"prettyName"`
	ContentType string    `json:"contentType"`
	CreatedAt   time.Time `json:"createdAt"`
}

// maxFile bounds a file with its form: the platform takes 10 MiB.
const maxFile = 11 << 20

// Interface downloads the interface of a descriptor (OpenAPI or WSDL); ErrNotFound when it
// has none.
func (c *Client) Interface(ctx context.Context, eserviceID, descriptorID string) (File, error) {
	reply, err := c.platform.Call(ctx, c.credentials, pdnd.Request{
		Method: http.MethodGet, Path: Path("eservices", eserviceID, "descriptors", descriptorID, "interface"), MaxReply: maxFile,
	})
	if err != nil {
		return File{}, err
	}
	file, err := readForm(reply.Header.Get("Content-Type"), reply.Body)
	if err != nil {
		return File{}, unreadable(err)
	}
	return file, nil
}

// readForm reads a file from multipart/form-data with the fields file, filename,
// contentType, id and prettyName.
func readForm(contentType string, body []byte) (File, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/form-data" {
		return File{}, errors.New("a file comes as multipart/form-data")
	}
	var out File
	found := false
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return File{}, errors.New("the form cannot be read")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return File{}, errors.New("the form is cut short")
		}
		switch part.FormName() {
		case "file":
			out.Content, found = content, true
		case "filename":
			out.Name = string(content)
		case "contentType":
			out.ContentType = string(content)
		case "prettyName":
			out.PrettyName = string(content)
		}
	}
	if !found {
		return File{}, errors.New("the form holds no file")
	}
	return out, nil
}
