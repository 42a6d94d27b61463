// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events

import (
	"slices"

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
	for _, e := range list {
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
