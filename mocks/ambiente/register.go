// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import "github.com/snodo-pa/snodo/mocks/pdnd"

// register tells the platform about the world.
func (a *Ambiente) register() error {
	steps := []func() error{a.registerAttributes, a.registerMinistero, a.registerUnione}
	for _, e := range Enti() {
		steps = append(steps, func() error { return a.registerEnte(e) })
	}
	steps = append(steps, a.registerFurtherPurposes, a.registerRegistries, a.registerOffered)
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// registerMinistero registers the producer of ANPR and the key of its answers.
func (a *Ambiente) registerMinistero() error {
	p := a.PDND
	if err := p.AddTenant(pdnd.Tenant{ID: MinisteroTenantID, Name: MinisteroNome, IPACode: "m_it"}); err != nil {
		return err
	}
	if err := a.registerServices(); err != nil {
		return err
	}
	if err := a.registerFurtherANPR(); err != nil {
		return err
	}
	if err := p.AddKeychain(pdnd.Keychain{
		ID: MinisteroKeychain, ProducerID: MinisteroTenantID, Name: "ANPR",
		Eservices: anprEservices(),
	}); err != nil {
		return err
	}
	key, err := a.ANPR.PublicKeyPEM()
	if err != nil {
		return err
	}
	_, err = p.AddKeychainKey(MinisteroKeychain, key)
	return err
}

// registerUnione registers the external consumer and its key.
func (a *Ambiente) registerUnione() error {
	if err := a.PDND.AddTenant(pdnd.Tenant{ID: UnioneTenantID, Name: UnioneNome, IPACode: UnioneCodiceIPA}); err != nil {
		return err
	}
	if err := a.PDND.AddClient(pdnd.Client{ID: UnioneClientID, TenantID: UnioneTenantID, Name: "Unione"}); err != nil {
		return err
	}
	for _, c := range []pdnd.Client{
		{ID: UnioneAPIClientID, TenantID: UnioneTenantID, Name: "Unione API", Kind: pdnd.API},
		{ID: UnioneAdminClient, TenantID: UnioneTenantID, Name: "Unione admin", Kind: pdnd.API, AdminID: UnioneAdminID},
	} {
		if err := a.PDND.AddClient(c); err != nil {
			return err
		}
	}
	key, err := publicPEM(&a.unioneKey.PublicKey)
	if err != nil {
		return err
	}
	a.unioneKid, err = a.PDND.AddClientKey(UnioneClientID, key)
	return err
}

// registerEnte registers an ente as consumer of ANPR and as producer of stato-istanza.
// Its keys are the hub's and come later.
func (a *Ambiente) registerEnte(e Ente) error {
	p := a.PDND
	if err := p.AddTenant(pdnd.Tenant{ID: e.TenantID, Name: e.Nome, IPACode: e.CodiceIPA}); err != nil {
		return err
	}
	if err := p.Platform().AssignAttribute(e.TenantID, ComuniAttributeID); err != nil {
		return err
	}
	clients := []pdnd.Client{
		{ID: e.ConsumerClientID, TenantID: e.TenantID, Name: "Snodo " + e.CodiceIPA, Users: []string{e.AdminID}},
		{ID: e.APIClientID, TenantID: e.TenantID, Name: "Snodo API " + e.CodiceIPA, Kind: pdnd.API},
		{ID: e.AdminClientID, TenantID: e.TenantID, Name: "Snodo admin " + e.CodiceIPA, Kind: pdnd.API, AdminID: e.AdminID},
	}
	for _, c := range clients {
		if err := p.AddClient(c); err != nil {
			return err
		}
	}
	if err := a.addEservice(e.TenantID, e.EserviceID, e.DescriptorID, statoIstanza, e.Audience); err != nil {
		return err
	}
	offered, err := a.addOffered(e)
	if err != nil {
		return err
	}
	if err := p.AddKeychain(pdnd.Keychain{
		ID: e.KeychainID, ProducerID: e.TenantID, Name: statoIstanza, Eservices: offered, Users: []string{e.AdminID},
	}); err != nil {
		return err
	}
	purposes := []pdnd.Purpose{
		{ID: e.PurposeC030, ConsumerID: e.TenantID, DescriptorID: C030DescriptorID, Clients: []string{e.ConsumerClientID}, DailyCalls: dailyCalls},
		{ID: e.PurposeC020, ConsumerID: e.TenantID, DescriptorID: C020DescriptorID, Clients: []string{e.ConsumerClientID}, DailyCalls: dailyCalls},
		{ID: e.PurposeUnione, ConsumerID: UnioneTenantID, DescriptorID: e.DescriptorID, Clients: []string{UnioneClientID}, DailyCalls: dailyCalls},
	}
	for _, purpose := range purposes {
		if err := p.AddPurpose(purpose); err != nil {
			return err
		}
	}
	return nil
}

func (a *Ambiente) addEservice(producer, eservice, descriptor, name, audience string) error {
	if err := a.PDND.AddEservice(pdnd.Eservice{ID: eservice, ProducerID: producer, Name: name}); err != nil {
		return err
	}
	return a.PDND.AddDescriptor(pdnd.Descriptor{
		ID: descriptor, EserviceID: eservice, Audience: []string{audience}, VoucherLifespan: voucherLifespan,
	})
}
