// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import (
	"slices"

	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/pdnd"
)

// PurposeANPR is the purpose for which the ente consumes an e-service of ANPR, by the
// name of the hub's recipe.
func (e Ente) PurposeANPR(recipe string) string {
	switch recipe {
	case "anpr-c030":
		return e.PurposeC030
	case "anpr-c020":
		return e.PurposeC020
	default:
		return e.PurposeFor(recipe)
	}
}

// anprServices are all the e-services of ANPR.
func anprServices() []anpr.Service {
	var list []anpr.Service
	for _, entry := range anpr.Catalogue() {
		list = append(list, entry.Service)
	}
	return list
}

// anprEservices are their identifiers on PDND.
func anprEservices() []string {
	var ids []string
	for _, service := range anprServices() {
		ids = append(ids, service.EserviceID)
	}
	return ids
}

// furtherANPR are the e-services beside C030 and C020, which have rules of their own on
// the platform.
func furtherANPR() []anpr.Entry {
	return slices.DeleteFunc(anpr.Catalogue(), func(e anpr.Entry) bool {
		return e.EserviceID == C030EserviceID || e.EserviceID == C020EserviceID
	})
}

func (a *Ambiente) registerFurtherANPR() error {
	for _, e := range furtherANPR() {
		if err := a.addEservice(MinisteroTenantID, e.EserviceID, e.DescriptorIDs[0], e.Name, e.Audience); err != nil {
			return err
		}
	}
	return nil
}

// registerFurtherPurposes gives each ente a purpose for each of them.
func (a *Ambiente) registerFurtherPurposes() error {
	for _, ente := range Enti() {
		for _, e := range furtherANPR() {
			if err := a.PDND.AddPurpose(pdnd.Purpose{
				ID: ente.PurposeANPR(e.Recipe), ConsumerID: ente.TenantID, DescriptorID: e.DescriptorIDs[0],
				Clients: []string{ente.ConsumerClientID}, DailyCalls: dailyCalls,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
