// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/events"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

func keyBody(text []byte, changes members) members {
	return changed(members{"key": base64.StdEncoding.EncodeToString(text), "use": "SIG", "alg": "RS256", "name": "chiave 2026"}, changes)
}

func block(t *testing.T, kind string, der []byte, err error) []byte {
	t.Helper()
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestClientsAreShownByOwner(t *testing.T) {
	c := newCast(t, Options{})
	own := c.want(c.consumer.v3("GET", "/clients/"+clientID, nil), 200, "")
	if own.text("name") != "consumer" || own.text("createdAt") == "" {
		t.Errorf("own %s", own.raw)
	}
	other := c.want(c.producer.v3("GET", "/clients/"+clientID, nil), 200, "")
	if diff := cmp.Diff(members{"id": clientID, "consumerId": tenantID}, other.body); diff != "" {
		t.Errorf("another's (-want +got):\n%s", diff)
	}
	c.want(c.consumer.v3("GET", "/clients/"+unknownID, nil), 404, "006-0001")
	if list := c.consumer.v3("GET", paged("/clients", "consumerId", tenantID, "name", "CONSUMER"), nil).results(); len(list) != 2 {
		t.Errorf("by name %v", list)
	}
	c.want(c.consumer.v3("GET", paged("/clients", "consumerId", "x"), nil), 400, "017-9999")
	for _, path := range []string{"/keys", "/purposes"} {
		c.want(c.producer.v3("GET", paged("/clients/"+clientID+path), nil), 403, "006-0002")
	}
	if list := c.want(c.consumer.v3("GET", paged("/clients/"+clientID+"/purposes"), nil), 200, "").results(); len(list) != 2 {
		t.Errorf("purposes %v", list)
	}
	if list := c.want(c.consumer.v3("GET", paged("/clients/"+clientID+"/keys"), nil), 200, "").results(); len(list) != 1 || list[0]["kid"] != c.kid {
		t.Errorf("keys %v", list)
	}
}

func TestClientIsMadeWithItsPeople(t *testing.T) {
	c := newCast(t, Options{})
	body := members{"name": "Snodo", "members": []string{consumerUserID}}
	c.want(c.consumer.v3("POST", "/clients", changed(body, members{"name": "Snodo comunale"})), 201, "")
	for name, k := range map[string]struct {
		changes members
		status  int
		code    string
	}{
		"no members":          {members{"members": nil}, 400, "017-9999"},
		"member no UUID":      {members{"members": []string{"x"}}, 400, "017-9999"},
		"kind":                {members{"kind": "API"}, 400, "017-9999"},
		"short name":          {members{"name": "abcd"}, 400, "017-9999"},
		"short description":   {members{"description": "corta"}, 400, "017-9999"},
		"somebody else's man": {members{"members": []string{delegateUserID}}, 403, "006-0007"},
	} {
		t.Run(name, func(t *testing.T) {
			if a := c.consumer.v3("POST", "/clients", changed(body, k.changes)); a.status != k.status || a.code() != k.code {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	a := c.want(c.consumer.v3("POST", "/clients", body), 201, "")
	if made, _ := c.Platform().Client(a.text("id")); made.Kind != Consumer || made.TenantID != tenantID {
		t.Errorf("made %+v", made)
	}
	if last := c.lastEvent(events.ClientEvents); last.Type != "CLIENT_ADDED" || last.IDs["clientId"] != a.text("id") {
		t.Errorf("event %+v", last)
	}
	c.want(c.producer.v3("DELETE", "/clients/"+a.text("id"), nil), 403, "006-0002")
	c.want(c.consumer.v3("DELETE", "/clients/"+a.text("id"), nil), 204, "")
	c.want(c.consumer.v3("DELETE", "/clients/"+a.text("id"), nil), 404, "006-0001")
}

func TestUsersOfAClient(t *testing.T) {
	c := newCast(t, Options{})
	path := "/clients/" + clientID + "/users"
	c.user(clientID)
	c.want(c.consumer.v3("POST", path, members{"userIds": []string{consumerUserID}}), 400, "006-0008")
	c.want(c.consumer.v3("POST", path, members{"userIds": []string{}}), 400, "017-9999")
	if list := c.want(c.consumer.v3("GET", paged(path), nil), 200, "").results(); len(list) != 1 || list[0]["userId"] != consumerUserID {
		t.Errorf("users %v", list)
	}
	c.want(c.producer.v3("GET", paged(path), nil), 403, "006-0002")
	c.want(c.consumer.v3("DELETE", path+"/"+consumerUserID, nil), 204, "")
	c.want(c.consumer.v3("DELETE", path+"/"+consumerUserID, nil), 404, "006-0003")
}

func TestWhoMayUploadAKey(t *testing.T) {
	c := newCast(t, Options{})
	must(t, c.RemoveKey(c.kid))
	path := "/clients/" + clientID + "/keys"
	body := keyBody(publicPEM(t, keys()[0]), nil)
	c.want(c.producer.v3("POST", path, body), 403, "006-0002")
	c.want(c.consumer.v3("POST", path, body), 403, "006-0016")
	c.user(clientID)
	must(t, c.Platform().AddUser(tenantID, platform.User{ID: consumerUserID, Role: "api"}))
	c.want(c.consumer.v3("POST", path, body), 403, "006-0007")
	must(t, c.Platform().AddUser(tenantID, platform.User{ID: consumerUserID, Role: "security"}))
	a := c.want(c.consumer.v3("POST", path, body), 200, "")
	print, err := rules.Thumbprint(&keys()[0].PublicKey)
	must(t, err)
	if a.text("clientId") != clientID || a.text("jwk", "kid") != print {
		t.Errorf("key %s", a.raw)
	}
	if last := c.lastEvent(events.KeyEvents); last.Type != "CLIENT_KEY_ADDED" || last.IDs["kid"] != print {
		t.Errorf("event %+v", last)
	}
	c.want(c.consumer.v3("POST", path, body), 409, "006-0017")
	c.voucher(form(c.assertion(c.claims()))) // the key signs at once
	c.want(c.producer.v3("DELETE", path+"/"+print, nil), 403, "006-0002")
	c.want(c.consumer.v3("DELETE", path+"/"+c.apiKid, nil), 404, "006-0004")
	c.want(c.consumer.v3("DELETE", path+"/"+print, nil), 204, "")
	c.want(c.reader.v3("GET", "/keys/"+print, nil), 404, "006-0035")
	c.wantMasked(c.post(form(c.assertion(c.claims()))), "0006")
}

func TestOnlyOnePublicRSAKeyIsTaken(t *testing.T) {
	c := newCast(t, Options{})
	must(t, c.RemoveKey(c.kid))
	c.user(clientID)
	good := publicPEM(t, keys()[0])
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	pkix := func(key any) []byte {
		der, err := x509.MarshalPKIXPublicKey(key)
		return block(t, "PUBLIC KEY", der, err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(keys()[0])
	for name, k := range map[string]struct {
		text []byte
		code string
	}{
		"private key":     {block(t, "PRIVATE KEY", private, err), "006-10001"},
		"old private key": {block(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(keys()[0]), nil), "006-10001"},
		"certificate":     {block(t, "CERTIFICATE", []byte("x"), nil), "006-10005"},
		"two keys":        {append(append([]byte{}, good...), good...), "006-10019"},
		"short key":       {pkix(&short.PublicKey), "006-10008"},
		"curve":           {pkix(&curve.PublicKey), "006-10009"},
		"no PEM":          {[]byte("hello"), "006-10003"},
		"PEM of nothing":  {block(t, "PUBLIC KEY", []byte("x"), nil), "006-10003"},
	} {
		t.Run(name, func(t *testing.T) {
			if a := c.consumer.v3("POST", "/clients/"+clientID+"/keys", keyBody(k.text, nil)); a.status != 400 || a.code() != k.code {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	for name, changes := range map[string]members{
		"no base64":        {"key": "%%%"},
		"unknown use":      {"use": "BOTH"},
		"short name":       {"name": "abcd"},
		"unknown property": {"kid": "x"},
		"no algorithm":     {"alg": nil},
	} {
		want := "017-9999"
		if name == "no base64" {
			want = "006-10003"
		}
		if a := c.consumer.v3("POST", "/clients/"+clientID+"/keys", keyBody(good, changes)); a.status != 400 || a.code() != want {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	c.want(c.consumer.v3("POST", "/clients/"+clientID+"/keys", keyBody(block(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&keys()[0].PublicKey), nil), nil)), 200, "")
}

func TestLinkOfAPurpose(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.published(nil)
	agreement := c.agreed(c.consumer, e, d)
	draft := c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, members{"title": "bozza"})), 201, "").text("id")
	id := c.activated(c.consumer, e, nil)
	path := "/clients/" + otherID + "/purposes"
	link := func(purpose string) answer { return c.consumer.v3("POST", path, members{"purposeId": purpose}) }
	c.want(link(unknownID), 404, "006-0006")
	c.want(link(draft), 400, "006-0010")
	c.want(c.producer.v3("POST", path, members{"purposeId": id}), 403, "006-0002")
	c.want(c.consumer.v3("POST", "/clients/"+apiID+"/purposes", members{"purposeId": id}), 403, "006-0031")
	c.want(c.delegate.v3("POST", "/clients/"+delegateAPIID+"/purposes", members{"purposeId": id}), 403, "006-0031")
	must(t, c.SetAgreementState(id, "REJECTED"))
	c.want(link(id), 400, "006-0012")
	must(t, c.SetAgreementState(id, "SUSPENDED"))
	c.want(link(id), 204, "")
	c.want(link(id), 409, "006-0013")
	if last := c.lastEvent(events.ClientEvents); last.Type != "CLIENT_PURPOSE_ADDED" || last.IDs["clientId"] != otherID {
		t.Errorf("event %+v", last)
	}
	c.want(c.consumer.v3("POST", "/agreements/"+agreement+"/unsuspend", nil), 200, "")
	must(t, c.SetAgreementState(id, "ACTIVE"))
	claims := changed(c.claims(), members{"iss": otherID, "sub": otherID, "purposeId": id})
	values := form(c.sign(2, members{"alg": "RS256", "kid": c.otherKid}, claims))
	values.Set("client_id", otherID)
	token, _ := c.voucher(values)
	if aud, _ := token.Claims.String("aud"); aud != "https://snodo.invalid/modi/v1" {
		t.Errorf("aud %q", aud)
	}
	c.want(c.consumer.v3("DELETE", path+"/"+id, nil), 204, "")
	c.want(c.consumer.v3("DELETE", path+"/"+id, nil), 404, "006-0006")
	c.wantMasked(c.post(values), "0006")
}

func TestKeychainsAndTheirLinks(t *testing.T) {
	c := newCast(t, Options{})
	a := c.want(c.producer.v3("POST", "/producerKeychains", members{"name": "portachiavi", "members": []string{adminID}}), 201, "")
	path := "/producerKeychains/" + a.text("id")
	if last := c.lastEvent(events.ProducerKeychainEvents); last.Type != "PRODUCER_KEYCHAIN_ADDED" {
		t.Errorf("event %+v", last)
	}
	c.want(c.producer.v3("POST", path+"/eservices", members{"eserviceId": eserviceID}), 204, "")
	c.want(c.producer.v3("POST", path+"/eservices", members{"eserviceId": eserviceID}), 409, "006-0026")
	c.want(c.producer.v3("POST", path+"/eservices", members{"eserviceId": unknownID}), 404, "006-0009")
	c.want(c.consumer.v3("POST", path+"/eservices", members{"eserviceId": eserviceID}), 403, "006-0019")
	if list := c.want(c.producer.v3("GET", paged(path+"/eservices"), nil), 200, "").results(); len(list) != 1 {
		t.Errorf("linked %v", list)
	}
	c.want(c.consumer.v3("GET", paged(path+"/eservices"), nil), 403, "006-0019")
	must(t, c.RemoveKey(c.chainKid))
	body := keyBody(publicPEM(t, keys()[3]), nil)
	k := c.want(c.producer.v3("POST", path+"/keys", body), 200, "")
	if k.text("producerKeychainId") != a.text("id") || k.text("jwk", "kid") != c.chainKid {
		t.Errorf("key %s", k.raw)
	}
	c.want(c.reader.v3("GET", "/producerKeys/"+c.chainKid, nil), 200, "")
	c.want(c.reader.v3("GET", "/keys/"+c.chainKid, nil), 404, "006-0035")
	c.want(c.reader.v3("GET", "/producerKeys/"+c.kid, nil), 404, "006-0036")
	// A kid lives in one place only, clients and keychains together.
	c.want(c.producer.v3("POST", path+"/keys", keyBody(publicPEM(t, keys()[0]), nil)), 409, "006-0017")
	if list := c.want(c.producer.v3("GET", paged(path+"/keys"), nil), 200, "").results(); len(list) != 1 {
		t.Errorf("keys %v", list)
	}
	c.want(c.producer.v3("DELETE", path+"/keys/"+c.kid, nil), 404, "006-0024")
	c.want(c.producer.v3("DELETE", path+"/keys/"+c.chainKid, nil), 204, "")
	c.want(c.producer.v3("DELETE", path+"/eservices/"+eserviceID, nil), 204, "")
	c.want(c.producer.v3("DELETE", path+"/eservices/"+eserviceID, nil), 400, "006-0009")
	c.want(c.producer.v3("DELETE", path+"/users/"+adminID, nil), 204, "")
	c.want(c.producer.v3("DELETE", path+"/users/"+adminID, nil), 404, "006-0021")
	c.want(c.producer.v3("POST", path+"/keys", body), 403, "006-0016")
	c.want(c.producer.v3("POST", path+"/users", members{"userIds": []string{adminID}}), 204, "")
	if list := c.want(c.producer.v3("GET", paged(path+"/users"), nil), 200, "").results(); len(list) != 1 {
		t.Errorf("users %v", list)
	}
	if list := c.consumer.v3("GET", paged("/producerKeychains", "producerId", producerID), nil).results(); len(list) != 2 || list[0]["name"] != nil {
		t.Errorf("another's keychains %v", list)
	}
	c.want(c.producer.v3("GET", path, nil), 200, "")
	c.want(c.producer.v3("POST", path+"/keys", body), 200, "")
	c.want(c.producer.v3("DELETE", path, nil), 204, "")
	c.want(c.producer.v3("GET", path, nil), 404, "006-0018")
	c.want(c.reader.v3("GET", "/producerKeys/"+c.chainKid, nil), 404, "006-0036")
}

func TestDelegationInFruizione(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.published(members{"isConsumerDelegable": true})
	ask := members{"eserviceId": e, "delegateId": delegateID}
	a := c.want(c.consumer.v3("POST", "/consumerDelegations", ask), 201, "")
	if a.text("state") != "WAITING_FOR_APPROVAL" || a.text("delegatorId") != tenantID {
		t.Errorf("asked %s", a.raw)
	}
	c.want(c.consumer.v3("POST", "/consumerDelegations", ask), 409, "010-0003")
	path := "/consumerDelegations/" + a.text("id")
	c.want(c.consumer.v3("POST", path+"/accept", nil), 403, "010-0010")
	c.want(c.producer.v3("GET", path, nil), 404, "010-0001")
	request := members{"eserviceId": e, "descriptorId": d, "delegationId": a.text("id")}
	c.want(c.delegate.v3("POST", "/agreements", request), 400, "002-0026")
	c.want(c.delegate.v3("POST", path+"/accept", members{}), 200, "")
	c.want(c.delegate.v3("POST", path+"/reject", members{"rejectionReason": "no"}), 409, "010-0011")
	c.want(c.consumer.v3("POST", "/agreements", request), 403, "017-0025")
	c.want(c.delegate.v3("POST", "/agreements", changed(request, members{"eserviceId": eserviceID})), 403, "017-0032")
	agreement := c.want(c.delegate.v3("POST", "/agreements", request), 201, "")
	if agreement.text("consumerId") != tenantID || agreement.text("delegationId") != a.text("id") {
		t.Errorf("agreement %s", agreement.raw)
	}
	c.want(c.delegate.v3("POST", "/agreements/"+agreement.text("id")+"/submit", members{}), 200, "")
	id := c.want(c.delegate.v3("POST", "/purposes", purposeBody(e, members{"delegationId": a.text("id")})), 201, "").text("id")
	c.want(c.delegate.v3("POST", "/purposes/"+id+"/activate", members{}), 403, "004-0007")
	c.want(c.delegate.v3("POST", "/purposes/"+id+"/activate", members{"delegationId": a.text("id")}), 200, "")
	if r, _ := c.Platform().PurposeRecord(id); r.ConsumerID != tenantID || r.DelegationID != a.text("id") {
		t.Errorf("purpose %+v", r)
	}
	theirs := c.want(c.delegate.v3("POST", "/clients", members{"name": "del delegato", "members": []string{delegateUserID}}), 201, "").text("id")
	link := func() answer {
		return c.delegate.v3("POST", "/clients/"+theirs+"/purposes", members{"purposeId": id})
	}
	c.want(link(), 400, "006-0030")
	c.want(c.consumer.v3("POST", "/clients/"+otherID+"/purposes", members{"purposeId": id}), 403, "006-0014")
	c.want(c.producer.v3("PATCH", "/eservices/"+e+"/delegation", members{"isClientAccessDelegable": true}), 200, "")
	c.want(link(), 204, "")
	if list := c.delegate.v3("GET", paged("/consumerDelegations", "states", "ACTIVE", "delegatorIds", tenantID, "eserviceIds", e), nil).results(); len(list) != 1 {
		t.Errorf("delegations %v", list)
	}
	if last := c.lastEvent(events.ConsumerDelegationEvents); last.Type != "CONSUMER_DELEGATION_APPROVED" {
		t.Errorf("event %+v", last)
	}
}

func TestDelegationRules(t *testing.T) {
	c := newCast(t, Options{})
	e, _ := c.published(nil)
	for name, k := range map[string]struct {
		who    *caller
		path   string
		body   members
		status int
		code   string
	}{
		"not delegable":      {c.consumer, "/consumerDelegations", members{"eserviceId": e, "delegateId": delegateID}, 409, "010-0014"},
		"unknown e-service":  {c.consumer, "/consumerDelegations", members{"eserviceId": unknownID, "delegateId": delegateID}, 400, "010-0002"},
		"unknown delegate":   {c.consumer, "/consumerDelegations", members{"eserviceId": e, "delegateId": unknownID}, 400, "010-0004"},
		"oneself":            {c.consumer, "/consumerDelegations", members{"eserviceId": e, "delegateId": tenantID}, 409, "010-0005"},
		"not the producer":   {c.consumer, "/producerDelegations", members{"eserviceId": e, "delegateId": delegateID}, 403, "010-0012"},
		"delegate no UUID":   {c.consumer, "/producerDelegations", members{"eserviceId": e, "delegateId": "x"}, 400, "017-9999"},
		"unknown property":   {c.consumer, "/producerDelegations", members{"eserviceId": e, "delegateId": delegateID, "x": 1}, 400, "017-9999"},
		"reject, no reason":  {c.consumer, "/producerDelegations/" + unknownID + "/reject", members{}, 400, "017-9999"},
		"unknown delegation": {c.consumer, "/producerDelegations/" + unknownID + "/accept", members{}, 404, "010-0001"},
	} {
		t.Run(name, func(t *testing.T) {
			if a := k.who.v3("POST", k.path, k.body); a.status != k.status || a.code() != k.code {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
}

func TestDelegationInErogazione(t *testing.T) {
	c := newCast(t, Options{})
	e, _ := c.published(nil)
	a := c.want(c.producer.v3("POST", "/producerDelegations", members{"eserviceId": e, "delegateId": delegateID}), 201, "")
	c.want(c.delegate.v3("POST", "/producerDelegations/"+a.text("id")+"/accept", nil), 200, "")
	versions := "/eservices/" + e + "/descriptors"
	c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 403, "001-9989")
	d := c.want(c.delegate.v3("POST", versions, descriptorBody(nil)), 201, "").text("id")
	path := versions + "/" + d
	c.want(c.delegate.upload(path+"/interface", "openapi.yaml", "x", openapi), 201, "")
	if d := c.want(c.delegate.v3("POST", path+"/publish", nil), 200, ""); d.text("state") != "WAITING_FOR_APPROVAL" {
		t.Errorf("published by the delegate as %s", d.text("state"))
	}
	c.want(c.delegate.v3("POST", path+"/approve", nil), 403, "001-9989")
	if d := c.want(c.producer.v3("POST", path+"/reject", members{"rejectionReason": "manca un campo"}), 200, ""); d.text("state") != "DRAFT" {
		t.Errorf("rejected as %s", d.text("state"))
	}
	c.want(c.producer.v3("POST", path+"/approve", nil), 400, "001-0003")
	c.want(c.delegate.v3("POST", path+"/publish", nil), 200, "")
	if d := c.want(c.producer.v3("POST", path+"/approve", nil), 200, ""); d.text("state") != "PUBLISHED" {
		t.Errorf("approved as %s", d.text("state"))
	}
	if e, _ := c.Platform().Eservice(e); e.ProducerID != producerID {
		t.Error("the delegation changed the producer")
	}
	if last := c.lastEvent(events.ProducerDelegationEvents); !strings.HasPrefix(last.Type, "PRODUCER_DELEGATION_") {
		t.Errorf("event %+v", last)
	}
}
