// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package suap is a black box like the one by which the system of the SUAP (DPR 160/2010)
// accredits who takes part in it: it calls an ente terzo as the back office of a SUAP does,
// well and badly, and judges the answers by the error catalogue. Every answer must be signed,
// those that refuse too.
//
// It owns the cases of the interface et_to_bo, edition of 2026. It depends on mocks/fruitore for
// the caller and knows nothing of the packages it judges.
package suap

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// Suite calls one ente terzo.
type Suite struct {
	Caller *fruitore.Client
	Base   string         // address of the e-service, without a final slash
	Key    *rsa.PublicKey // with which the ente signs
	// Document is one that the ente has, with its ETag.
	Document, ETag string
}

// Verdict is what one case came to.
type Verdict struct {
	Case      string
	Want, Got string // status and code, such as 401 ERROR_401_001
	Unsigned  string // why the signature of the answer does not hold; "" when it does
}

// Passed tells whether the answer was the one that is due, and signed.
func (v Verdict) Passed() bool { return v.Want == v.Got && v.Unsigned == "" }

// anonymous is whom an answer is addressed to when the caller is not known.
const anonymous = "anonymous"

// suapCase is one call.
type suapCase struct {
	name, method, path, body string
	want                     string
	stranger                 bool // the ente cannot know who calls
	change                   func(r *http.Request)
}

const (
	cui      = `{"context":"SUAP","sub_context":"SCIA","data":"2026-09-01","progressive":"0000123","uuid":"3f2b8c1e-6f0a-4d57-9a57-0c6b8f5b1a10"}`
	instance = `{"cui":` + cui + `,"instance_descriptor_version":"3","instance_index":[{"code":"SCIA-001","ref":"modulo-1","description":"SCIA","resource_id":"doc-1",` +
		`"filename":"scia.xml","file_size":1024,"mime_type":"application/xml","hash":"47DEQpj8HBSa","alg_hash":"S256"}]}`
	notice = `{"cui":` + cui + `,"instance_descriptor_version":"3","event":"end_by_positive_outcome","resource_id":"prov-final-1","hash":"47DEQpj8HBSa","alg_hash":"S256"}`
	again  = `{"cui":` + cui + `,"operation":"request_conformation","error":{"code":"ERROR_400_001","message":"dati incoerenti"}}`
)

func (s Suite) cases() []suapCase {
	document := "/instance/3f2b8c1e-6f0a-4d57-9a57-0c6b8f5b1a10/document/"
	ifMatch := func(tag string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Set("If-Match", tag) }
	}
	drop := func(header string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Del(header) }
	}
	post, get := http.MethodPost, http.MethodGet
	return []suapCase{
		{name: "send_instance", method: post, path: "/send_instance", body: instance, want: "200"},
		{name: "notify", method: post, path: "/notify", body: notice, want: "200"},
		{name: "retry", method: post, path: "/retry", body: again, want: "200"},
		{name: "an instance of another edition", method: post, path: "/send_instance", body: strings.Replace(instance, `"sub_context":"SCIA",`, "", 1), want: "400 ERROR_400_001"},
		{name: "a body that is no JSON", method: post, path: "/notify", body: "{", want: "400 ERROR_400_001"},
		{name: "no voucher", method: post, path: "/notify", body: notice, change: drop("Authorization"), stranger: true, want: "401 ERROR_401_001"},
		{name: "a voucher without Bearer", method: post, path: "/notify", body: notice, stranger: true, want: "401 ERROR_401_002", change: func(r *http.Request) {
			r.Header.Set("Authorization", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		}},
		{name: "a voucher that was changed", method: post, path: "/notify", body: notice, stranger: true, want: "401 ERROR_401_002", change: func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")[:40]+"A"+r.Header.Get("Authorization")[41:])
		}},
		{name: "no signature", method: post, path: "/notify", body: notice, change: drop("Agid-JWT-Signature"), want: "401 ERROR_401_003"},
		{name: "a signature of another message", method: post, path: "/notify", body: notice, want: "401 ERROR_401_004", change: func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json; charset=utf-8")
		}},
		{name: "an unknown path, whoever asks", method: post, path: "/send_all", body: "{}", change: drop("Authorization"), stranger: true, want: "404 ERROR_404_001"},
		{name: "document", method: get, path: document + s.Document, change: ifMatch(s.ETag), want: "200"},
		{name: "document without If-Match", method: get, path: document + s.Document, want: "428 ERROR_428_001"},
		{name: "document of another hash", method: get, path: document + s.Document, change: ifMatch(`"altra"`), want: "412 ERROR_412_001"},
		{name: "unknown document", method: get, path: document + "nessuno", change: ifMatch(s.ETag), want: "404 ERROR_404_001"},
	}
}

// Run makes every call. An error means that the ente, or the platform, did not answer.
func (s Suite) Run(ctx context.Context) ([]Verdict, error) {
	var all []Verdict
	for _, c := range s.cases() {
		reply, err := s.Caller.Do(ctx, c.method, s.Base+c.path, []byte(c.body), fruitore.Hooks{Request: c.change})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		v := Verdict{Case: c.name, Want: c.want, Got: told(reply)}
		signed := s.Caller.CheckReply(reply, s.Key)
		if c.stranger {
			signed = s.Caller.CheckReplyFor(reply, s.Key, anonymous)
		}
		if signed != nil {
			v.Unsigned = signed.Error()
		}
		all = append(all, v)
	}
	return all, nil
}

// told is the status of an answer and, of an error, the code of the catalogue.
func told(reply *fruitore.Reply) string {
	if reply.Status < http.StatusBadRequest {
		return fmt.Sprint(reply.Status)
	}
	var e struct{ Code, Message string }
	if json.Unmarshal(reply.Body, &e) != nil || e.Message == "" {
		return fmt.Sprintf("%d without code and message", reply.Status)
	}
	return fmt.Sprintf("%d %s", reply.Status, e.Code)
}
