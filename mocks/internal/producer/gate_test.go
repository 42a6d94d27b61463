// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package producer

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// The parties of the tests. keyOf gives each its key, made once for the whole binary.
const (
	platformKid = "platform"
	consumerKid = "consumer-consumer-consumer-consumer-consume"
	strangerKid = "stranger-stranger-stranger-stranger-strange"
	clientID    = "10000000-0000-4000-8000-000000000001"
	consumerID  = "10000000-0000-4000-8000-000000000002"
	producerID  = "10000000-0000-4000-8000-000000000003"
	eserviceID  = "10000000-0000-4000-8000-000000000004"
	descriptor  = "10000000-0000-4000-8000-000000000005"
	purposeID   = "10000000-0000-4000-8000-000000000006"
	issuer      = "interop.pagopa.it"
	audience    = "https://registro.example/v1"
	contentType = "application/json"
)

var keyOf = sync.OnceValue(func() map[string]*rsa.PrivateKey {
	keys := make(map[string]*rsa.PrivateKey)
	for _, kid := range []string{platformKid, consumerKid, strangerKid} {
		keys[kid], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return keys
})

// message is a good request as its parts, for a test to spoil before it is built.
type message struct {
	voucher, voucherHeader     map[string]any
	integrity, integrityHeader map[string]any
	evidence, evidenceHeader   map[string]any
	voucherKid, partyKid       string // whose keys sign
	body                       string
	unbound                    bool // the voucher keeps the digest it has
	header                     http.Header
	drop                       []string // headers taken away at the end
}

var now = time.Unix(1_767_225_600, 0)

func newMessage() *message {
	at := now.Unix()
	party := func(jti string) map[string]any {
		return map[string]any{"aud": audience, "iss": clientID, "sub": clientID, "client_id": clientID, "jti": jti, "iat": at, "nbf": at, "exp": at + 60}
	}
	evidence := party("evidence")
	maps.Copy(evidence, map[string]any{
		"purposeId": purposeID, "userID": "operatore", "userLocation": "sportello", "LoA": "LOA3", "dnonce": "1234567890123",
	})
	return &message{
		voucher: map[string]any{
			"iss": issuer, "sub": clientID, "client_id": clientID, "jti": "voucher", "iat": at, "nbf": at, "exp": at + 600,
			"aud": "https://other.example/v1," + audience, "purposeId": purposeID, "consumerId": consumerID, "producerId": producerID,
			"eserviceId": eserviceID, "descriptorId": descriptor,
		},
		voucherHeader: map[string]any{"alg": "RS256", "typ": "at+jwt", "use": "sig", "kid": platformKid},
		integrity:     party("integrity"), integrityHeader: map[string]any{"alg": "RS256", "typ": "JWT", "kid": consumerKid},
		evidence: evidence, evidenceHeader: map[string]any{"alg": "RS256", "typ": "JWT", "kid": consumerKid},
		voucherKid: platformKid, partyKid: consumerKid, body: `{"idANPR":"AA00000AA"}`, header: http.Header{},
	}
}

func signed(t *testing.T, kid string, header, claims map[string]any) string {
	t.Helper()
	compact, err := rules.Sign(rand.Reader, keyOf()[kid], header, claims)
	must(t, err)
	return compact
}

// request builds the message as a consumer would: the digest over the body, the
// signature over the digest, the evidence and the voucher bound to it.
func (m *message) request(t *testing.T) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/consultazione", strings.NewReader(m.body))
	digest := rules.Digest([]byte(m.body))
	if _, given := m.integrity["signed_headers"]; !given {
		m.integrity["signed_headers"] = rules.SignedHeaders(digest, contentType)
	}
	evidence := signed(t, m.partyKid, m.evidenceHeader, m.evidence)
	if !m.unbound {
		m.voucher["digest"] = map[string]any{"alg": "SHA256", "value": rules.EvidenceDigest(evidence)}
	}
	r.Header.Set("Authorization", "Bearer "+signed(t, m.voucherKid, m.voucherHeader, m.voucher))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Digest", digest)
	r.Header.Set("Agid-JWT-Signature", signed(t, m.partyKid, m.integrityHeader, m.integrity))
	r.Header.Set("Agid-JWT-TrackingEvidence", evidence)
	maps.Copy(r.Header, m.header)
	for _, name := range m.drop {
		r.Header.Del(name)
	}
	return r
}

// fixture is a gate with its platform and a clock that stands.
type fixture struct {
	*Gate
	now     time.Time
	keysErr error // what PDND answers about the keys of consumers
	fetches int   // of the platform's keys
	down    bool  // the platform's key set
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{now: now}
	set, err := json.Marshal(map[string]any{"keys": []any{rules.RSAJWK(&keyOf()[platformKid].PublicKey, platformKid)}})
	must(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		f.fetches++
		if f.down {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = w.Write(set)
	}))
	t.Cleanup(server.Close)
	f.Gate = NewGate(Options{
		Clock: func() time.Time { return f.now }, Rand: rules.Locked(rand.Reader), Realm: "registro", Issuer: issuer,
		JWKSURL: func() string { return server.URL }, Keys: f.keys, Future: 5 * time.Second,
	})
	return f
}

// keys knows the consumer's key and one of another client.
func (f *fixture) keys(_ context.Context, kid string) (string, *rsa.PublicKey, error) {
	switch {
	case f.keysErr != nil:
		return "", nil, f.keysErr
	case kid == consumerKid:
		return clientID, &keyOf()[consumerKid].PublicKey, nil
	case kid == strangerKid:
		return "10000000-0000-4000-8000-0000000000ff", &keyOf()[strangerKid].PublicKey, nil
	default:
		return "", nil, ErrKeyUnknown
	}
}

func service() Service {
	return Service{
		Audience: audience, ProducerID: producerID, EserviceID: eserviceID, DescriptorIDs: []string{descriptor}, Integrity: true, Audit: true,
	}
}

func (f *fixture) verify(t *testing.T, m *message) (Caller, *rules.Fault) {
	t.Helper()
	return f.Verify(m.request(t), service(), []byte(m.body))
}

func TestAGoodMessageSaysWhoItIsFrom(t *testing.T) {
	f := newFixture(t)
	who, fault := f.verify(t, newMessage())
	if fault != nil {
		t.Fatal(fault)
	}
	if diff := cmp.Diff(Caller{ClientID: clientID, ConsumerID: consumerID, PurposeID: purposeID}, who); diff != "" {
		t.Errorf("the caller (-want +got):\n%s", diff)
	}
}

// TestWhatABrokenMessageIsRefusedFor breaks one thing of a good message. The rules are
// those of the producer side of PDND (voucher), INTEGRITY_REST_02 and AUDIT_REST_02.
func TestWhatABrokenMessageIsRefusedFor(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(m *message)
		class rules.Class
		rule  string
	}{
		"no voucher":                       {func(m *message) { m.drop = []string{"Authorization"} }, rules.ClassToken, "header-absent"},
		"two vouchers":                     {func(m *message) { m.header["Authorization"] = []string{"Bearer a", "Bearer b"} }, rules.ClassToken, "header-repeated"},
		"a voucher of another scheme":      {func(m *message) { m.header.Set("Authorization", "Basic YTpi") }, rules.ClassToken, "scheme-invalid"},
		"a scheme alone":                   {func(m *message) { m.header.Set("Authorization", "Bearer") }, rules.ClassToken, "voucher-malformed"},
		"a voucher that is no JWS":         {func(m *message) { m.header.Set("Authorization", "Bearer a.b") }, rules.ClassToken, "voucher-malformed"},
		"a voucher of alg none":            {func(m *message) { m.voucherHeader["alg"] = "none" }, rules.ClassToken, "voucher-alg"},
		"a voucher of alg PS256":           {func(m *message) { m.voucherHeader["alg"] = "PS256" }, rules.ClassToken, "voucher-alg"},
		"a voucher that says JWT":          {func(m *message) { m.voucherHeader["typ"] = "JWT" }, rules.ClassToken, "voucher-typ"},
		"a voucher that brings its key":    {func(m *message) { m.voucherHeader["jwk"] = "x" }, rules.ClassToken, "voucher-header"},
		"a kid the platform has not":       {func(m *message) { m.voucherHeader["kid"] = "other" }, rules.ClassToken, "voucher-kid"},
		"a voucher signed by the consumer": {func(m *message) { m.voucherKid = consumerKid }, rules.ClassToken, "voucher-signature"},
		"another environment's voucher":    {func(m *message) { m.voucher["iss"] = "uat." + issuer }, rules.ClassToken, "voucher-iss"},
		"an expired voucher":               {func(m *message) { m.voucher["iat"], m.voucher["exp"] = now.Unix()-60, now.Unix() }, rules.ClassToken, "voucher-expired"},
		"a voucher not valid yet":          {func(m *message) { m.voucher["nbf"] = now.Unix() + 6 }, rules.ClassToken, "voucher-nbf-future"},
		"a voucher whose sub is another":   {func(m *message) { m.voucher["sub"] = consumerID }, rules.ClassToken, "voucher-sub"},
		"the audience of another service":  {func(m *message) { m.voucher["aud"] = "https://other.example/v1" }, rules.ClassProfile, "voucher-aud"},
		"an audience that only begins so":  {func(m *message) { m.voucher["aud"] = audience + "0" }, rules.ClassProfile, "voucher-aud"},
		"another producer":                 {func(m *message) { m.voucher["producerId"] = consumerID }, rules.ClassProfile, "voucher-producer"},
		"another e-service":                {func(m *message) { m.voucher["eserviceId"] = purposeID }, rules.ClassProfile, "voucher-eservice"},
		"a descriptor not served":          {func(m *message) { m.voucher["descriptorId"] = purposeID }, rules.ClassProfile, "voucher-descriptor"},
		"a voucher of the platform's API":  {func(m *message) { delete(m.voucher, "purposeId") }, rules.ClassProfile, "voucher-purpose"},

		"no signature":                   {func(m *message) { m.drop = []string{"Agid-JWT-Signature"} }, rules.ClassProfile, "header-absent"},
		"a signature of alg none":        {func(m *message) { m.integrityHeader["alg"] = "none" }, rules.ClassProfile, "alg-not-allowed"},
		"a signature that says at+jwt":   {func(m *message) { m.integrityHeader["typ"] = "at+jwt" }, rules.ClassProfile, "typ-invalid"},
		"a certificate beside the kid":   {func(m *message) { m.integrityHeader["x5c"] = []string{"AA"} }, rules.ClassProfile, "header-member"},
		"a kid that is no thumbprint":    {func(m *message) { m.integrityHeader["kid"] = "short" }, rules.ClassProfile, "kid-invalid"},
		"a kid that nobody uploaded":     {func(m *message) { m.integrityHeader["kid"] = strings.Repeat("A", 43) }, rules.ClassProfile, "kid-unknown"},
		"a signature that fails":         {func(m *message) { m.partyKid = strangerKid }, rules.ClassProfile, "signature-invalid"},
		"a signature too old":            {func(m *message) { m.integrity["iat"] = now.Unix() - 301 }, rules.ClassProfile, "iat-old"},
		"a signature from the future":    {func(m *message) { m.integrity["iat"] = now.Unix() + 6 }, rules.ClassProfile, "iat-future"},
		"a signature for another":        {func(m *message) { m.integrity["aud"] = "https://other.example/v1" }, rules.ClassProfile, "aud-mismatch"},
		"no digest":                      {func(m *message) { m.drop = []string{"Digest"} }, rules.ClassProfile, "digest-missing"},
		"a digest of another body":       {func(m *message) { m.header.Set("Digest", rules.Digest([]byte("x"))) }, rules.ClassProfile, "digest-mismatch"},
		"a digest that is not signed":    {func(m *message) { m.integrity["signed_headers"] = rules.SignedHeaders("x", contentType)[1:] }, rules.ClassProfile, "digest-unsigned"},
		"a content type changed on way":  {func(m *message) { m.header.Set("Content-Type", "text/plain") }, rules.ClassProfile, "header-mismatch"},
		"an encoding added on the way":   {func(m *message) { m.header.Set("Content-Encoding", "gzip") }, rules.ClassProfile, "header-unsigned"},
		"no evidence":                    {func(m *message) { m.drop = []string{"Agid-JWT-TrackingEvidence"} }, rules.ClassProfile, "evidence-header-absent"},
		"an evidence of another purpose": {func(m *message) { m.evidence["purposeId"] = consumerID }, rules.ClassProfile, "evidence-purpose-mismatch"},
		"an evidence of nobody":          {func(m *message) { delete(m.evidence, "userID") }, rules.ClassProfile, "evidence-userID-missing"},
		"an evidence from nowhere":       {func(m *message) { delete(m.evidence, "userLocation") }, rules.ClassProfile, "evidence-userLocation-missing"},
		"a level longer than 20":         {func(m *message) { m.evidence["LoA"] = strings.Repeat("x", 21) }, rules.ClassProfile, "evidence-LoA-length"},
		"a dnonce of 12 digits":          {func(m *message) { m.evidence["dnonce"] = "123456789012" }, rules.ClassProfile, "evidence-dnonce-invalid"},
		"a voucher bound to nothing":     {func(m *message) { m.unbound = true }, rules.ClassProfile, "evidence-voucher-digest-missing"},
		"a voucher of another evidence": {func(m *message) {
			m.unbound, m.voucher["digest"] = true, map[string]any{"alg": "SHA256", "value": strings.Repeat("0", 64)}
		}, rules.ClassProfile, "evidence-voucher-digest-mismatch"},
		"the key of another client": {func(m *message) {
			m.partyKid, m.integrityHeader["kid"] = strangerKid, strangerKid
		}, rules.ClassDenied, "key-owner"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			m := newMessage()
			c.spoil(m)
			who, fault := f.verify(t, m)
			if fault == nil || fault.Class != c.class || fault.Name != c.rule {
				t.Errorf("refused for %v, expected %s", fault, c.rule)
			}
			if who != (Caller{}) {
				t.Errorf("a refused message is from %+v", who)
			}
		})
	}
}

// TestTheEdgesOfTime takes each token at the last instant it is good and refuses it one
// second on.
func TestTheEdgesOfTime(t *testing.T) {
	at := now.Unix()
	for name, c := range map[string]struct {
		set  func(m *message, seconds int64)
		last int64
		step int64
		rule string
	}{
		"age of a signature":       {func(m *message, s int64) { m.integrity["iat"] = at - s }, 300, 1, "iat-old"},
		"iat of a signature ahead": {func(m *message, s int64) { m.integrity["iat"] = at + s }, 5, 1, "iat-future"},
		"nbf of a signature ahead": {func(m *message, s int64) { m.integrity["nbf"] = at + s }, 5, 1, "nbf-future"},
		"end of a signature":       {func(m *message, s int64) { m.integrity["iat"], m.integrity["exp"] = at-10, at+s }, 1, -1, "expired"},
		"age of an evidence":       {func(m *message, s int64) { m.evidence["iat"] = at - s }, 300, 1, "evidence-iat-old"},
		"end of a voucher":         {func(m *message, s int64) { m.voucher["iat"], m.voucher["exp"] = at-10, at+s }, 1, -1, "voucher-expired"},
		"iat of a voucher ahead":   {func(m *message, s int64) { m.voucher["iat"] = at + s }, 5, 1, "voucher-iat-future"},
	} {
		t.Run(name, func(t *testing.T) {
			good := newMessage()
			c.set(good, c.last)
			if _, fault := newFixture(t).verify(t, good); fault != nil {
				t.Errorf("at the edge: %v", fault)
			}
			bad := newMessage()
			c.set(bad, c.last+c.step)
			if _, fault := newFixture(t).verify(t, bad); fault == nil || fault.Name != c.rule {
				t.Errorf("beyond the edge: %v, expected %s", fault, c.rule)
			}
		})
	}
}

// TestTheEarlierFaultIsTheOneTold breaks two things: nothing is told of what comes later.
func TestTheEarlierFaultIsTheOneTold(t *testing.T) {
	faults := []struct {
		rule  string
		spoil func(m *message)
	}{
		{"voucher-signature", func(m *message) { m.voucherKid = consumerKid }},
		{"voucher-iss", func(m *message) { m.voucher["iss"] = "x" }},
		{"voucher-aud", func(m *message) { m.voucher["aud"] = "x" }},
		{"kid-unknown", func(m *message) { m.integrityHeader["kid"] = strings.Repeat("A", 43) }},
		{"aud-mismatch", func(m *message) { m.integrity["aud"] = "x" }},
		{"digest-mismatch", func(m *message) { m.header.Set("Digest", rules.Digest(nil)) }},
		{"header-mismatch", func(m *message) { m.header.Set("Content-Type", "text/plain") }},
		{"evidence-aud-mismatch", func(m *message) { m.evidence["aud"] = "x" }},
		{"evidence-purpose-mismatch", func(m *message) { m.evidence["purposeId"] = "x" }},
		{"evidence-voucher-digest-missing", func(m *message) { m.unbound = true }},
	}
	for first := range faults {
		for second := first + 1; second < len(faults); second++ {
			m := newMessage()
			faults[second].spoil(m)
			faults[first].spoil(m)
			if _, fault := newFixture(t).verify(t, m); fault == nil || fault.Name != faults[first].rule {
				t.Errorf("%s and %s: told of %v", faults[first].rule, faults[second].rule, fault)
			}
		}
	}
}

// TestAnEserviceAsksForItsPatternsOnly leaves out what a service does not want: a plain
// BEARER e-service looks at the voucher alone.
func TestAnEserviceAsksForItsPatternsOnly(t *testing.T) {
	both := []string{"Agid-JWT-Signature", "Digest", "Agid-JWT-TrackingEvidence"}
	for name, c := range map[string]struct {
		integrity, audit bool
		without          []string
		rule             string
	}{
		"voucher alone":                    {false, false, both, ""},
		"integrity without evidence":       {true, false, both[2:], ""},
		"audit without a signature":        {false, true, both[:2], ""},
		"integrity wants its signature":    {true, false, both[:1], "header-absent"},
		"audit wants its evidence":         {false, true, both[2:], "evidence-header-absent"},
		"both, and the evidence is absent": {true, true, both[2:], "evidence-header-absent"},
	} {
		t.Run(name, func(t *testing.T) {
			wanted := service()
			wanted.Integrity, wanted.Audit = c.integrity, c.audit
			m := newMessage()
			m.drop = c.without
			_, fault := newFixture(t).Verify(m.request(t), wanted, []byte(m.body))
			if got := nameOf(fault); got != c.rule {
				t.Errorf("%q, expected %q", got, c.rule)
			}
		})
	}
}

func nameOf(fault *rules.Fault) string {
	if fault == nil {
		return ""
	}
	return fault.Name
}

func TestASignatureIsUsedOnceWithinItsLife(t *testing.T) {
	f := newFixture(t)
	refused := newMessage()
	refused.evidence["aud"] = "x" // refused after the signature was read: its jti is not burnt
	if _, fault := f.verify(t, refused); fault == nil {
		t.Fatal("a bad evidence is taken")
	}
	for i, want := range []string{"", "jti-replayed", "jti-replayed"} {
		if _, fault := f.verify(t, newMessage()); nameOf(fault) != want {
			t.Errorf("time %d: %v, expected %q", i, fault, want)
		}
	}
	f.now = now.Add(59 * time.Second)
	if _, fault := f.verify(t, newMessage()); nameOf(fault) != "jti-replayed" {
		t.Errorf("near its end: %v", fault)
	}
	other := newMessage()
	other.integrity["jti"] = "another"
	if _, fault := f.verify(t, other); fault != nil {
		t.Errorf("another jti: %v", fault)
	}
}

// TestNobodyKnowsIsNotNo tells a key that does not exist from a platform that is silent.
func TestNobodyKnowsIsNotNo(t *testing.T) {
	t.Run("the keys of consumers", func(t *testing.T) {
		f := newFixture(t)
		f.keysErr = errors.New("connection refused")
		if _, fault := f.verify(t, newMessage()); fault == nil || fault.Class != rules.ClassUnknown || fault.Name != "keys-unreachable" {
			t.Errorf("%v", fault)
		}
		f.keysErr = nil
		if _, fault := f.verify(t, newMessage()); fault != nil {
			t.Errorf("the same message afterwards: %v", fault)
		}
	})
	t.Run("the keys of the platform", func(t *testing.T) {
		f := newFixture(t)
		f.down = true
		if _, fault := f.verify(t, newMessage()); fault == nil || fault.Class != rules.ClassUnknown || fault.Name != "platform-unreachable" {
			t.Errorf("%v", fault)
		}
	})
}

// TestPlatformKeysAreKept counts the fetches: one for all within the age, one more after
// it, none within a second of the last for a kid that is not there, and the last good
// set while the platform is down.
func TestPlatformKeysAreKept(t *testing.T) {
	f := newFixture(t)
	find := func(kid string) error {
		_, err := f.platform.find(t.Context(), kid)
		return err
	}
	for i, step := range []struct {
		after   time.Duration
		kid     string
		down    bool
		err     error
		fetches int
	}{
		{0, platformKid, false, nil, 1},
		{PlatformMaxAge - 1, platformKid, false, nil, 1},
		{PlatformMaxAge, platformKid, false, nil, 2},
		{PlatformMaxAge, "other", false, errNoSuchKey, 2},
		{PlatformMaxAge + platformFloor - 1, "other", false, errNoSuchKey, 2},
		{PlatformMaxAge + platformFloor, "other", false, errNoSuchKey, 3},
		{3 * PlatformMaxAge, platformKid, true, nil, 4},
	} {
		f.now, f.down = now.Add(step.after), step.down
		if err := find(step.kid); !errors.Is(err, step.err) || f.fetches != step.fetches {
			t.Errorf("step %d: %v after %d fetches, expected %v after %d", i, err, f.fetches, step.err, step.fetches)
		}
	}
	f.now = now.Add(4 * PlatformMaxAge)
	if err := find("other"); err == nil || errors.Is(err, errNoSuchKey) {
		t.Errorf("a kid nobody knows of while the platform is down: %v", err)
	}
}

// TestARefusalOnTheWireIsGeneric holds the wire form of each class, as GovWay words it:
// the true reason stays inside.
func TestARefusalOnTheWireIsGeneric(t *testing.T) {
	for name, c := range map[string]struct {
		class         rules.Class
		status        int
		title, detail string
		authenticate  string
	}{
		"token":   {rules.ClassToken, 401, "TokenAuthenticationFailed", "Token authentication failed", `Bearer realm="registro", error="invalid_token"`},
		"profile": {rules.ClassProfile, 400, "InteroperabilityInvalidRequest", "Received request is not conform to the required interoperability profile", ""},
		"denied":  {rules.ClassDenied, 403, "AuthorizationDeny", "Authorization deny", ""},
		"replay":  {rules.ClassReplay, 409, "Conflict", "Conflict detected", ""},
		"unknown": {rules.ClassUnknown, 503, "APIUnavailable", "The API Implementation is temporary unavailable", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			if f.LastRefusal() != nil {
				t.Error("a refusal before any")
			}
			w := httptest.NewRecorder()
			if !f.Transaction(w) {
				t.Fatal("no transaction")
			}
			f.Refuse(t.Context(), w, &rules.Fault{Class: c.class, Name: "the-true-reason", Detail: "told to nobody"})
			var got GovWayProblem
			must(t, json.Unmarshal(w.Body.Bytes(), &got))
			want := GovWayProblem{
				Type:  "https://govway.org/handling-errors/" + strconv.Itoa(c.status) + "/" + c.title + ".html",
				Title: c.title, Status: c.status, Detail: c.detail, GovwayID: w.Header().Get("GovWay-Transaction-ID"),
			}
			if diff := cmp.Diff(want, got); diff != "" || w.Code != c.status || !rules.IsUUID(got.GovwayID) {
				t.Errorf("%d (-want +got):\n%s", w.Code, diff)
			}
			if w.Header().Get("WWW-Authenticate") != c.authenticate || w.Header().Get("GovWay-Transaction-ErrorType") != c.title {
				t.Errorf("header %v", w.Header())
			}
			if strings.Contains(w.Body.String(), "true-reason") || strings.Contains(w.Body.String(), "nobody") {
				t.Errorf("the reason is on the wire: %s", w.Body)
			}
			if diff := cmp.Diff(&Refusal{c.status, c.title, "the-true-reason", "told to nobody"}, f.LastRefusal()); diff != "" {
				t.Errorf("inside (-want +got):\n%s", diff)
			}
		})
	}
}
