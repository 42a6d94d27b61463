// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events

import (
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/store"
)

// The kinds of notice.
const (
	noticeAll         = "all"          // everything of the environment
	noticeKey         = "key"          // a kid of a consumer client
	noticeProducerKey = "producer-key" // a kid of a producer keychain
	noticeClient      = "client"       // a clientId: its vouchers
	noticePurpose     = "purpose"      // a purposeId: its vouchers
	noticeEservice    = "eservice"     // an e-service that enti of this hub call: its vouchers
	noticeEnte        = "ente"         // a codice IPA: the vouchers of its clients
	noticeMissed      = "missed"       // a codice IPA whose events were not read: as ente, and all that it exposes

	// Of an ente that exposes e-services: its codice IPA, a space and an id.
	noticePurposeChanged   = "purpose-changed"
	noticePurposeStopped   = "purpose-stopped" // until PDND is asked it is in doubt
	noticeAgreementChanged = "agreement-changed"
	noticeAgreementStopped = "agreement-stopped"
	noticeVersionsChanged  = "versions-changed" // the id is of the e-service
	noticeVersionStopped   = "version-stopped"  // the ids are of the e-service and of the version, which is in doubt until PDND is asked
)

// notices are what a page of events makes untrue, each thing once. A key that was added
// counts too: that there was none may be remembered.
func (p *Poller) notices(at store.CursorName, feed api.Feed, list []api.Event) []store.Notice {
	var out []store.Notice
	add := func(kind, subject string) {
		n := store.Notice{Environment: at.Environment, Kind: kind, Subject: subject}
		if subject != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	own := exposedBy(p.o.Config, at)
	for _, e := range list {
		addExposed(own, at, feed, e, add)
		switch feed { //nolint:exhaustive // the feeds that are read
		case api.FeedKeys:
			add(noticeKey, e.KID)
		case api.FeedProducerKeys:
			add(noticeProducerKey, e.KID)
		case api.FeedPurposes:
			add(noticePurpose, e.PurposeID)
		case api.FeedClients:
			add(noticeClient, e.ClientID)
		case api.FeedAgreements:
			add(noticeEnte, at.Ente) // the event does not say of which e-service; there are few
		case api.FeedEservices:
			if calls(p.o.Config, at.Environment, e.EserviceID) {
				add(noticeEservice, e.EserviceID)
			}
		}
	}
	return out
}

// exposedBy are the e-services that the ente of a cursor exposes; none for the feeds of keys.
func exposedBy(c *config.Config, at store.CursorName) []string {
	if ente := c.Enti[at.Ente]; ente != nil {
		return exposed(ente, at.Environment)
	}
	return nil
}

// addExposed adds what an event may change for those who call the e-services of an ente.
func addExposed(own []string, at store.CursorName, feed api.Feed, e api.Event, add func(kind, subject string)) {
	of := func(kind, id string) {
		if id != "" && len(own) > 0 {
			add(kind, at.Ente+" "+id)
		}
	}
	switch feed { //nolint:exhaustive // the feeds that tell of consumers
	case api.FeedPurposes:
		kind := noticePurposeChanged
		if stops(e.Type) {
			kind = noticePurposeStopped
		}
		of(kind, e.PurposeID)
	case api.FeedAgreements:
		kind := noticeAgreementChanged
		if stops(e.Type) {
			kind = noticeAgreementStopped
		}
		of(kind, e.AgreementID)
	case api.FeedEservices:
		switch {
		case !slices.Contains(own, e.EserviceID):
		case stops(e.Type) && e.DescriptorID != "":
			of(noticeVersionStopped, e.EserviceID+" "+e.DescriptorID)
		default:
			of(noticeVersionsChanged, e.EserviceID)
		}
	}
}

// stops tells whether an event of a purpose, an agreement or a version may mean that its vouchers are no longer good.
func stops(eventType string) bool {
	return strings.Contains(eventType, "SUSPENDED") && !strings.Contains(eventType, "UNSUSPENDED") ||
		strings.Contains(eventType, "ARCHIVED") || strings.Contains(eventType, "DELETED")
}

// calls tells whether an ente of this hub calls an e-service. The feed of e-services has
// those of the whole country.
func calls(c *config.Config, environment, eserviceID string) bool {
	if eserviceID == "" {
		return false
	}
	for _, ente := range c.Enti {
		for service, binding := range ente.Consumes {
			if binding.Environment == environment && eserviceOf(c, service, environment) == eserviceID {
				return true
			}
		}
	}
	return false
}

func eserviceOf(c *config.Config, service, environment string) string {
	recipe := c.Consumes[service]
	if recipe == nil {
		return ""
	}
	return recipe.Environments[environment].EserviceID
}
