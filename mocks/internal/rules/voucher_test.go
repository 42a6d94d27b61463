// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"encoding/json"
	"testing"
	"time"
)

const (
	testIssuer     = "interop.locale.invalid"
	testProducer   = "33333333-3333-4333-8333-333333333333"
	testEservice   = "44444444-4444-4444-8444-444444444444"
	testDescriptor = "55555555-5555-4555-8555-555555555555"
)

func TestParseVoucherHeader(t *testing.T) {
	key := testRSA(t)
	good := Members{"alg": "RS256", "use": "sig", "typ": "at+jwt", "kid": "any"}
	cases := map[string]struct {
		changes Members
		want    string
	}{
		"good":        {nil, ""},
		"without use": {Members{"use": nil}, ""},
		"alg none":    {Members{"alg": "none"}, "voucher-alg"},
		"alg HS256":   {Members{"alg": "HS256"}, "voucher-alg"},
		"typ JWT":     {Members{"typ": "JWT"}, "voucher-typ"},
		"no typ":      {Members{"typ": nil}, "voucher-typ"},
		"use enc":     {Members{"use": "enc"}, "voucher-use"},
		"use number":  {Members{"use": 1}, "voucher-use"},
		"no kid":      {Members{"kid": nil}, "voucher-kid"},
		"jku":         {Members{"jku": "https://x"}, "voucher-header"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, fault := ParseVoucher(mustSign(t, key, change(good, c.changes), Members{}))
			wantFault(t, fault, c.want)
		})
	}
	_, _, fault := ParseVoucher("")
	wantFault(t, fault, "voucher-malformed")
}

func TestCheckVoucherClaims(t *testing.T) {
	good := Members{
		"iss": testIssuer, "jti": "j", "sub": testClient, "client_id": testClient, "aud": testAud,
		"iat": at(-10), "nbf": at(-10), "exp": at(600), "purposeId": testPurpose, "consumerId": testClient,
		"producerId": testProducer, "eserviceId": testEservice, "descriptorId": testDescriptor,
	}
	resource := Resource{
		Issuer: testIssuer, Audience: testAud, ProducerID: testProducer, EserviceID: testEservice,
		DescriptorIDs: []string{"x", testDescriptor}, Now: now(), Future: 5 * time.Second,
	}
	cases := map[string]struct {
		changes Members
		want    string
		class   Class
	}{
		"good":                   {nil, "", 0},
		"aud joined by commas":   {Members{"aud": "https://other," + testAud}, "", 0},
		"aud as an array":        {Members{"aud": []any{testAud}}, "", 0},
		"old but alive":          {Members{"iat": at(-3600), "nbf": at(-3600)}, "", 0},
		"another environment":    {Members{"iss": "uat.interop.pagopa.it"}, "voucher-iss", ClassToken},
		"no jti":                 {Members{"jti": nil}, "voucher-jti", ClassToken},
		"sub is not client_id":   {Members{"sub": testProducer}, "voucher-sub", ClassToken},
		"no client_id":           {Members{"client_id": nil}, "voucher-sub", ClassToken},
		"expired":                {Members{"exp": at(0)}, "voucher-expired", ClassToken},
		"no exp":                 {Members{"exp": nil}, "voucher-exp-missing", ClassToken},
		"no iat":                 {Members{"iat": nil}, "voucher-iat-missing", ClassToken},
		"no nbf":                 {Members{"nbf": nil}, "voucher-nbf-missing", ClassToken},
		"not valid yet":          {Members{"nbf": at(60)}, "voucher-nbf-future", ClassToken},
		"exp as text":            {Members{"exp": "1767226200"}, "voucher-exp-missing", ClassToken},
		"another audience":       {Members{"aud": "https://other"}, "voucher-aud", ClassProfile},
		"audience as a prefix":   {Members{"aud": testAud + "/x"}, "voucher-aud", ClassProfile},
		"no audience":            {Members{"aud": nil}, "voucher-aud", ClassProfile},
		"no purpose":             {Members{"purposeId": nil}, "voucher-purpose", ClassProfile},
		"no consumer":            {Members{"consumerId": nil}, "voucher-consumer", ClassProfile},
		"another producer":       {Members{"producerId": testClient}, "voucher-producer", ClassProfile},
		"no producer":            {Members{"producerId": nil}, "voucher-producer", ClassProfile},
		"another e-service":      {Members{"eserviceId": testClient}, "voucher-eservice", ClassProfile},
		"another descriptor":     {Members{"descriptorId": testClient}, "voucher-descriptor", ClassProfile},
		"descriptor as a number": {Members{"descriptorId": json.Number("1")}, "voucher-descriptor", ClassProfile},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fault := CheckVoucher(change(good, c.changes), resource)
			wantFault(t, fault, c.want)
			if fault != nil && fault.Class != c.class {
				t.Errorf("class %d, expected %d", fault.Class, c.class)
			}
		})
	}
}

func TestUUID(t *testing.T) {
	id, err := UUID(Locked(constant(0xff)))
	if err != nil || id != "ffffffff-ffff-4fff-bfff-ffffffffffff" {
		t.Fatalf("got %q, %v", id, err)
	}
	if !IsUUID(id) || IsUUID(id+"0") || IsUUID("x") || IsUUID("") {
		t.Error("IsUUID does not tell UUIDs")
	}
	if _, err := UUID(empty{}); err == nil {
		t.Error("made a UUID without randomness")
	}
}

type constant byte

func (c constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, errEmpty }

var errEmpty = &Fault{Name: "empty"}
