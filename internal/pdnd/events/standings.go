// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// ErrStopped means that PDND no longer lets a consumer use an e-service of this hub's, or not
// for that purpose, although a voucher issued before is still good.
var ErrStopped = errors.New("not active on PDND")

const (
	// lag is how far PDND's token endpoint may be behind what its API says: a voucher issued
	// later than that after the hub asked proves that what had stopped is active again.
	lag = time.Minute
	// longestVoucher is the longest life of a voucher: nothing that stopped longer ago has one.
	longestVoucher = 24 * time.Hour
)

// Standings is what PDND said of the purposes, agreements and versions that vouchers for the
// e-services of this hub rest on. A voucher proves that all three were active when it was
// issued; the events tell that one has stopped since. What nobody has told of stands: PDND is
// asked only about what the events name, and by no call. It is safe for concurrent use.
type Standings struct {
	o Options

	mu      sync.Mutex
	stopped map[matter]time.Time // when PDND said so
	doubted map[matter]time.Time // when an event said so; PDND is being asked
	asks    map[ask]bool
}

// matter is one thing that a voucher rests on.
type matter struct{ environment, kind, id string }

// The kinds of matter.
const (
	matterPurpose    = "purpose"    // purposeId
	matterAgreement  = "agreement"  // eserviceId and consumerId
	matterDescriptor = "descriptor" // descriptorId
)

// ask is a question to PDND, in the name of an ente that sees the answer.
type ask struct{ environment, ente, kind, id string }

func newStandings(o Options) *Standings {
	return &Standings{o: o, stopped: map[matter]time.Time{}, doubted: map[matter]time.Time{}, asks: map[ask]bool{}}
}

// Stands tells whether what a verified voucher rests on is still active. The error wraps
// ErrStopped, a "no", or modi.ErrUndecided: an event said that it stopped and PDND has not
// answered yet what it is now.
func (s *Standings) Stands(environment string, v *voucher.Voucher) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range []matter{
		{environment, matterPurpose, v.PurposeID},
		{environment, matterAgreement, pair(v.EserviceID, v.ConsumerID)},
		{environment, matterDescriptor, v.DescriptorID},
	} {
		if at, ok := s.stopped[m]; ok && v.IssuedAt.Before(at.Add(lag)) {
			return fmt.Errorf("%w: %s", ErrStopped, m.kind)
		}
		if at, ok := s.doubted[m]; ok && v.IssuedAt.Before(at.Add(lag)) {
			return fmt.Errorf("%w: %s", modi.ErrUndecided, m.kind)
		}
	}
	return nil
}

// pair names an agreement by what a voucher says of it.
func pair(eserviceID, consumerID string) string { return eserviceID + " " + consumerID }

// heard takes up a notice of an ente that exposes e-services.
func (s *Standings) heard(environment, kind, subject string) {
	ente, id, _ := strings.Cut(subject, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind == noticePurposeStopped {
		s.doubted[matter{environment, matterPurpose, id}] = s.o.Clock()
	}
	s.asks[ask{environment, ente, kind, id}] = true
}

// missed has everything of an ente asked for, or of all with "": events were not read.
func (s *Standings) missed(environment, codice string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ente := range s.o.Config.Enti {
		_, asks := ente.APIClients[environment]
		if asks && (codice == "" || ente.CodiceIPA == codice) && len(exposed(ente, environment)) > 0 {
			s.asks[ask{environment, ente.CodiceIPA, noticeMissed, ""}] = true
		}
	}
}

// pending are the questions that wait for their answers.
func (s *Standings) pending() []ask {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]ask, 0, len(s.asks))
	for a := range s.asks {
		list = append(list, a)
		delete(s.asks, a) // a notice that comes meanwhile has it asked once more
	}
	return list
}

// again puts a question back.
func (s *Standings) again(a ask) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asks[a] = true
}

// learn keeps an answer. asked is the instant of the question: an event that came later stays
// in doubt.
func (s *Standings) learn(m matter, active bool, asked time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if active {
		delete(s.stopped, m)
	} else {
		s.stopped[m] = asked
	}
	if at, ok := s.doubted[m]; ok && !at.After(asked) {
		delete(s.doubted, m)
	}
}

// tidy forgets what no voucher can rest on any more.
func (s *Standings) tidy(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range []map[matter]time.Time{s.stopped, s.doubted} {
		for m, at := range list {
			if now.Sub(at) > longestVoucher+lag {
				delete(list, m)
			}
		}
	}
}
