// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
)

// hubName is the origin of the checkpoints of a hub that runs against mocks.
const hubName = "snodo.locale"

// world is the mock platform with a configuration folder that points a hub at it.
type world struct {
	*ambiente.Ambiente
	dir                       string // configuration folder
	applicazioni, esposizione string // addresses the hub is to listen on
	written                   folder.Written
	registri                  registri
}

// worldOptions place a world on a machine. Port 0 means a free one.
type worldOptions struct {
	dir                       string // absent or empty
	again                     bool   // or written by an earlier world, which goes on
	basePort                  int    // of the mocks
	applicazioni, esposizione string // host:port
	socket                    string // of gestione
	registri                  string // folder of own recipes and of mocks as data, "" for none
}

// startWorld starts the mocks, writes the folder and registers the hub's keys on the
// mock PDND. The caller closes it.
func startWorld(ctx context.Context, a *app, o worldOptions) (*world, error) {
	before, err := earlier(&o)
	if err != nil {
		return nil, err
	}
	own, err := readRegistri(o.registri)
	if err != nil {
		return nil, err
	}
	w := &world{dir: o.dir, applicazioni: o.applicazioni, esposizione: o.esposizione, registri: own}
	mocks, err := ambiente.New(ambiente.Options{
		Clock: a.clock, Rand: a.rand, BasePort: o.basePort, Addresses: o.addressesOf(before), Scripts: own.scripts, Offered: own.offered,
		Hub: func() string { return "http://" + w.esposizione },
	})
	if err != nil {
		return nil, bilingual.Errorf("simulazioni: %w", "mocks: %w", err)
	}
	if err := mocks.Start(ctx); err != nil {
		return nil, bilingual.Errorf("simulazioni: %w", "mocks: %w", err)
	}
	w.Ambiente = mocks
	if err := w.configure(a, o, before); err != nil {
		_ = mocks.Close()
		return nil, err
	}
	return w, nil
}

// earlier reads what an earlier world left in the folder, nil when it goes on from nothing.
func earlier(o *worldOptions) (*folder.Mark, error) {
	before, err := folder.ReadMark(o.dir)
	if err != nil || before == nil {
		return nil, err
	}
	if !o.again {
		return nil, bilingual.Errorf("la cartella %s non è vuota: nulla è stato scritto", "folder %s is not empty: nothing was written", o.dir)
	}
	if o.registri == "" {
		o.registri = before.RecipesDir
	}
	return before, nil
}

// addressesOf are the addresses of an earlier world for who asks for the same port: whoever wrote them down finds them again.
func (o *worldOptions) addressesOf(before *folder.Mark) map[string]string {
	if before == nil || before.Asked[basePort] != strconv.Itoa(o.basePort) {
		return nil
	}
	return before.Addresses
}

func (w *world) configure(a *app, o worldOptions, before *folder.Mark) error {
	asked := map[string]string{hubApplicazioni: o.applicazioni, hubEsposizione: o.esposizione, basePort: strconv.Itoa(o.basePort)}
	addresses := map[string]*string{hubApplicazioni: &w.applicazioni, hubEsposizione: &w.esposizione}
	var taken []string
	for name, address := range addresses {
		if before != nil && before.Asked[name] == asked[name] { // the hub may be listening there
			*address = before.Addresses[name]
			taken = append(taken, *address)
			delete(addresses, name)
		}
	}
	for _, address := range addresses {
		var err error
		if *address, err = freeAddress(*address, taken...); err != nil { // once the mocks have theirs
			return err
		}
		taken = append(taken, *address)
	}
	described := w.describe(o.socket)
	described.Asked, described.Addresses = asked, w.addresses()
	if err := w.describeTreasury(&described); err != nil {
		return err
	}
	var err error
	if w.written, err = folder.Write(o.dir, described, a.rand); err != nil {
		return err
	}
	return w.registerKeys()
}

// The names of the hub's own addresses among those of a world, and of the port that its mocks were asked to begin from.
const (
	hubApplicazioni = "applicazioni"
	hubEsposizione  = "esposizione"
	basePort        = "porta"
)

// addresses are those of the hub and of the mocks, by name.
func (w *world) addresses() map[string]string {
	all := map[string]string{hubApplicazioni: w.applicazioni, hubEsposizione: w.esposizione}
	maps.Copy(all, w.Addresses())
	return all
}

// describe says in the words of the folder what the mocks are.
func (w *world) describe(socket string) folder.World {
	profile := w.PDND.Profile()
	described := folder.World{
		Name: hubName, Applicazioni: w.applicazioni, Esposizione: w.esposizione, Gestione: socket,
		Platform: folder.Platform{
			Issuer: profile.Issuer, TokenURL: profile.TokenURL, AssertionAudience: profile.AssertionAudience,
			JWKSURL: profile.JWKSURL, APIBase: w.PDND.URL(), APIAudience: profile.M2MAudience,
		},
		C030URL: w.ANPR.URL() + anpr.PathC030,
		C020URL: w.ANPR.URL() + anpr.PathC020,
		ANPRCA:  w.ANPR.CAPEM(),

		RecipesDir: w.registri.dir,
		Registri:   w.describeRegistri(),
	}
	fiscal := map[string]string{
		ambiente.BorgoFiorito().CodiceIPA: "00918273640",
		ambiente.ValSerena().CodiceIPA:    "00827364514",
	}
	for _, e := range ambiente.Enti() {
		described.Enti = append(described.Enti, folder.Ente{
			CodiceIPA: e.CodiceIPA, Denominazione: e.Nome, CodiceFiscale: fiscal[e.CodiceIPA], TenantID: e.TenantID,
			ClientID: e.ConsumerClientID, APIClientID: e.APIClientID, KeychainID: e.KeychainID,
			PurposeC030: e.PurposeC030, PurposeC020: e.PurposeC020,
			EserviceID: e.EserviceID, DescriptorID: e.DescriptorID, Audience: e.Audience,
			PublicURL: w.exposedURL(e), BackEndURL: w.Procedures[e.CodiceIPA].URL(),
			Purposes: w.purposes(e), Offerti: w.describeOffered(e),
		})
	}
	return described
}

// exposedURL is where the hub exposes stato-istanza of an ente.
func (w *world) exposedURL(e ambiente.Ente) string {
	return "http://" + w.esposizione + "/modi/" + e.CodiceIPA + "/stato-istanza/v1"
}

// registerKeys uploads the hub's public keys, as a person would on PDND's pages.
func (w *world) registerKeys() error {
	for _, e := range ambiente.Enti() {
		public := w.written.Public[e.CodiceIPA]
		for client, pem := range map[string][]byte{e.ConsumerClientID: public.Client, e.APIClientID: public.API} {
			if _, err := w.PDND.AddClientKey(client, pem); err != nil {
				return bilingual.Errorf("registrazione della chiave del client %s: %w", "register key of client %s: %w", client, err)
			}
		}
		if _, err := w.PDND.AddKeychainKey(e.KeychainID, public.Keychain); err != nil {
			return bilingual.Errorf("registrazione della chiave del portachiavi %s: %w", "register key of keychain %s: %w", e.KeychainID, err)
		}
	}
	return nil
}

// samePort tells addresses that cannot both be listened on, on whatever interfaces they are.
func samePort(a, b string) bool {
	_, one, errOne := net.SplitHostPort(a)
	_, other, errOther := net.SplitHostPort(b)
	return errOne == nil && errOther == nil && one == other && one != "0"
}

// Ports below those that systems give to outgoing connections: one of them stays free for longer than it takes to start a hub.
const firstFreePort, freePorts, freeTries = 20000, 12000, 20

// freeAddress returns address when it can be listened on, else a free port of the same
// host, but none of those taken. Somebody else may take it before the hub does: then the hub says so.
func freeAddress(address string, taken ...string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", bilingual.Errorf("indirizzo %q: %w", "address %q: %w", address, err)
	}
	var candidates []string
	if port != "0" {
		candidates = append(candidates, address)
	}
	for range freeTries {
		number := firstFreePort + rand.IntN(freePorts) // #nosec G404 -- it spreads, and protects nothing
		candidates = append(candidates, net.JoinHostPort(host, strconv.Itoa(number)))
	}
	for _, candidate := range append(candidates, net.JoinHostPort(host, "0")) {
		if slices.ContainsFunc(taken, func(other string) bool { return samePort(candidate, other) }) {
			continue
		}
		listener, errListen := net.Listen("tcp", candidate) //nolint:noctx // bound and released at once
		if errListen != nil {
			err = errListen
			continue
		}
		free := listener.Addr().String()
		return free, listener.Close()
	}
	return "", bilingual.Errorf("indirizzo %q: %w", "address %q: %w", address, err)
}
