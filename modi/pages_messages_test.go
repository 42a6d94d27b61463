// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi_test

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

const (
	organization = moditest.Organization
	body         = `{"pratica":"2026/00017"}`
	answer       = `{"stato":"IN_LAVORAZIONE"}`
	assertionAud = "auth.uat.interop.pagopa.it/client-assertion"
	tokenURL     = "https://auth.uat.interop.pagopa.it/token.oauth2"
	resourceURL  = moditest.Audience + "/istanze/2026-00017"
)

func now() time.Time { return moditest.Now() }

// world holds the parties of the examples.
type world struct {
	t                                *testing.T
	client, platform, producer, dpop token.SigningKey
	seal                             token.SigningKey
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, client: signing(t, token.RS256, rsaKey(t, "client")), producer: signing(t, token.RS256, rsaKey(t, "producer keychain")),
		dpop: signing(t, token.ES256, ecKey(t, "dpop")), seal: sealed(t, ecKey(t, "seal")),
	}
	w.platform = signing(t, token.RS256, rsaKey(t, "pdnd"))
	w.platform.KID = moditest.PlatformKID
	return w
}

// stamp is the moment of the examples, with randomness of their own.
func (w *world) stamp(seed string) rest.Stamp {
	return rest.Stamp{Now: now(), Rand: &stream{seed: seed}, BackDate: 5 * time.Second, Lifetime: 300 * time.Second}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// parse reads a message written as people write it.
func (w *world) parse(head, content string) *message.Message {
	w.t.Helper()
	if content != "" {
		head += fmt.Sprintf("Content-Length: %d\n", len(content))
	}
	return must[*message.Message](w.t)(message.Parse([]byte(head + "\n" + content)))
}

func (w *world) get() *message.Message {
	return w.parse("GET /modi/c_x000/stato-istanza/v1/istanze/2026-00017 HTTP/1.1\nHost: api.comune.example\nAccept: application/json\n", "")
}

func (w *world) post() *message.Message {
	return w.parse("POST /modi/c_x000/stato-istanza/v1/istanze HTTP/1.1\nHost: api.comune.example\nContent-Type: application/json\n", body)
}

func (w *world) reply(content string) *message.Message {
	return w.parse("HTTP/1.1 200 OK\nContent-Type: application/json\n", content)
}

// with puts the headers that a signer has set on the message.
func (w *world) with(m *message.Message, sign func(*rest.Message) error) *message.Message {
	w.t.Helper()
	in := rest.Message{Header: m.Header(), Body: modi.Bytes(m.Body)}
	err := sign(&in)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, name := range []string{rest.HeaderAuthorization, dpop.HeaderProof, rest.HeaderTrackingEvidence, rest.HeaderDigest, rest.HeaderSignature} {
		if value := in.Header.Get(name); value != "" {
			err = m.Set(name, value)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return m
}

func (w *world) idAuth(m *message.Message, seed string, p modi.Pattern, refs ...token.Reference) *message.Message {
	return w.with(m, func(in *rest.Message) error {
		_, err := rest.SignIDAuth(in, rest.IDAuthInput{
			Pattern: p, Issuer: "c_x001", Subject: "sportello", Audience: moditest.Audience, References: refs,
		}, w.stamp(seed), w.seal)
		return err
	})
}

func (w *world) integrity(m *message.Message, in rest.IntegrityInput, seed string, key token.SigningKey) *message.Message {
	return w.with(m, func(out *rest.Message) error {
		_, err := rest.SignIntegrity(out, in, w.stamp(seed), key)
		return err
	})
}

func (w *world) audit(in rest.AuditInput, seed string, key token.SigningKey) rest.Evidence {
	in.Audience, in.UserID, in.UserLocation, in.LoA = moditest.Audience, "operatore-17", "postazione-04", "SPID_L2"
	return must[rest.Evidence](w.t)(rest.SignAudit(in, w.stamp(seed), key))
}

// voucher is what PDND answers: the members that it writes, in its order.
func (w *world) voucher(change map[string]any) string {
	w.t.Helper()
	claims := map[string]any{
		"iss": moditest.Issuer, "sub": moditest.ClientID, "client_id": moditest.ClientID, "aud": moditest.Audience,
		"iat": now().Unix() - 60, "nbf": now().Unix() - 60, "exp": now().Unix() + 540, "jti": "0f2b6a1e-9999-4a00-8000-000000000001",
		"purposeId": moditest.PurposeID, "producerId": moditest.ProducerID, "consumerId": moditest.ConsumerID,
		"eserviceId": moditest.EserviceID, "descriptorId": moditest.DescriptorID,
	}
	for name, value := range change {
		claims[name] = value
	}
	return must[string](w.t)(token.Sign(token.Voucher(), token.HeaderExtra{Use: "sig"}, claims, w.platform))
}

func (w *world) set(m *message.Message, name, value string) *message.Message {
	w.t.Helper()
	err := m.Set(name, value)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) tokenRequest(digest *voucher.Digest, proof string) *message.Message {
	w.t.Helper()
	assertion := voucher.Assertion{
		ClientID: moditest.ClientID, PurposeID: moditest.PurposeID, Audience: assertionAud, Digest: digest,
		Lifetime: 300 * time.Second, BackDate: 5 * time.Second,
	}
	compact := must[string](w.t)(assertion.Sign(now(), &stream{seed: "assertion"}, w.client))
	form := url.Values{
		"client_id": {moditest.ClientID}, "grant_type": {"client_credentials"}, "client_assertion": {compact},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	head := "POST /token.oauth2 HTTP/1.1\nHost: auth.uat.interop.pagopa.it\nContent-Type: application/x-www-form-urlencoded\n"
	if proof != "" {
		head += dpop.HeaderProof + ": " + proof + "\n"
	}
	return w.parse(head, form.Encode())
}

func (w *world) prove(method, at, compact string) string {
	w.t.Helper()
	in := dpop.Input{Method: method, URL: at, Voucher: compact}
	return must[string](w.t)(dpop.Prove(in, now(), &stream{seed: "dpop" + method}, w.dpop))
}

// messages are the examples of the pages, by the name of their file.
func (w *world) messages() map[string]*message.Message {
	consumer := rest.IntegrityInput{Issuer: moditest.ClientID, Audience: moditest.Audience}
	evidence := w.audit(rest.AuditInput{Issuer: moditest.ClientID, PurposeID: moditest.PurposeID}, "audit-rest-02", w.client)
	bound := w.voucher(map[string]any{"cnf": map[string]string{"jkt": w.dpop.KID}})
	whole := w.integrity(
		w.idAuth(w.post(), "integrity-rest-01", modi.PatternIDAuthREST02, token.X5TS256),
		rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Issuer: "c_x001", Audience: moditest.Audience, References: []token.Reference{token.X5TS256}},
		"integrity-rest-01 signature", w.seal)
	digest, _ := whole.Get(rest.HeaderDigest)
	traced := w.idAuth(w.get(), "audit-rest-01", modi.PatternIDAuthREST01, token.X5TS256)
	trace := w.audit(rest.AuditInput{Pattern: modi.PatternAuditREST01, Issuer: "c_x001", References: []token.Reference{token.X5TS256}}, "audit-rest-01 evidence", w.seal)
	return map[string]*message.Message{
		"id-auth-rest-01":   w.idAuth(w.get(), "id-auth-rest-01", modi.PatternIDAuthREST01),
		"id-auth-rest-02":   w.idAuth(w.get(), "id-auth-rest-02", modi.PatternIDAuthREST02, token.X5TS256),
		"integrity-rest-01": whole,
		"integrity-rest-02": w.integrity(w.set(w.post(), "Authorization", "Bearer "+w.voucher(nil)), consumer, "integrity-rest-02", w.client),
		"integrity-rest-02-reply": w.integrity(w.reply(answer),
			rest.IntegrityInput{Issuer: moditest.ProducerID, Audience: moditest.ClientID}, "integrity-rest-02-reply", w.producer),
		"audit-rest-01": w.set(traced, rest.HeaderTrackingEvidence, trace.Compact),
		"audit-rest-02": w.integrity(w.set(w.set(w.post(), "Authorization", "Bearer "+w.voucher(map[string]any{"digest": evidence.Digest})),
			rest.HeaderTrackingEvidence, evidence.Compact), consumer, "audit-rest-02 signature", w.client),
		"voucher-request": w.tokenRequest(&evidence.Digest, ""),
		"voucher":         w.set(w.get(), "Authorization", "Bearer "+w.voucher(nil)),
		"dpop-request":    w.tokenRequest(nil, w.prove("POST", tokenURL, "")),
		"dpop":            w.set(w.set(w.get(), "Authorization", "DPoP "+bound), dpop.HeaderProof, w.prove("GET", resourceURL, bound)),
		"pdnd-api-v3-response": w.integrity(w.reply(`{"eservices":[]}`),
			rest.IntegrityInput{Pattern: modi.PatternPDNDResponse, Issuer: "api.uat.interop.pagopa.it"}, "pdnd-api-v3-response", w.platform),
		"non-repudiation-reply": w.integrity(w.reply(answer), rest.IntegrityInput{
			Pattern: modi.PatternIntegrityREST01, Issuer: "c_x000", Audience: "c_x001", RequestDigest: digest, References: []token.Reference{token.X5TS256},
		}, "non-repudiation-reply", w.seal),
	}
}

// files are the messages and the public keys that verify them, by name.
func (w *world) files() map[string][]byte {
	w.t.Helper()
	jwk := func(key token.SigningKey) json.RawMessage {
		return must[[]byte](w.t)(token.MarshalJWK(key.Signer.Public(), key.KID, key.Algorithm))
	}
	indented := func(v any) []byte {
		return append(must[[]byte](w.t)(json.MarshalIndent(v, "", "  ")), '\n')
	}
	out := map[string][]byte{
		"client.json":   indented(map[string]any{"clientId": moditest.ClientID, "jwk": jwk(w.client)}),
		"producer.json": indented(map[string]any{"producerKeychainId": moditest.KeychainID, "jwk": jwk(w.producer)}),
		"pdnd.json":     indented(map[string]any{"keys": []json.RawMessage{jwk(w.platform)}}),
		"sigillo.crt":   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.seal.Chain[0].Raw}),
	}
	for name, m := range w.messages() {
		out[name+".http"] = m.Bytes()
	}
	return out
}

// tokensOf lists the tokens of a message under the name of what holds them.
func tokensOf(m *message.Message) (names, tokens []string) {
	for _, name := range []string{rest.HeaderAuthorization, dpop.HeaderProof, rest.HeaderTrackingEvidence, rest.HeaderSignature} {
		if value, ok := m.Get(name); ok {
			value = value[strings.LastIndexByte(value, ' ')+1:]
			names, tokens = append(names, "`"+name+"`"), append(tokens, value)
		}
	}
	if form, err := url.ParseQuery(string(m.Body)); err == nil && form.Has("client_assertion") {
		names, tokens = append(names, "`client_assertion`"), append(tokens, form.Get("client_assertion"))
	}
	return names, tokens
}
