// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/events"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

func TestV3TakesOnlyDPoP(t *testing.T) {
	c := newCast(t, Options{})
	who, path := c.consumer, c.Profile().APIv3BaseURL+"/keys/"+c.kid
	bound, plain := who.voucher(true), who.voucher(false)
	good := func(claims, header members) string { return who.proof("GET", path, bound, header, claims) }
	other := *who
	other.prover, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	jwk := func(extra string) members {
		token, err := rules.Parse(good(nil, nil))
		must(t, err)
		value, _ := token.Header["jwk"].(map[string]any)
		return members{"jwk": changed(value, members{extra: "x"})}
	}
	now := c.now.Unix()
	cases := map[string]struct {
		authorization []string
		proofs        []string
		status        int
		code          string
	}{
		"no authorization":    {nil, []string{good(nil, nil)}, 400, "017-9994"},
		"no proof":            {[]string{"DPoP " + bound}, nil, 400, "017-9994"},
		"Bearer":              {[]string{"Bearer " + bound}, []string{good(nil, nil)}, 400, "017-10028"},
		"lower case":          {[]string{"dpop " + bound}, []string{good(nil, nil)}, 400, "017-10028"},
		"two authorizations":  {[]string{"DPoP " + bound, "DPoP " + bound}, []string{good(nil, nil)}, 400, "017-10028"},
		"unbound voucher":     {[]string{"DPoP " + plain}, []string{who.proof("GET", path, plain, nil, nil)}, 401, "017-10014"},
		"no voucher":          {[]string{"DPoP x"}, []string{good(nil, nil)}, 401, "017-10014"},
		"two proofs":          {[]string{"DPoP " + bound}, []string{good(nil, nil), good(nil, nil)}, 401, "017-0041"},
		"proofs by comma":     {[]string{"DPoP " + bound}, []string{good(nil, nil) + "," + good(nil, nil)}, 401, "017-0041"},
		"no proof at all":     {[]string{"DPoP " + bound}, []string{"x"}, 401, "017-0041"},
		"htm":                 {[]string{"DPoP " + bound}, []string{good(members{"htm": "POST"}, nil)}, 401, "017-0041"},
		"htu with the query":  {[]string{"DPoP " + bound}, []string{good(members{"htu": path + "?a=b"}, nil)}, 401, "017-0041"},
		"htu of v2":           {[]string{"DPoP " + bound}, []string{good(members{"htu": strings.Replace(path, "/v3/", "/v2/", 1)}, nil)}, 401, "017-0041"},
		"no ath":              {[]string{"DPoP " + bound}, []string{good(members{"ath": nil}, nil)}, 401, "017-0041"},
		"ath of another":      {[]string{"DPoP " + bound}, []string{who.proof("GET", path, plain, nil, nil)}, 401, "017-0041"},
		"too old":             {[]string{"DPoP " + bound}, []string{good(members{"iat": now - 61}, nil)}, 401, "017-0041"},
		"in the future":       {[]string{"DPoP " + bound}, []string{good(members{"iat": now + 11}, nil)}, 401, "017-0041"},
		"extra claim":         {[]string{"DPoP " + bound}, []string{good(members{"exp": now + 60}, nil)}, 401, "017-0041"},
		"nonce":               {[]string{"DPoP " + bound}, []string{good(members{"nonce": "x"}, nil)}, 401, "017-0041"},
		"extra header":        {[]string{"DPoP " + bound}, []string{good(nil, members{"kid": "x"})}, 401, "017-0041"},
		"kid in the jwk":      {[]string{"DPoP " + bound}, []string{good(nil, jwk("kid"))}, 401, "017-0041"},
		"alg in the jwk":      {[]string{"DPoP " + bound}, []string{good(nil, jwk("alg"))}, 401, "017-0041"},
		"use in the jwk":      {[]string{"DPoP " + bound}, []string{good(nil, jwk("use"))}, 401, "017-0041"},
		"private key":         {[]string{"DPoP " + bound}, []string{good(nil, jwk("d"))}, 401, "017-0041"},
		"typ":                 {[]string{"DPoP " + bound}, []string{good(nil, members{"typ": "JWT"})}, 401, "017-0041"},
		"signature":           {[]string{"DPoP " + bound}, []string{good(nil, members{"alg": "RS256"})}, 401, "017-0042"},
		"key of another":      {[]string{"DPoP " + bound}, []string{other.proof("GET", path, bound, nil, nil)}, 401, "017-0045"},
		"consumer's voucher":  {[]string{"DPoP " + c.sign(4, members{"alg": "RS256", "typ": "at+jwt", "kid": c.signing[0].kid}, members{})}, []string{good(nil, nil)}, 401, "017-10014"},
		"a reply's signature": {[]string{"DPoP " + who.v3("GET", "/keys/x", nil).header.Get("Agid-JWT-Signature")}, []string{good(nil, nil)}, 401, "017-10014"},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			if k.authorization != nil {
				header["Authorization"] = k.authorization
			}
			if k.proofs != nil {
				header["Dpop"] = k.proofs
			}
			a := who.send("GET", path, header, nil)
			c.want(a, k.status, k.code)
			who.checkSigned(a)
		})
	}
	c.want(who.send("GET", path, http.Header{"Authorization": {"DPoP " + bound}, "Dpop": {good(nil, nil)}}, nil), 200, "")
}

func TestAnUnknownOperationIsSignedToo(t *testing.T) {
	c := newCast(t, Options{})
	c.want(c.consumer.v3("GET", "/nothing", nil), 404, "017-9999")
	c.want(c.consumer.v3("PUT", "/eservices", nil), 404, "017-9999")
	c.want(c.consumer.v2("GET", "/nothing", nil), 404, "012-9999")
}

func TestV3ProofIsUsedOnce(t *testing.T) {
	c := newCast(t, Options{})
	who, path := c.consumer, c.Profile().APIv3BaseURL+"/keys/"+c.kid
	voucher := who.voucher(true)
	header := http.Header{"Authorization": {"DPoP " + voucher}, "Dpop": {who.proof("GET", path, voucher, nil, nil)}}
	c.want(who.send("GET", path, header, nil), 200, "")
	c.want(who.send("GET", path, header, nil), 401, "017-0044")
	c.now = c.now.Add(61 * time.Second)
	c.want(who.send("GET", path, header, nil), 401, "017-0041")
}

func TestV2SwallowsABoundVoucher(t *testing.T) {
	c := newCast(t, Options{})
	header := http.Header{"Authorization": {"Bearer " + c.consumer.voucher(true)}}
	c.want(c.consumer.send("GET", c.Profile().APIBaseURL+"/keys/"+c.kid, header, nil), 200, "")
	header.Set("Authorization", "DPoP "+c.consumer.voucher(true))
	c.want(c.consumer.send("GET", c.Profile().APIBaseURL+"/keys/"+c.kid, header, nil), 400, "012-10007")
}

func TestRepliesOfV3AreSignedAndFaultsSpoilThem(t *testing.T) {
	c := newCast(t, Options{})
	voucher := c.consumer.voucher(true)
	path := c.Profile().APIv3BaseURL + "/keys/" + c.kid
	get := func() answer {
		return c.consumer.send("GET", path, http.Header{
			"Authorization": {"DPoP " + voucher}, "Dpop": {c.consumer.proof("GET", path, voucher, nil, nil)},
		}, nil)
	}
	a := get()
	must(t, c.consumer.signedFault(a))
	token, err := rules.Parse(a.header.Get("Agid-JWT-Signature"))
	must(t, err)
	if id, _ := token.Claims.String("client_id"); id != consumerAdminID {
		t.Errorf("client_id %q", id)
	}
	for kind, broken := range map[faults.Kind]string{
		faults.BadSignature: "the signature does not verify",
		faults.Unsigned:     "not a strict compact JWS",
		faults.WrongDigest:  "digest-mismatch",
	} {
		must(t, c.SetFaults(faults.Fault{Kind: kind, Path: "/v3/"}))
		a := get()
		if err := c.consumer.signedFault(a); a.status != 200 || err == nil || !strings.Contains(err.Error(), broken) {
			t.Errorf("%s: %d %v, expected %s", kind, a.status, err, broken)
		}
	}
	must(t, c.SetFaults())
	must(t, c.consumer.signedFault(get()))
}

func TestRolesOfTheAPI(t *testing.T) {
	c := newCast(t, Options{})
	body := eserviceBody(nil)
	a := c.want(c.reader.v3("POST", "/eservices", body), 403, "017-9993")
	if !strings.Contains(a.raw, "Admin user not set for Client "+apiID) {
		t.Errorf("the text does not tell: %s", a.raw)
	}
	c.want(c.reader.v2("POST", "/eservices", body), 403, "012-9993")
	// The body is looked at before the role.
	c.want(c.reader.v3("POST", "/eservices", members{}), 400, "017-9999")
	for _, path := range []string{"/eservices", "/agreements", "/purposes", "/clients", "/producerKeychains", "/tenants", "/certifiedAttributes"} {
		c.want(c.reader.v3("GET", paged(path), nil), 200, "")
		c.want(c.consumer.v2("GET", paged(path), nil), 200, "")
	}
	c.want(c.reader.v3("GET", "/purposes/"+purposeID+"/remainingDailyCalls", nil), 403, "017-9993")
	c.want(c.consumer.v3("GET", "/purposes/"+purposeID+"/remainingDailyCalls", nil), 200, "")
	c.want(c.reader.v3("GET", paged("/clients/"+clientID+"/users"), nil), 403, "017-9993")
	c.want(c.reader.v3("DELETE", "/purposes/"+purposeID, nil), 403, "017-9993")
}

func TestAnAdminThatIsNoLongerOne(t *testing.T) {
	c := newCast(t, Options{})
	voucher := c.consumer.voucher(false)
	header := http.Header{"Authorization": {"Bearer " + voucher}}
	path := c.Profile().APIBaseURL + "/keys/" + c.kid
	c.want(c.consumer.send("GET", path, header, nil), 200, "")
	must(t, c.Platform().SetClientAdmin(consumerAdminID, ""))
	c.want(c.consumer.send("GET", path, header, nil), 403, "012-9993")
	// A voucher asked for now has the lesser role.
	c.want(c.consumer.v3("GET", "/keys/"+c.kid, nil), 200, "")
}

func TestOperationsOnlyOfV3(t *testing.T) {
	c := newCast(t, Options{})
	id := unknownID
	for _, op := range []string{
		"POST /clients", "DELETE /clients/" + id, "POST /clients/" + id + "/keys", "DELETE /clients/" + id + "/keys/x",
		"POST /producerKeychains", "POST /producerKeychains/" + id + "/keys", "POST /agreements/" + id + "/archive",
		"GET /purposes/" + id + "/remainingDailyCalls", "GET /purposeTemplateEvents", "GET /clients/" + id + "/users",
	} {
		method, path, _ := strings.Cut(op, " ")
		if a := c.consumer.v2(method, path, nil); a.status != 404 || a.code() != "012-9999" {
			t.Errorf("%s on v2: %d %s", op, a.status, a.raw)
		}
		if a := c.consumer.v3(method, path, nil); a.code() == "017-9999" && a.status == 404 {
			t.Errorf("%s is not on v3", op)
		}
	}
}

func TestRateLimitOfTheAPIHasNoRetryAfter(t *testing.T) {
	c := newCast(t, Options{RateLimit: 3})
	voucher := c.consumer.voucher(false)
	header := http.Header{"Authorization": {"Bearer " + voucher}}
	path := c.Profile().APIBaseURL + "/keys/" + c.kid
	c.want(c.consumer.send("GET", path, header, nil), 200, "")
	c.want(c.consumer.send("GET", path, header, nil), 200, "")
	a := c.want(c.consumer.send("GET", path, header, nil), 429, "012-10004")
	if a.header.Get("Retry-After") != "" || a.header.Get("X-Rate-Limit-Remaining") != "0" ||
		a.header.Get("X-Rate-Limit-Limit") != "3" || a.header.Get("X-Rate-Limit-Interval") != "1000" {
		t.Errorf("headers %v", a.header)
	}
	if a.header.Get("Content-Type") != "application/json" || a.text("type") != "about:blank" ||
		a.text("correlationId") != a.header.Get("X-Correlation-Id") {
		t.Errorf("problem %s", a.raw)
	}
}

func TestPropagationDelayMasksANewKey(t *testing.T) {
	c := newCast(t, Options{})
	must(t, c.RemoveKey(c.kid))
	c.now = c.now.Add(time.Minute)
	c.SetPropagationDelay(10 * time.Second)
	_, err := c.AddClientKey(clientID, publicPEM(t, keys()[0]))
	must(t, err)
	// The platform knows the key at once, the token endpoint does not.
	c.want(c.reader.v3("GET", "/keys/"+c.kid, nil), 200, "")
	c.now = c.now.Add(9 * time.Second)
	c.wantMasked(c.post(form(c.assertion(c.claims()))), "0006")
	c.now = c.now.Add(time.Second)
	c.voucher(form(c.assertion(c.claims())))
}

func TestEveryChangeOfAKeyIsAnEvent(t *testing.T) {
	c := newCast(t, Options{})
	log := c.Platform().Log()
	before := len(log.All(events.KeyEvents))
	must(t, c.RemoveKey(c.kid), c.RemoveKey(c.chainKid))
	after := log.All(events.KeyEvents)
	last := after[len(after)-1]
	if len(after) != before+1 || last.Type != "CLIENT_KEY_DELETED" || last.IDs["kid"] != c.kid || last.IDs["clientId"] != clientID {
		t.Errorf("%+v", last)
	}
	chain := log.All(events.ProducerKeyEvents)
	if last := chain[len(chain)-1]; last.Type != "PRODUCER_KEYCHAIN_KEY_DELETED" || last.IDs["producerKeychainId"] != keychainID {
		t.Errorf("%+v", last)
	}
}

func TestTokensOfADelegateNameTheDelegator(t *testing.T) {
	c := newCast(t, Options{})
	const (
		eservice, version = "30000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000002"
		delegation, owned = "30000000-0000-4000-8000-000000000003", "30000000-0000-4000-8000-000000000004"
		theirs            = "30000000-0000-4000-8000-000000000005"
	)
	must(
		t,
		c.AddEservice(Eservice{ID: eservice, ProducerID: producerID, Name: "delegabile", IsConsumerDelegable: true, IsClientAccessDelegable: true}),
		c.AddDescriptor(Descriptor{ID: version, EserviceID: eservice, Audience: []string{"https://d"}, VoucherLifespan: 60}),
		c.Platform().AddDelegation(Delegation{
			ID: delegation, Kind: ConsumerDelegation, DelegatorID: tenantID, DelegateID: delegateID, EserviceID: eservice,
		}),
		c.AddClient(Client{ID: theirs, TenantID: delegateID, Name: "client of the delegate"}),
		c.AddPurpose(Purpose{ID: owned, ConsumerID: tenantID, DescriptorID: version, DelegationID: delegation}),
	)
	c.want(c.delegate.v3("POST", "/clients/"+theirs+"/purposes", members{"purposeId": owned}), 204, "")
	must(t, c.RemoveKey(c.otherKid))
	kid, err := c.AddClientKey(theirs, publicPEM(t, keys()[2]))
	must(t, err)
	claims := changed(c.claims(), members{"iss": theirs, "sub": theirs, "purposeId": owned})
	values := form(c.sign(2, members{"alg": "RS256", "kid": kid}, claims))
	values.Set("client_id", theirs)
	token, _ := c.voucher(values)
	for name, want := range map[string]string{"consumerId": tenantID, "client_id": theirs, "producerId": producerID, "purposeId": owned} {
		if got, _ := token.Claims.String(name); got != want {
			t.Errorf("%s is %q, expected %q", name, got, want)
		}
	}
	if extra := token.Claims.Extra("jti", "iss", "aud", "client_id", "sub", "iat", "nbf", "exp", "purposeId", "producerId", "consumerId", "eserviceId", "descriptorId"); len(extra) > 0 {
		t.Errorf("a delegation adds the claims %v", extra)
	}
	must(t, c.Platform().RevokeDelegation(delegation))
	c.wantMasked(c.post(values), "0020")
	if r, _ := c.Platform().PurposeRecord(owned); r.Versions[0].State != platform.StateArchived {
		t.Errorf("the purpose of a revoked delegation is %s", r.Versions[0].State)
	}
}
