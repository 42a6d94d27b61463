// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"bytes"
	"testing"
)

func FuzzReadForm(f *testing.F) {
	const good = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.yaml\"\r\n\r\nopenapi: 3.0.3\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"prettyName\"\r\n\r\nInterfaccia\r\n--b--\r\n"
	f.Add("multipart/form-data; boundary=b", []byte(good))
	f.Add("multipart/form-data", []byte(good))
	f.Add("application/json", []byte("{}"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		file, err := readForm(contentType, body)
		if err == nil && !bytes.Contains(body, file.Content) {
			t.Error("a file that was not sent")
		}
	})
}

func TestReadForm(t *testing.T) {
	for name, test := range map[string]struct {
		contentType, body string
		ok                bool
	}{
		"not a form":  {"application/json", "{}", false},
		"no boundary": {"multipart/form-data", "--b--\r\n", false},
		"no file":     {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n--b--\r\n", false},
		"cut":         {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n1", false},
		"good": {
			"multipart/form-data; boundary=b",
			"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"contentType\"\r\n\r\ntext/yaml\r\n--b--\r\n", true,
		},
	} {
		file, err := readForm(test.contentType, []byte(test.body))
		if (err == nil) != test.ok || test.ok && (string(file.Content) != "1" || file.ContentType != "text/yaml") {
			t.Errorf("%s: %+v, %v", name, file, err)
		}
	}
}
