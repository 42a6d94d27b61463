// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/rotation"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// addAdmin gives an ente its admin client: the file, the keys and the key on PDND.
func (s *site) addAdmin(t testing.TB, e ambiente.Ente) {
	t.Helper()
	folder := filepath.Join("enti", e.CodiceIPA, "chiavi")
	made, err := keys.Generate(rand.Reader, keys.RoleClient, filepath.Join(s.dir, folder, "admin.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Generate(rand.Reader, keys.RoleDPoP, filepath.Join(s.dir, folder, "admin-dpop.pem")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PDND.AddClientKey(e.AdminClientID, made.PublicPEM); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(s.dir, "enti", e.CodiceIPA, "pdnd-admin.yaml"), fmt.Sprintf(
		"locale:\n  id: %s\n  key: %s/admin.pem\n  dpopKey: %s/admin-dpop.pem\n", e.AdminClientID, folder, folder))
}

// load acquires at 200 calls a second, or as many as the machine gives, until it is stopped. One
// caller in four asks ANPR, for which every call has a voucher, an evidence and a signature of
// its own; the others a service whose voucher is kept.
type load struct {
	began    time.Time
	stop     chan struct{}
	workers  sync.WaitGroup
	answered atomic.Int64
	mu       sync.Mutex
	failed   []string
}

func (s *site) startLoad(e ambiente.Ente) *load {
	l := &load{began: time.Now(), stop: make(chan struct{})}
	starts := time.NewTicker(time.Second / 200)
	light := acquisition(e, byCodiceFiscale("BNCMRC85C12D612V"))
	light.Context.Procedimento, light.Service, light.Operation = folder.ProcedimentoRegistri, "ade-vcf1", "verifica"
	for n := range 16 {
		request := light
		if n%4 == 0 {
			request = acquisition(e, byCodiceFiscale(demoPerson))
		}
		l.workers.Go(func() {
			for {
				select {
				case <-l.stop:
					return
				case <-starts.C:
				}
				answer, err := s.apps[e.CodiceIPA].Acquire(context.Background(), request)
				switch {
				case err != nil:
					l.fail(err.Error())
				case answer.Problem != nil:
					l.fail(string(answer.Raw))
				default:
					l.answered.Add(1)
				}
			}
		})
	}
	return l
}

func (l *load) fail(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = append(l.failed, why)
}

// more waits for so many further answers.
func (l *load) more(t testing.TB, n int64) {
	t.Helper()
	from := l.answered.Load()
	eventually(t, 2*time.Minute, "more answers", func() bool { return l.answered.Load() >= from+n || l.broken() })
}

func (l *load) broken() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.failed) > 0
}

// end stops the load and says what failed.
func (l *load) end() []string {
	close(l.stop)
	l.workers.Wait()
	return l.failed
}

// rotateKey runs the command and returns what it says.
func (s *site) rotateKey(t testing.TB, verb, setting string, flags ...string) rotated {
	t.Helper()
	args := append([]string{"keys", verb, "--config", s.dir, "--ente", ambiente.BorgoFiorito().CodiceIPA, "--chiave", setting, "--output", "json"}, flags...)
	var out, diagnostics strings.Builder
	code := run(context.Background(), args, func(string) string { return "" }, stdio{in: strings.NewReader(""), out: &out, err: &diagnostics})
	if code != exitYes {
		t.Fatalf("snodo %v: exit code %d\n%s", args, code, diagnostics.String())
	}
	var result rotated
	if err := json.Unmarshal([]byte(out.String()), &result); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	return result
}

// due makes a rotation due for its end, as if the vouchers of the old key had expired.
func (s *site) due(t testing.TB, file string) {
	t.Helper()
	path := filepath.Join(s.dir, file+".rotazione.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	state["ritiroDal"] = time.Now().Add(-time.Second)
	if data, err = json.Marshal(state); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, string(data))
}

func TestAKeyIsRotatedUnderLoadWithoutAFailedCall(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	s.addAdmin(t, e)
	const delay = time.Second // of what the token endpoint knows behind what the platform does
	uploaded := time.Now()
	l := s.startLoad(e)
	l.more(t, 30)
	eventually(t, time.Minute, "the admin key is old enough", func() bool { return time.Since(uploaded) > delay })
	s.PDND.SetPropagationDelay(delay)
	result := s.rotateKey(t, "rotate", "clients.servizi.key")
	if result.Phase != string(rotation.Switched) || result.RetireAt == nil {
		t.Errorf("result %+v", result)
	}
	l.more(t, 60)
	s.due(t, filepath.Join("enti", e.CodiceIPA, "chiavi", "client.pem"))
	ended := s.rotateKey(t, "rotate", "clients.servizi.key")
	if ended.Phase != string(rotation.Retired) || ended.NewKID != result.NewKID {
		t.Errorf("result %+v", ended)
	}
	l.more(t, 30)
	if failed := l.end(); len(failed) > 0 {
		t.Errorf("%d calls failed beside %d: %s", len(failed), l.answered.Load(), failed[0])
	}
	t.Logf("%d calls answered, %.0f a second", l.answered.Load(), float64(l.answered.Load())/time.Since(l.began).Seconds())
	if kids := s.kids(e.ConsumerClientID); !slices.Equal(kids, []string{result.NewKID}) {
		t.Errorf("on PDND: %v, want %s alone", kids, result.NewKID)
	}
	signers := s.signers(t, e.CodiceIPA)
	if len(signers) != 2 || !slices.Contains(signers, result.OldKID) || !slices.Contains(signers, result.NewKID) {
		t.Errorf("calls were signed by %v, want by both keys", signers)
	}
}

// kids are those of a client on PDND.
func (s *site) kids(client string) []string {
	var list []string
	for _, k := range s.PDND.Platform().ClientKeys(client) {
		list = append(list, k.Kid)
	}
	return list
}

// signers are the kids of the calls in the evidence, each once.
func (s *site) signers(t testing.TB, ente string) []string {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range s.evidence(t, ente) {
		if r.Riservati == nil {
			continue
		}
		for _, c := range r.Riservati.Chiamate {
			seen[c.Kid] = true
		}
	}
	var kids []string
	for kid := range seen {
		kids = append(kids, kid)
	}
	return kids
}

func TestAKeychainIsRotatedWhileAnswersAreSigned(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	s.addAdmin(t, e)
	result := s.rotateKey(t, "rotate", "keychains.procedimenti.key")
	if result.Phase != string(rotation.Switched) {
		t.Fatalf("result %+v", result)
	}
	kid, err := s.run.hub.ring.Keychain(e.CodiceIPA, "procedimenti")
	if err != nil || kid.Key.KID != result.NewKID {
		t.Errorf("the hub signs with %s, %v, want %s", kid.Key.KID, err, result.NewKID)
	}
	var acts httpapi.ActList
	err = s.manage.Post(t.Context(), httpapi.PathActsSearch, httpapi.ActSearch{Ente: e.CodiceIPA, Environment: "locale"}, &acts)
	if err != nil || len(acts.Acts) != 2 || acts.Acts[0].Action != "keychain-key/add" || acts.Acts[1].Action != "key/switch" {
		t.Errorf("acts %+v, %v", acts, err)
	}
}

func TestARevokedKeyIsReplacedAtOnce(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	s.addAdmin(t, e)
	result := s.rotateKey(t, "revoke", "clients.servizi.key", "--now")
	if kids := s.kids(e.ConsumerClientID); !slices.Equal(kids, []string{result.NewKID}) {
		t.Errorf("on PDND: %v, want %s alone", kids, result.NewKID)
	}
	if answer := s.acquire(t, acquisition(e, byCodiceFiscale(demoPerson))); answer.Problem != nil {
		t.Errorf("after the revocation: %s", answer.Raw)
	}
}

// TestAReplicaTakesUpTheKeysOfTheFolder: the rotation tells one hub; the others look now and
// then, and well before the old key is retired.
func TestAReplicaTakesUpTheKeysOfTheFolder(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	path := filepath.Join(s.dir, "enti", e.CodiceIPA, "chiavi", "client.pem")
	made, err := keys.Generate(rand.Reader, keys.RoleClient, path+".altra")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.run.hub.refreshKeys(t.Context(), time.Now()); n != 0 || err != nil {
		t.Errorf("keys opened again without a change: %d, %v", n, err)
	}
	if err := os.Rename(path+".altra", path); err != nil {
		t.Fatal(err)
	}
	if n, err := s.run.hub.refreshKeys(t.Context(), time.Now()); n != 1 || err != nil {
		t.Errorf("keys not opened again: %d, %v", n, err)
	}
	client, err := s.run.hub.ring.Client(e.CodiceIPA, "servizi")
	if err != nil || client.Assertion.KID != made.KID {
		t.Errorf("in use %s, %v, want %s", client.Assertion.KID, err, made.KID)
	}
}
