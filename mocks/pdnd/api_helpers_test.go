// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

const (
	consumerAdminID = "20000000-0000-4000-8000-000000000001" // API client of the consumer, with an admin
	consumerUserID  = "20000000-0000-4000-8000-000000000002"
	comuniID        = "20000000-0000-4000-8000-000000000003" // certified attribute
	delegateID      = "20000000-0000-4000-8000-000000000004" // a third tenant
	delegateAPIID   = "20000000-0000-4000-8000-000000000005"
	delegateUserID  = "20000000-0000-4000-8000-000000000006"
)

// caller is an API client of a tenant that calls the platform API over TCP.
type caller struct {
	w        *testWorld
	clientID string
	kid      string
	key      int // of keys()
	prover   *ecdsa.PrivateKey
	keeps    bool   // its voucher of v3 from call to call
	kept     string // that voucher
}

// cast is a started world with an admin for the consumer, the producer and a third
// tenant, and somebody without an admin.
type cast struct {
	*testWorld
	consumer, producer, delegate, reader *caller
}

func newCast(t *testing.T, opts Options) *cast {
	t.Helper()
	w := newWorldForTest(t, opts)
	must(t, w.Start(t.Context(), ""))
	t.Cleanup(func() { _ = w.Close() })
	c := &cast{testWorld: w}
	p := w.Platform()
	must(t,
		w.AddTenant(Tenant{ID: delegateID, Name: "Unione", IPACode: "c_up"}),
		w.AddClient(Client{ID: consumerAdminID, TenantID: tenantID, Name: "consumer admin", Kind: API, AdminID: consumerUserID}),
		w.AddClient(Client{ID: delegateAPIID, TenantID: delegateID, Name: "delegate admin", Kind: API, AdminID: delegateUserID}),
		p.AddAttribute(Attribute{ID: comuniID, Name: "Comuni", Code: "L6", Origin: "IPA", Description: "Comuni e loro consorzi"}),
	)
	c.consumer, c.producer = c.caller(consumerAdminID, 5), c.caller(adminAPIID, 6)
	c.delegate = c.caller(delegateAPIID, 7)
	c.reader = &caller{w: w, clientID: apiID, kid: w.apiKid, key: 1, prover: c.consumer.prover}
	return c
}

// newQuickCast is a cast for tests of many calls whose subject is not the voucher: each
// caller asks for one and keeps it.
func newQuickCast(t *testing.T) *cast {
	t.Helper()
	c := newCast(t, Options{RateLimit: 10_000})
	for _, who := range []*caller{c.consumer, c.producer, c.delegate, c.reader} {
		who.keeps = true
	}
	return c
}

func (c *cast) caller(clientID string, key int) *caller {
	c.t.Helper()
	kid, err := c.AddClientKey(clientID, publicPEM(c.t, keys()[key]))
	must(c.t, err)
	prover, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(c.t, err)
	return &caller{w: c.testWorld, clientID: clientID, kid: kid, key: key, prover: prover}
}

// proof makes a DPoP proof, with a voucher for a resource and without for the token
// endpoint. The changes are applied last.
func (c *caller) proof(method, uri, voucher string, header, claims members) string {
	c.w.t.Helper()
	point, err := c.prover.PublicKey.Bytes()
	must(c.w.t, err)
	enc := base64.RawURLEncoding
	jti, err := rules.UUID(rand.Reader)
	must(c.w.t, err)
	payload := members{"jti": jti, "htm": method, "htu": uri, "iat": c.w.now.Unix()}
	if voucher != "" {
		sum := sha256.Sum256([]byte(voucher))
		payload["ath"] = enc.EncodeToString(sum[:])
	}
	head := members{"typ": "dpop+jwt", "alg": "ES256", "jwk": members{
		"kty": "EC", "crv": "P-256", "x": enc.EncodeToString(point[1:33]), "y": enc.EncodeToString(point[33:]),
	}}
	compact, err := rules.Sign(rand.Reader, c.prover, changed(head, header), changed(payload, claims))
	must(c.w.t, err)
	return compact
}

// voucher asks for an API voucher over TCP, bound to the caller's key when dpop is set.
func (c *caller) voucher(dpop bool) string {
	c.w.t.Helper()
	claims := changed(c.w.claims(), members{"iss": c.clientID, "sub": c.clientID, "purposeId": nil})
	values := form(c.w.sign(c.key, members{"alg": "RS256", "kid": c.kid}, claims))
	values.Set("client_id", c.clientID)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if dpop {
		header.Set("DPoP", c.proof(http.MethodPost, c.w.Profile().DPoPHTU, "", nil, nil))
	}
	a := c.send(http.MethodPost, c.w.Profile().TokenURL, header, []byte(values.Encode()))
	token, _ := a.body["access_token"].(string)
	if token == "" {
		c.w.t.Fatalf("no voucher: %d %s: %v", a.status, a.raw, c.w.LastRefusal())
	}
	return token
}

// send makes one request over TCP.
func (c *caller) send(method, address string, header http.Header, body []byte) answer {
	c.w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, address, bytes.NewReader(body))
	must(c.w.t, err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	must(c.w.t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	must(c.w.t, err)
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.body) // not every answer is JSON
	return a
}

// v3 calls an operation of v3 with a fresh voucher and proof. A body that is no []byte is
// sent as JSON.
func (c *caller) v3(method, path string, body any) answer {
	c.w.t.Helper()
	media := "application/json"
	if method == http.MethodPatch {
		media = "application/merge-patch+json"
	}
	return c.v3As(media, method, path, body)
}

func (c *caller) v3As(media, method, path string, body any) answer {
	c.w.t.Helper()
	voucher := c.kept
	if voucher == "" {
		voucher = c.voucher(true)
	}
	if c.keeps {
		c.kept = voucher
	}
	address := c.w.Profile().APIv3BaseURL + path
	htu, _, _ := strings.Cut(address, "?")
	header := http.Header{
		"Authorization": {"DPoP " + voucher}, "Dpop": {c.proof(method, htu, voucher, nil, nil)}, "Content-Type": {media},
	}
	a := c.send(method, address, header, encoded(c.w.t, body))
	c.checkSigned(a)
	return a
}

// v2 calls an operation of v2.
func (c *caller) v2(method, path string, body any) answer {
	c.w.t.Helper()
	header := http.Header{"Authorization": {"Bearer " + c.voucher(false)}, "Content-Type": {"application/json"}}
	return c.send(method, c.w.Profile().APIBaseURL+path, header, encoded(c.w.t, body))
}

func encoded(t *testing.T, body any) []byte {
	t.Helper()
	switch b := body.(type) {
	case nil:
		return nil
	case []byte:
		return b
	case string:
		return []byte(b)
	}
	raw, err := json.Marshal(body)
	must(t, err)
	return raw
}

// checkSigned verifies the signature of a v3 reply with the platform's key.
func (c *caller) checkSigned(a answer) {
	c.w.t.Helper()
	if err := c.signedFault(a); err != nil {
		c.w.t.Fatalf("%d %s: %v", a.status, a.raw, err)
	}
}

func (c *caller) signedFault(a answer) error {
	if fault := rules.CheckDigest(a.header, []byte(a.raw)); fault != nil {
		return fault
	}
	token, err := rules.Parse(a.header.Get("Agid-JWT-Signature"))
	if err != nil {
		return err
	}
	if typ, _ := token.Header.String("typ"); typ != "at+jwt" {
		return fmt.Errorf("typ is %q", typ)
	}
	for _, name := range []string{"aud", "sub", "nbf"} {
		if token.Claims.Has(name) {
			return fmt.Errorf("claim %s is present", name)
		}
	}
	if fault := rules.CheckSignedHeaders(token.Claims, a.header); fault != nil {
		return fault
	}
	return token.Verify(&keys()[4].PublicKey)
}

// want fails unless the answer has the status and, when a code is given, that code.
func (c *cast) want(a answer, status int, code string) answer {
	c.t.Helper()
	if a.status != status || a.code() != code {
		c.t.Fatalf("%d %s, expected %d %s", a.status, a.raw, status, code)
	}
	return a
}

// code returns the first code of a problem.
func (a answer) code() string {
	errs, _ := a.body["errors"].([]any)
	if len(errs) == 0 {
		return ""
	}
	first, _ := errs[0].(map[string]any)
	code, _ := first["code"].(string)
	return code
}

// text returns a member of the body that is a string.
func (a answer) text(path ...string) string {
	var value any = a.body
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	s, _ := value.(string)
	return s
}

// results returns the items of a page.
func (a answer) results() []map[string]any {
	items, _ := a.body["results"].([]any)
	list := make([]map[string]any, 0, len(items))
	for _, item := range items {
		object, _ := item.(map[string]any)
		list = append(list, object)
	}
	return list
}

// upload sends a file and a pretty name as a form.
func (c *caller) upload(path, filename, pretty, content string) answer {
	c.w.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	file, err := w.CreateFormFile("file", filename)
	must(c.w.t, err)
	_, err = file.Write([]byte(content))
	must(c.w.t, err, w.WriteField("prettyName", pretty), w.Close())
	return c.v3As(w.FormDataContentType(), http.MethodPost, path, body.Bytes())
}

// openapi is an interface with one server.
const openapi = "openapi: 3.0.3\ninfo:\n  title: x\nservers:\n  - url: https://snodo.invalid/modi/v1\npaths: {}\n"

// eserviceBody is a good new e-service.
func eserviceBody(changes members) members {
	return changed(members{
		"name": "stato-istanza", "description": "Lo stato di una istanza", "technology": "REST", "mode": "DELIVER",
		"personalData": true, "descriptor": descriptorBody(nil),
	}, changes)
}

func descriptorBody(changes members) members {
	return changed(members{
		"audience": []string{"https://snodo.invalid/modi/v1"}, "voucherLifespan": 600, "dailyCallsPerConsumer": 1000,
		"dailyCallsTotal": 5000, "agreementApprovalPolicy": "AUTOMATIC",
	}, changes)
}

// first returns the id of the first descriptor of an e-service of the producer.
func (c *cast) first(eserviceID string) string {
	c.t.Helper()
	list := c.want(c.producer.v3("GET", paged("/eservices/"+eserviceID+"/descriptors"), nil), 200, "").results()
	id, _ := list[0]["id"].(string)
	return id
}

// published makes and publishes an e-service of the producer and returns its ids.
func (c *cast) published(changes members) (eserviceID, descriptorID string) {
	c.t.Helper()
	e := c.want(c.producer.v3("POST", "/eservices", eserviceBody(changes)), 201, "")
	eserviceID = e.text("id")
	descriptorID = c.first(eserviceID)
	path := "/eservices/" + eserviceID + "/descriptors/" + descriptorID
	c.want(c.producer.upload(path+"/interface", "openapi.yaml", "Interfaccia", openapi), 201, "")
	c.want(c.producer.v3("POST", path+"/publish", nil), 200, "")
	return eserviceID, descriptorID
}

// agreed makes an active agreement of a caller and returns its id.
func (c *cast) agreed(who *caller, eserviceID, descriptorID string) string {
	c.t.Helper()
	a := c.want(who.v3("POST", "/agreements", members{"eserviceId": eserviceID, "descriptorId": descriptorID}), 201, "")
	c.want(who.v3("POST", "/agreements/"+a.text("id")+"/submit", members{}), 200, "")
	return a.text("id")
}

// riskForm is the smallest form without personal data, or one with them.
func riskForm(personal bool) members {
	answers := members{
		"purpose": []string{"INSTITUTIONAL"}, "institutionalPurpose": []string{"verifica d'ufficio"},
		"usesPersonalData": []string{"NO"}, "usesThirdPartyPersonalData": []string{"NO"},
		"isRequestOnBehalfOfThirdParties": []string{"NO"},
	}
	if personal {
		answers = changed(answers, members{
			"usesPersonalData": []string{"YES"}, "usesThirdPartyPersonalData": nil,
			"personalDataTypes": []string{"OTHER"}, "legalBasis": []string{"PUBLIC_INTEREST"},
		})
	}
	return members{"version": "3.1", "answers": answers}
}

func purposeBody(eserviceID string, changes members) members {
	return changed(members{
		"eserviceId": eserviceID, "title": "Verifica istanze", "description": "Verifica delle istanze del comune",
		"isFreeOfCharge": true, "freeOfChargeReason": "tra amministrazioni", "dailyCalls": 100, "riskAnalysisForm": riskForm(true),
	}, changes)
}

// activated makes an active purpose of a caller and returns its id.
func (c *cast) activated(who *caller, eserviceID string, changes members) string {
	c.t.Helper()
	r := c.want(who.v3("POST", "/purposes", purposeBody(eserviceID, changes)), 201, "")
	c.want(who.v3("POST", "/purposes/"+r.text("id")+"/activate", members{}), 200, "")
	return r.text("id")
}

// page adds paging to a path.
func paged(path string, filters ...string) string {
	q := url.Values{"offset": {"0"}, "limit": {"50"}}
	for i := 0; i+1 < len(filters); i += 2 {
		q.Set(filters[i], filters[i+1])
	}
	return path + "?" + q.Encode()
}

// user gives a client or keychain of the consumer its admin as a user.
func (c *cast) user(clientID string) {
	c.t.Helper()
	must(c.t, c.Platform().AddUser(tenantID, platform.User{ID: consumerUserID, Role: "admin"}))
	c.want(c.consumer.v3("POST", "/clients/"+clientID+"/users", members{"userIds": []string{consumerUserID}}), 204, "")
}
