// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

// otp is a provider of remote signatures.
type otp struct {
	t    testing.TB
	now  func() time.Time
	said []string
}

func (o *otp) Sign(_ context.Context, ente, signatory, code string, document []byte) ([]byte, error) {
	o.said = append(o.said, ente+" "+signatory+" "+code)
	switch code {
	case "123456":
		return elena().sign(o.t, document, o.now()), nil
	case "000000":
		return nil, fmt.Errorf("wrong code: %w", tesoreria.ErrRemoteRefused)
	}
	return nil, errors.New("the provider does not answer")
}

func TestARemoteSignatureIsVerifiedAsAnyOther(t *testing.T) {
	provider := &otp{t: t}
	w := start(t, func(o *tesoreria.Options, _ *config.Tesoreria) { o.Remote, provider.now = provider, o.Clock })
	if _, err := w.desk.Submit(t.Context(), submission(document(t, flow("F-1", 1, 0)))); err != nil {
		t.Fatal(err)
	}
	key := tesoreria.FlowKey{Year: 2026, ID: "F-1"}
	sign := func(signatory, code string) (tesoreria.Flow, error) {
		return w.desk.SignRemotely(t.Context(), comune, app, ragioner, key, signatory, code)
	}
	_, err := sign(dirigent, "000000")
	wantRule(t, err, problem.RuleTreasuryOTP)
	_, err = sign(dirigent, "")
	wantRule(t, err, problem.RuleStore)
	_, err = sign(ragioner, "123456")
	wantRule(t, err, problem.RuleTreasurySigner)
	f, err := sign(dirigent, "123456")
	if err != nil || f.Stato != tesoreria.Signed || len(provider.said) != 3 || provider.said[2] != comune+" "+neri+" 123456" {
		t.Errorf("%+v, %v, %v", f, err, provider.said)
	}
	if refused := w.events("flusso/firma-rifiutata"); len(refused) != 2 || refused[0].Rules[0] != string(problem.RuleTreasuryOTP) {
		t.Errorf("%+v", refused)
	}
	without := start(t, nil)
	if _, err := without.desk.Submit(t.Context(), submission(document(t, flow("F-1", 1, 0)))); err != nil {
		t.Fatal(err)
	}
	_, err = without.desk.SignRemotely(t.Context(), comune, app, ragioner, key, dirigent, "123456")
	wantRule(t, err, problem.RuleTreasuryRemote)
}

// TestAPreparerSpendsNoOneTimePassword: that they may not sign is found out first.
func TestAPreparerSpendsNoOneTimePassword(t *testing.T) {
	provider := &otp{t: t}
	w := start(t, func(o *tesoreria.Options, _ *config.Tesoreria) { o.Remote, provider.now = provider, o.Clock })
	s := submission(document(t, flow("F-1", 1, 0)))
	s.Operator = dirigent
	if _, err := w.desk.Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	_, err := w.desk.SignRemotely(t.Context(), comune, app, ragioner, tesoreria.FlowKey{Year: 2026, ID: "F-1"}, dirigent, "123456")
	wantRule(t, err, problem.RuleTreasurySame)
	if len(provider.said) != 0 {
		t.Errorf("%v", provider.said)
	}
}

// TestTheEvidenceOfASignatureNamesWhoSigned, and not only who brought the document.
func TestTheEvidenceOfASignatureNamesWhoSigned(t *testing.T) {
	w := start(t, nil)
	prepared := document(t, flow("F-1", 1, 0))
	if _, err := w.desk.Submit(t.Context(), submission(prepared)); err != nil {
		t.Fatal(err)
	}
	key := tesoreria.FlowKey{Year: 2026, ID: "F-1"}
	if _, err := w.desk.Attach(t.Context(), comune, app, ragioner, key, elena().sign(t, prepared, w.clock.Now())); err != nil {
		t.Fatal(err)
	}
	kept := w.events("flusso/firmato")
	if len(kept) != 1 || kept[0].Side.Operator.UserID != ragioner || kept[0].Side.Act.Values["firmatario"] != dirigent || kept[0].Side.Act.Values["forma"] != "xades" {
		t.Errorf("%+v", kept)
	}
}

// TestADeclaredOperatorDoesNotPrepare: an application that may declare operators could name anybody, and the signatory
// prepare what they sign under another spelling of their userID.
func TestADeclaredOperatorDoesNotPrepare(t *testing.T) {
	w := start(t, nil)
	w.config.Enti[comune].Applicazioni[app] = config.Applicazione{Operatori: config.OperatoriDichiarati}
	s := submission(elena().sign(t, document(t, flow("F-1", 1, 0)), w.clock.Now()))
	for _, name := range []string{"MAT-2", "chiunque"} {
		s.Operator = name
		_, err := w.desk.Submit(t.Context(), s)
		wantRule(t, err, problem.RuleTreasuryOperator)
	}
}

// TestASignatoryUnderTwoUserIDsIsOnePerson.
func TestASignatoryUnderTwoUserIDsIsOnePerson(t *testing.T) {
	w := start(t, func(_ *tesoreria.Options, c *config.Tesoreria) {
		c.Firmatari = append(c.Firmatari, config.Firmatario{CodiceFiscale: strings.ToLower(neri), Operatore: ragioner})
	})
	_, err := w.desk.Submit(t.Context(), submission(elena().sign(t, document(t, flow("F-1", 1, 0)), w.clock.Now())))
	wantRule(t, err, problem.RuleTreasurySame)
}

// TestAnAuthenticationCertificateSignsNoOrder.
func TestAnAuthenticationCertificateSignsNoOrder(t *testing.T) {
	login := mustPerson(neri, x509.KeyUsageDigitalSignature)
	w := start(t, nil)
	w.open(func(_ *tesoreria.Options, c *config.Tesoreria) {
		c.FirmatariCA = append(c.FirmatariCA, w.write("login.pem", certPEM(login.cert)))
	})
	_, err := w.desk.Submit(t.Context(), submission(login.sign(t, document(t, flow("F-1", 1, 0)), w.clock.Now())))
	wantRule(t, err, problem.RuleTreasurySignature)
}

// TestAP7MIsTakenForWhatIsInside: SIOPE+ wants the signature inside, so what a p7m holds has to be signed itself. openssl
// makes it, as programs of signatories do.
func TestAP7MIsTakenForWhatIsInside(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("not-run: no openssl (Debian package openssl)")
	}
	w := start(t, func(o *tesoreria.Options, _ *config.Tesoreria) { o.Clock = time.Now }) // openssl signs now
	der, err := x509.MarshalPKCS8PrivateKey(elena().key)
	if err != nil {
		t.Fatal(err)
	}
	key := w.write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	cert := w.write("cert.pem", certPEM(elena().cert))
	wrap := func(document []byte) []byte {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), openssl, "cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256", "-outform", "DER",
			"-signer", cert, "-inkey", key, "-in", w.write("f.xml", document)).Output()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	whole := wrap(document(t, flow("F-1", 1, 0)))
	s := submission(bytes.Replace(whole, []byte("100.01"), []byte("900.01"), 1))
	s.Form = tesoreria.FormP7M
	_, err = w.desk.Submit(t.Context(), s)
	wantRule(t, err, problem.RuleTreasurySignature)
	s.Data = whole
	_, err = w.desk.Submit(t.Context(), s)
	wantRule(t, err, problem.RuleTreasuryForm)
	inside := elena().sign(t, document(t, flow("F-1", 1, 0)), time.Now())
	s.Data = wrap(bytes.Replace(inside, []byte("100.01"), []byte("900.01"), 1))
	if _, err = w.desk.Submit(t.Context(), s); err == nil {
		t.Error("a flow that was changed before it was put into a p7m was taken")
	}
	s.Data = wrap(inside)
	f, err := w.desk.Submit(t.Context(), s)
	if err != nil || f.Stato != tesoreria.Signed {
		t.Fatalf("%+v, %v", f, err)
	}
	sent, err := w.desk.Document(t.Context(), comune, app, ragioner, tesoreria.FlowKey{Year: 2026, ID: "F-1"})
	if err != nil || !bytes.Equal(sent, inside) {
		t.Errorf("what was inside is not what is sent: %v", err)
	}
}
