// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"strings"
	"testing"
)

// writes are the operations of v3 that change something, with a body that passes the
// schema, or nothing where there is none.
func writes() map[string]any {
	id := unknownID
	user := members{"userIds": []string{id}}
	return map[string]any{
		"POST /eservices":                                        eserviceBody(nil),
		"PATCH /eservices/" + id:                                 members{"name": "nuovo nome"},
		"DELETE /eservices/" + id:                                nil,
		"PATCH /eservices/" + id + "/name":                       members{"name": "nuovo nome"},
		"PATCH /eservices/" + id + "/description":                members{"description": "una descrizione"},
		"PATCH /eservices/" + id + "/signalHub":                  members{"isSignalHubEnabled": true},
		"PATCH /eservices/" + id + "/delegation":                 members{"isConsumerDelegable": true},
		"POST /eservices/" + id + "/descriptors":                 descriptorBody(nil),
		"PATCH " + someDescriptor:                                members{"voucherLifespan": 60},
		"PATCH " + someDescriptor + "/quotas":                    members{"voucherLifespan": 60},
		"DELETE " + someDescriptor:                               nil,
		"POST " + someDescriptor + "/publish":                    members{},
		"POST " + someDescriptor + "/suspend":                    members{},
		"POST " + someDescriptor + "/unsuspend":                  members{},
		"POST " + someDescriptor + "/approve":                    members{},
		"POST " + someDescriptor + "/reject":                     members{"rejectionReason": "x"},
		"DELETE " + someDescriptor + "/interface":                nil,
		"POST " + someDescriptor + "/certifiedAttributes/groups": members{"attributeIds": []string{id}},
		"POST /agreements":                                       members{"eserviceId": id, "descriptorId": id},
		"DELETE /agreements/" + id:                               nil,
		"POST /agreements/" + id + "/submit":                     members{},
		"POST /agreements/" + id + "/approve":                    members{},
		"POST /agreements/" + id + "/reject":                     members{"reason": strings.Repeat("x", 20)},
		"POST /agreements/" + id + "/suspend":                    members{},
		"POST /agreements/" + id + "/unsuspend":                  members{},
		"POST /agreements/" + id + "/upgrade":                    members{},
		"POST /agreements/" + id + "/clone":                      members{},
		"POST /agreements/" + id + "/archive":                    members{},
		"POST /purposes":                                         purposeBody(id, nil),
		"PATCH /purposes/" + id:                                  members{"title": "un titolo"},
		"DELETE /purposes/" + id:                                 nil,
		"POST /purposes/" + id + "/activate":                     members{},
		"POST /purposes/" + id + "/approve":                      members{},
		"POST /purposes/" + id + "/suspend":                      members{},
		"POST /purposes/" + id + "/unsuspend":                    members{},
		"POST /purposes/" + id + "/archive":                      members{},
		"POST /purposes/" + id + "/versions":                     members{"dailyCalls": 1},
		"POST /clients":                                          members{"name": "client", "members": []string{}},
		"DELETE /clients/" + id:                                  nil,
		"POST /clients/" + id + "/keys":                          keyBody([]byte("x"), nil),
		"DELETE /clients/" + id + "/keys/kid":                    nil,
		"POST /clients/" + id + "/purposes":                      members{"purposeId": id},
		"DELETE /clients/" + id + "/purposes/" + id:              nil,
		"POST /clients/" + id + "/users":                         user,
		"DELETE /clients/" + id + "/users/" + id:                 nil,
		"POST /producerKeychains":                                members{"name": "chain", "members": []string{}},
		"DELETE /producerKeychains/" + id:                        nil,
		"POST /producerKeychains/" + id + "/keys":                keyBody([]byte("x"), nil),
		"DELETE /producerKeychains/" + id + "/keys/kid":          nil,
		"POST /producerKeychains/" + id + "/eservices":           members{"eserviceId": id},
		"DELETE /producerKeychains/" + id + "/eservices/" + id:   nil,
		"POST /producerKeychains/" + id + "/users":               user,
		"DELETE /producerKeychains/" + id + "/users/" + id:       nil,
		"POST /consumerDelegations":                              members{"eserviceId": id, "delegateId": id},
		"POST /consumerDelegations/" + id + "/accept":            members{},
		"POST /consumerDelegations/" + id + "/reject":            members{"rejectionReason": "x"},
		"POST /producerDelegations":                              members{"eserviceId": id, "delegateId": id},
		"POST /producerDelegations/" + id + "/accept":            members{},
		"POST /producerDelegations/" + id + "/reject":            members{"rejectionReason": "x"},
	}
}

const someDescriptor = "/eservices/" + unknownID + "/descriptors/" + unknownID

func TestEveryWriteIsForTheAdmin(t *testing.T) {
	c := newQuickCast(t)
	for operation, body := range writes() {
		method, path, _ := strings.Cut(operation, " ")
		if a := c.reader.v3(method, path, body); a.status != 403 || a.code() != "017-9993" {
			t.Errorf("%s with role m2m: %d %s", operation, a.status, a.raw)
		}
	}
}

func TestEveryWriteRefusesAnUnknownProperty(t *testing.T) {
	c := newQuickCast(t)
	for operation, body := range writes() {
		object, has := body.(members)
		if !has {
			continue
		}
		method, path, _ := strings.Cut(operation, " ")
		a := c.consumer.v3(method, path, changed(object, members{"colour": "red"}))
		if a.status != 400 || a.code() != "017-9999" || !strings.Contains(a.raw, "'colour'") {
			t.Errorf("%s with an unknown property: %d %s", operation, a.status, a.raw)
		}
	}
}

func TestEveryOperationWantsUUIDs(t *testing.T) {
	c := newQuickCast(t)
	for operation, body := range writes() {
		if !strings.Contains(operation, unknownID) {
			continue
		}
		method, path, _ := strings.Cut(operation, " ")
		if a := c.consumer.v3(method, strings.Replace(path, unknownID, "not-a-uuid", 1), body); a.status != 400 || a.code() != "017-9999" {
			t.Errorf("%s with no UUID: %d %s", operation, a.status, a.raw)
		}
	}
}

// TestEveryWriteOnNothing sends a good request about an object that does not exist.
func TestEveryWriteOnNothing(t *testing.T) {
	c := newQuickCast(t)
	for operation, body := range writes() {
		method, path, _ := strings.Cut(operation, " ")
		if !strings.Contains(path, unknownID) {
			continue
		}
		if a := c.consumer.v3(method, path, body); a.status != 404 || a.code() == "" {
			t.Errorf("%s: %d %s, expected 404", operation, a.status, a.raw)
		}
	}
}
