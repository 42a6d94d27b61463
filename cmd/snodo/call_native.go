// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
)

// callNative makes one call in the registry's own form.
func (a *app) callNative(ctx context.Context, service, path string, o callOptions) error {
	if len(o.fields)+len(o.declared) > 0 || o.declaredFile != "" || o.idempotencyKey != "" {
		return a.errorf("con --nativa il corpo si dà con --richiesta e il resto sta nel percorso",
			"with --nativa the body is given by --richiesta and the rest stands in the path")
	}
	if !strings.HasPrefix(path, "/") {
		return a.errorf("il percorso di una chiamata nativa comincia con /", "the path of a native call begins with /")
	}
	key, err := a.applicationKey(o.keyFile)
	if err != nil {
		return err
	}
	r := acquire.NativeRequest{Service: service, Context: o.context, Path: path, Type: o.media, Lang: a.lang}
	r.Method = cmp.Or(strings.ToUpper(o.method), http.MethodGet)
	if o.request != "" {
		if r.Body, err = a.bodyFile(o.request); err != nil {
			return err
		}
		r.Method = cmp.Or(strings.ToUpper(o.method), http.MethodPost)
	}
	client, err := acquire.New(o.url, key, o.ca)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	answer, err := client.Native(ctx, r)
	if err != nil {
		return err
	}
	if answer.Problem != nil {
		return a.callRefused(&acquire.Answer{Status: answer.Status, RetryAfter: answer.RetryAfter, Problem: answer.Problem})
	}
	if err := a.showNative(answer); err != nil {
		return err
	}
	return nativeVerdict(answer.Status)
}

// showNative prints what the registry said. Its body is JSON in the output where it is JSON, else a text.
func (a *app) showNative(answer *acquire.NativeAnswer) error {
	var body any
	switch {
	case json.Valid(answer.Body):
		body = json.RawMessage(answer.Body)
	case utf8.Valid(answer.Body):
		body = string(answer.Body)
	default:
		body = answer.Body // base64
	}
	result := struct {
		*acquire.NativeAnswer
		Body any `json:"corpo"`
	}{answer, body}
	return a.emit(result, func(w *terminal.Writer) {
		w.Line(fmt.Sprintf("HTTP %d %s", answer.Status, answer.Type))
		w.JSON(answer.Body)
		w.Para(a.t("scambio ", "exchange ") + answer.Exchange)
	})
}

// nativeVerdict reads the registry's status as callRefused reads the hub's.
func nativeVerdict(status int) error {
	switch {
	case status < http.StatusBadRequest:
		return nil
	case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests, status == http.StatusUnauthorized:
		return undecided()
	default:
		return no(nil)
	}
}
