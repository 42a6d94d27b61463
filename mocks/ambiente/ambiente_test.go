// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func started(t *testing.T, opts Options) *Ambiente {
	t.Helper()
	a, err := New(opts)
	must(t, err)
	must(t, a.Start(t.Context()))
	t.Cleanup(func() { _ = a.Close() })
	return a
}

var hubKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func TestEnteConsumesANPRWithItsOwnKey(t *testing.T) {
	a := started(t, Options{})
	key, err := hubKey()
	must(t, err)
	text, err := publicPEM(&key.PublicKey)
	must(t, err)
	ente := BorgoFiorito()
	kid, err := a.PDND.AddClientKey(ente.ConsumerClientID, text)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.ANPR.CAPEM())
	profile := a.PDND.Profile()
	_, keychainKey, ok := a.PDND.KeychainKey(a.ANPR.Kid())
	if !ok {
		t.Fatal("the key of the registry is not in its keychain")
	}
	for _, c := range []struct{ casoUso, purpose, audience, path, number string }{
		{"C030", ente.PurposeC030, C030Audience, anpr.PathC030, "1"},
		{"C020", ente.PurposeC020, C020Audience, anpr.PathC020, "2"},
	} {
		client := fruitore.New(fruitore.Options{
			HTTP:     &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}},
			TokenURL: profile.TokenURL, AssertionAudience: profile.AssertionAudience,
			ClientID: ente.ConsumerClientID, PurposeID: c.purpose, Audience: c.audience, Key: key, Kid: kid,
		})
		body := `{"idOperazioneClient":"` + c.number + `","criteriRicerca":{"codiceFiscale":"BNCMRC85C12D612V"},"datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-1","casoUso":"` + c.casoUso + `"}}`
		reply, err := client.Do(t.Context(), http.MethodPost, a.ANPR.URL()+c.path+"/anpr-service-e002", []byte(body), fruitore.Hooks{})
		must(t, err)
		if reply.Status != http.StatusOK || !strings.Contains(string(reply.Body), "QX48213ZB") {
			t.Fatalf("%s: %d %s: %v", c.casoUso, reply.Status, reply.Body, a.ANPR.LastRefusal())
		}
		must(t, client.CheckReply(reply, keychainKey))
	}
}

func TestUnioneGetsVouchersForBothEnti(t *testing.T) {
	a := started(t, Options{})
	for _, ente := range Enti() {
		compact, err := a.Unione(ente).Voucher(t.Context(), rules.EvidenceDigest("x"), nil)
		must(t, err)
		voucher, err := rules.Parse(compact)
		must(t, err)
		for name, want := range map[string]string{
			"aud": ente.Audience, "producerId": ente.TenantID, "eserviceId": ente.EserviceID,
			"descriptorId": ente.DescriptorID, "purposeId": ente.PurposeUnione, "consumerId": UnioneTenantID,
		} {
			if got, _ := voucher.Claims.String(name); got != want {
				t.Errorf("%s: %s is %q, expected %q", ente.CodiceIPA, name, got, want)
			}
		}
	}
}

func TestEveryEnteHasItsBackEnd(t *testing.T) {
	a := started(t, Options{})
	seen := map[string]bool{a.PDND.URL(): true, a.ANPR.URL(): true}
	for _, ente := range Enti() {
		url := a.Procedures[ente.CodiceIPA].URL()
		if url == "" || seen[url] {
			t.Errorf("%s has no back end of its own: %q", ente.CodiceIPA, url)
		}
		seen[url] = true
	}
}

func TestThreeTitlesOnThePlatform(t *testing.T) {
	a := started(t, Options{})
	p := a.PDND.Platform()
	c030, _ := p.Descriptor(C030DescriptorID)
	if len(c030.CertifiedGroups) != 1 || c030.CertifiedGroups[0][0].AttributeID != ComuniAttributeID {
		t.Errorf("C030 asks for %v", c030.CertifiedGroups)
	}
	for tenant, want := range map[string]int{BorgoFiorito().TenantID: 1, ValSerena().TenantID: 1, UnioneTenantID: 0} {
		if who, _ := p.Tenant(tenant); len(who.Certified) != want {
			t.Errorf("%s holds %v", who.Name, who.Certified)
		}
	}
	for id, want := range map[string]bool{C030EserviceID: false, C020EserviceID: true} {
		if e, _ := p.Eservice(id); e.IsConsumerDelegable != want || e.IsClientAccessDelegable != want || e.PersonalData == nil {
			t.Errorf("%s: %+v", id, e)
		}
	}
	ente := BorgoFiorito()
	client, _ := p.Client(ente.AdminClientID)
	tenant, _ := p.Tenant(ente.TenantID)
	if client.AdminID != ente.AdminID || len(tenant.Users) != 1 || tenant.Users[0].ID != ente.AdminID {
		t.Errorf("admin of %s: %+v, people %v", ente.CodiceIPA, client, tenant.Users)
	}
}

func TestIdentifiersAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	ids := []string{MinisteroTenantID, MinisteroKeychain, C030EserviceID, C030DescriptorID, C020EserviceID, C020DescriptorID, UnioneTenantID, UnioneClientID, UnioneAPIClientID, UnioneAdminClient, UnioneAdminID, ComuniAttributeID}
	for _, e := range Enti() {
		ids = append(ids, e.TenantID, e.ConsumerClientID, e.APIClientID, e.AdminClientID, e.AdminID, e.PurposeC030, e.PurposeC020, e.KeychainID, e.EserviceID, e.DescriptorID, e.PurposeUnione)
	}
	for _, id := range ids {
		if seen[id] || !rules.IsUUID(id) {
			t.Errorf("%q is taken or no UUID", id)
		}
		seen[id] = true
	}
	if BorgoFiorito().CodiceIPA != "c_bf01" || ValSerena().CodiceIPA != "c_vs02" || BorgoFiorito().Audience == ValSerena().Audience {
		t.Error("the enti are not the two of the demonstration")
	}
}

func port(t *testing.T, listener net.Listener) int {
	t.Helper()
	_, text, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

func TestStartsOnChosenPorts(t *testing.T) {
	// A port that was free a moment ago; three more follow it.
	var probe net.ListenConfig
	listener, err := probe.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	base := port(t, listener)
	must(t, listener.Close())
	a, err := New(Options{BasePort: base})
	must(t, err)
	if err := a.Start(t.Context()); err != nil {
		t.Logf("a port next to %d is taken: %v", base, err)
		if a.Procedures["c_bf01"].Start(t.Context(), "") != nil {
			t.Error("a failed start leaves mocks listening")
		}
		must(t, a.Close())
		return
	}
	t.Cleanup(func() { _ = a.Close() })
	if !strings.HasSuffix(a.ANPR.Addr(), ":"+strconv.Itoa(base+1)) {
		t.Errorf("the registry is at %s, expected port %d", a.ANPR.Addr(), base+1)
	}
}

func TestFailedStartStopsTheRest(t *testing.T) {
	var probe net.ListenConfig
	listener, err := probe.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	a, err := New(Options{BasePort: port(t, listener)})
	must(t, err)
	if a.Start(t.Context()) == nil {
		t.Fatal("started on a taken port")
	}
	must(t, a.ANPR.Start(t.Context(), ""), a.Close())
}
