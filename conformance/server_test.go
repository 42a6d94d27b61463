// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/pdnd"
)

// platformUnderTest is the mock of PDND with the client of the suite.
func platformUnderTest(t *testing.T) (*pdnd.Server, Config) {
	t.Helper()
	n := parties()
	server, err := pdnd.New(pdnd.Options{AssertionAudience: n.AssertionAudience, Issuer: n.Issuer})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		server.AddTenant(pdnd.Tenant{ID: n.Producer, Name: "Comune inventato"}), server.AddTenant(pdnd.Tenant{ID: n.Consumer, Name: "Unione inventata"}),
		server.AddEservice(pdnd.Eservice{ID: n.Eservice, ProducerID: n.Producer, Name: "anagrafe"}),
		server.AddDescriptor(pdnd.Descriptor{ID: n.Descriptor, EserviceID: n.Eservice, Audience: []string{n.Audience}, VoucherLifespan: 600}),
		server.AddClient(pdnd.Client{ID: n.Client, TenantID: n.Consumer}),
		server.AddPurpose(pdnd.Purpose{ID: n.Purpose, ConsumerID: n.Consumer, DescriptorID: n.Descriptor, Clients: []string{n.Client}}),
		server.Start(t.Context(), ""),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = server.Close() })
	if _, err := server.AddClientKey(n.Client, publicPEM(t, ownKey())); err != nil {
		t.Fatal(err)
	}
	jwks := get(t, server.Profile().JWKSURL)
	dir := t.TempDir()
	c := Config{
		Role: RoleServer, Target: server.Profile().TokenURL, Parties: n, Keys: Keys{Client: filepath.Join(dir, "client.pem"), Platform: filepath.Join(dir, "jwks.json")},
	}
	for name, data := range map[string][]byte{c.Keys.Client: privatePEM(t, ownKey()), c.Keys.Platform: jwks} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return server, c
}

func get(t testing.TB, address string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var raw json.RawMessage
	if err := json.NewDecoder(resp.Body).Decode(&raw); err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestTheMockOfPDNDPasses: the role of the authorization server, against rules that were
// written apart from those of the suite.
func TestTheMockOfPDNDPasses(t *testing.T) {
	t.Parallel()
	_, c := platformUnderTest(t)
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	tellFailures(t, r)
	t.Logf("%v %v", r.Counts, r.Notes)
	if r.Counts[Pass] < 40 || r.ExitCode() != ExitPass {
		t.Errorf("%v", r.Counts)
	}
	if got := resultOf(t, r, "suite.server/bound#dpop"); got.Verdict != Pass {
		t.Errorf("%+v", got)
	}
}

// TestATokenEndpointThatGivesVouchersToEverybody fails.
func TestATokenEndpointThatGivesVouchersToEverybody(t *testing.T) {
	t.Parallel()
	_, c := platformUnderTest(t)
	m, err := theKeys().Build("voucher", nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(grant{AccessToken: m.Tokens["voucher"], TokenType: "Bearer", ExpiresIn: 5})
	}))
	t.Cleanup(server.Close)
	c.Target = server.URL
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		"pdnd.assertion/purpose-missing#absent", "suite.server/unknown-parameter#extra", "suite.server/lifetime#expires-in", "suite.server/method#get",
		"suite.server/bound#digest", "pdnd.voucher/key-unknown#issued",
	} {
		found := false
		for _, one := range r.Results {
			found = found || strings.HasPrefix(one.Case.ID, strings.TrimSuffix(id, "absent")) && one.Verdict == Fail
		}
		if !found {
			t.Errorf("%s did not fail", id)
		}
	}
	if r.ExitCode() != ExitFail {
		t.Errorf("%v", r.Counts)
	}
}

// TestATokenEndpointThatRefusesEverybody says nothing.
func TestATokenEndpointThatRefusesEverybody(t *testing.T) {
	t.Parallel()
	_, c := platformUnderTest(t)
	c.Target = answering(t, 400, http.Header{"Content-Type": {"application/json"}}, `{"title":"no","status":400}`)
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Counts[Pass] > 0 || len(r.Notes) == 0 || r.ExitCode() != ExitUndecided {
		t.Errorf("%v %v", r.Counts, r.Notes)
	}
}

// TestVouchersOfPDNDServeForAService: with a real token endpoint the suite asks for
// genuine vouchers, and leaves out what only PDND could sign.
func TestVouchersOfPDNDServeForAService(t *testing.T) {
	t.Parallel()
	server, c := platformUnderTest(t)
	c.Role, c.Platform.TokenURL, c.Target = RoleErogatore, server.Profile().TokenURL, answering(t, 200, nil, "{}")
	c.Patterns, c.Operations = nil, posting()
	c.Only = []string{"accept#plain", "pdnd.voucher/token-missing#absent.voucher", "pdnd.voucher/expired", "signature-invalid#one-bit", "evidence-again"}
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]Verdict{
		"accept#plain.voucher": Pass, "pdnd.voucher/token-missing#absent.voucher": Fail, "pdnd.voucher/signature-invalid#one-bit.voucher": Fail,
		"pdnd.voucher/expired#a-second-ago.voucher": Skip,
	} {
		if got := resultOf(t, r, id); got.Verdict != want {
			t.Errorf("%s: %s (%s), want %s", id, got.Verdict, got.Reason.EN, want)
		}
	}
	c.Platform.TokenURL = answering(t, 400, nil, "{}")
	if _, err := Run(t.Context(), c); err == nil {
		t.Error("judged without a voucher")
	}
}
