// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import "github.com/snodo-pa/snodo/mocks/pdnd"

// registerAttributes registers the certified attribute that the comuni hold and the
// Unione does not.
func (a *Ambiente) registerAttributes() error {
	return a.PDND.Platform().AddAttribute(pdnd.Attribute{
		ID: ComuniAttributeID, Name: "Comuni e loro Consorzi e Associazioni", Code: "L6", Origin: "IPA",
		Description: "Comuni e loro Consorzi e Associazioni",
	})
}

// registerServices registers the two e-services of ANPR. Both are for comuni; of C020
// the use can be delegated, with the delegate's own client, of C030 it cannot.
func (a *Ambiente) registerServices() error {
	services := []struct {
		eservice, descriptor, name, audience string
		delegable                            bool
	}{
		{C030EserviceID, C030DescriptorID, "C030-servizioAccertamentoIdUnicoNazionale", C030Audience, false},
		{C020EserviceID, C020DescriptorID, "C020-servizioAccertamentoResidenza", C020Audience, true},
	}
	personalData := true
	for _, s := range services {
		if err := a.PDND.AddEservice(pdnd.Eservice{
			ID: s.eservice, ProducerID: MinisteroTenantID, Name: s.name, PersonalData: &personalData,
			IsConsumerDelegable: s.delegable, IsClientAccessDelegable: s.delegable,
		}); err != nil {
			return err
		}
		if err := a.PDND.AddDescriptor(pdnd.Descriptor{
			ID: s.descriptor, EserviceID: s.eservice, Audience: []string{s.audience}, VoucherLifespan: voucherLifespan,
			CertifiedGroups: [][]pdnd.Requirement{{{AttributeID: ComuniAttributeID}}},
		}); err != nil {
			return err
		}
	}
	return nil
}
