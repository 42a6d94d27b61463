// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

func TestAnswerIsSigned(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{})
	must(t, w.consumer("C020").CheckReply(reply, &testKeys()[3].PublicKey))
	token, kid, fault := rules.ParseParty(reply.Header.Get("Agid-JWT-Signature"))
	if fault != nil || kid != w.anpr.Kid() {
		t.Fatalf("%v, kid %s", fault, kid)
	}
	for name, want := range map[string]string{"iss": ministero, "sub": ministero, "aud": comuneClient} {
		if got, _ := token.Claims.String(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if key, err := w.anpr.PublicKeyPEM(); err != nil || !strings.HasPrefix(string(key), "-----BEGIN PUBLIC KEY") {
		t.Errorf("public key: %v", err)
	}
}

func TestDamagedAnswers(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	for kind, want := range map[faults.Kind]string{
		faults.BadSignature: "the signature does not verify",
		faults.Unsigned:     "header-absent",
		faults.WrongDigest:  "digest-mismatch",
	} {
		must(t, w.anpr.SetFaults(faults.Fault{Kind: kind, Times: 1}))
		reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{})
		err := w.consumer("C020").CheckReply(reply, &testKeys()[3].PublicKey)
		if reply.Status != http.StatusOK || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %d, %v", kind, reply.Status, err)
		}
		reply = w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{})
		must(t, w.consumer("C020").CheckReply(reply, &testKeys()[3].PublicKey))
	}
}

func TestQuota(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true, Quota: 2})
	body := func() []byte { return w.body("C020", `{"idANPR":"QX48213ZB"}`) }
	for _, left := range []string{"1", "0"} {
		reply := w.send("C020", body(), fruitore.Hooks{})
		if reply.Status != http.StatusOK || reply.Header.Get("X-RateLimit-Limit") != "2" || reply.Header.Get("X-RateLimit-Remaining") != left {
			t.Errorf("%d %v", reply.Status, reply.Header)
		}
	}
	reply := w.send("C020", body(), fruitore.Hooks{})
	w.wantRefused(reply, http.StatusTooManyRequests, "LimitExceeded", "quota-exhausted")
	if reply.Header.Get("X-RateLimit-Remaining") != "0" || reply.Header.Get("Retry-After") != "43201" {
		t.Errorf("headers %v", reply.Header)
	}
	w.ask("C030", `{"codiceFiscale":"BNCMRC85C12D612V"}`) // another purpose
	w.advance(12 * time.Hour)                             // midnight in Rome, not in UTC
	w.ask("C020", `{"idANPR":"QX48213ZB"}`)
}

func TestThrottleOnDemand(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	for _, after := range []string{"7", "Mon, 12 Oct 2026 10:00:30 GMT"} {
		must(t, w.anpr.SetFaults(faults.Fault{Kind: faults.Throttle, RetryAfter: after}))
		reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{})
		if reply.Status != http.StatusTooManyRequests || reply.Header.Get("Retry-After") != after {
			t.Errorf("%d %v", reply.Status, reply.Header)
		}
	}
}

func TestTLSWithPrivateCA(t *testing.T) {
	w := newWorld(t, Options{})
	if !strings.HasPrefix(w.anpr.URL(), "https://127.0.0.1:") {
		t.Fatalf("URL %s", w.anpr.URL())
	}
	w.ask("C020", `{"idANPR":"QX48213ZB"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.anpr.URL()+PathC020+"/status", http.NoBody)
	must(t, err)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Error("trusted without its CA")
	}
}

func TestClientCertificates(t *testing.T) {
	w := newWorld(t, Options{ClientCertificates: true})
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	if _, err := w.consumer("C020").Do(t.Context(), http.MethodPost, endpoint(w, "C020"), body, fruitore.Hooks{}); err == nil {
		t.Fatal("accepted without a certificate")
	}
	certPEM, keyPEM, err := w.anpr.IssueClientCertificate("comune")
	must(t, err)
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	must(t, err)
	// The platform speaks plain HTTP: the certificate is for the registry only.
	reply, err := w.consumer("C020", pair).Do(t.Context(), http.MethodPost, endpoint(w, "C020"), body, fruitore.Hooks{})
	must(t, err)
	if reply.Status != http.StatusOK {
		t.Errorf("status %d", reply.Status)
	}
	plain := newWorld(t, Options{PlainHTTP: true})
	if _, _, err := plain.anpr.IssueClientCertificate("x"); err == nil {
		t.Error("a certificate over plain HTTP")
	}
}

func TestStopAndRestart(t *testing.T) {
	w := newWorld(t, Options{})
	ca := string(w.anpr.CAPEM())
	must(t, w.anpr.Stop())
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	if _, err := w.consumer("C020").Do(t.Context(), http.MethodPost, endpoint(w, "C020"), body, fruitore.Hooks{}); err == nil {
		t.Fatal("a stopped registry answers")
	}
	must(t, w.anpr.Restart(t.Context()))
	w.ask("C020", `{"idANPR":"QX48213ZB"}`)
	if string(w.anpr.CAPEM()) != ca {
		t.Error("the CA changed")
	}
}

func TestAnomalyIndicators(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	local := func(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 30, 0, 0, w.anpr.rome) }
	for _, day := range []int{1, 1, 1, 1, 2, 2, 2, 2} {
		w.anpr.indicators.count("calm", local(day, 8))
	}
	for range 13 {
		w.anpr.indicators.count("calm", local(3, 17))
	}
	for range 9 {
		w.anpr.indicators.count("few", local(4, 12))
	}
	w.anpr.indicators.count("few", local(5, 18))
	w.anpr.indicators.count("few", local(5, 7))
	got := fmt.Sprint(w.anpr.Anomalies())
	const want = "[{calm 2026-10-01 4 0 false 0} {calm 2026-10-02 4 4 false 0} {calm 2026-10-03 13 4 true 0} {few 2026-10-04 9 0 false 0} {few 2026-10-05 2 9 false 2}]"
	if got != want {
		t.Errorf("got\n%s\nexpected\n%s", got, want)
	}
}

func TestAnomaliesCountVerifiedCallsOnly(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	w.advance(7 * time.Hour) // 17:00 UTC is 19:00 in Rome
	w.ask("C020", `{"idANPR":"QX48213ZB"}`)
	w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), header("Digest", ""))
	reply, err := w.consumer("C020").Do(t.Context(), http.MethodGet, w.anpr.URL()+"/_mock/anomalies", nil, fruitore.Hooks{})
	must(t, err)
	var report []Anomaly
	must(t, json.Unmarshal(reply.Body, &report))
	if len(report) != 1 || report[0] != (Anomaly{ClientID: comuneClient, Giorno: "2026-10-12", Chiamate: 1, FuoriOrario: 1}) {
		t.Errorf("report %+v", report)
	}
}

func TestOptionsWithoutDefault(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("made a registry out of nothing")
	}
}
