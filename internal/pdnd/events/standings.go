// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events

import (
	"errors"
	"fmt"
	"slices"
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
	// patience is how long an agreement of which an event says that it stopped may go unanswered. The event does not say
	// whose it is: after that all agreements of the ente's e-services are in doubt. It is not at once, because a consumer
	// can suspend its own agreement as often as it likes.
	patience = 30 * time.Second
	// maxSeen bounds the consumers that are remembered to have called.
	maxSeen = 1 << 14
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
	seen    map[matter]time.Time // agreements under which somebody called, and when
	asks    map[ask]*open
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

// open is a question that has no answer yet.
type open struct {
	since, heard time.Time // the first and the last notice that put it
	notices      int
	next         time.Time // not asked before
	refused      bool      // PDND has refused to answer it
}

func newStandings(o Options) *Standings {
	return &Standings{
		o: o, stopped: map[matter]time.Time{}, doubted: map[matter]time.Time{}, seen: map[matter]time.Time{}, asks: map[ask]*open{},
	}
}

// Stands tells whether what a verified voucher rests on is still active. The error wraps
// ErrStopped, a "no", or modi.ErrUndecided: an event said that it stopped and PDND has not
// answered yet what it is now.
func (s *Standings) Stands(environment string, v *voucher.Voucher) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	agreement := matter{environment, matterAgreement, pair(v.EserviceID, v.ConsumerID)}
	if _, known := s.seen[agreement]; known || len(s.seen) < maxSeen {
		s.seen[agreement] = s.o.Clock()
	}
	for _, m := range []matter{{environment, matterPurpose, v.PurposeID}, agreement, {environment, matterDescriptor, v.DescriptorID}} {
		if at, ok := s.stopped[m]; ok && v.IssuedAt.Before(at.Add(lag)) {
			return fmt.Errorf("%w: %s", ErrStopped, m.kind)
		}
		if at, ok := s.doubted[m]; ok && v.IssuedAt.Before(at.Add(lag)) {
			return fmt.Errorf("%w: %s", modi.ErrUndecided, m.kind)
		}
	}
	if s.someAgreementInDoubt(environment, v) {
		return fmt.Errorf("%w: %s", modi.ErrUndecided, matterAgreement)
	}
	return nil
}

// someAgreementInDoubt tells whether an agreement of the e-service's ente may have stopped, nobody knows which, and PDND
// has been silent about it for too long.
func (s *Standings) someAgreementInDoubt(environment string, v *voucher.Voucher) bool {
	for a, o := range s.asks {
		if a.kind == noticeAgreementStopped && a.environment == environment && v.IssuedAt.Before(o.heard.Add(lag)) &&
			s.o.Clock().Sub(o.since) >= patience && s.exposes(a, v.EserviceID) {
			return true
		}
	}
	return false
}

// exposes tells whether an e-service is of the ente in whose name a question is put.
func (s *Standings) exposes(a ask, eserviceID string) bool {
	ente := s.o.Config.Enti[a.ente]
	return ente != nil && slices.Contains(exposed(ente, a.environment), eserviceID)
}

// pair names an agreement by what a voucher says of it.
func pair(eserviceID, consumerID string) string { return eserviceID + " " + consumerID }

// heard takes up a notice of an ente that exposes e-services.
func (s *Standings) heard(environment, kind, subject string) {
	ente, id, _ := strings.Cut(subject, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind {
	case noticePurposeStopped:
		s.doubted[matter{environment, matterPurpose, id}] = s.o.Clock()
	case noticeVersionStopped:
		_, descriptor, _ := strings.Cut(id, " ")
		s.doubted[matter{environment, matterDescriptor, descriptor}] = s.o.Clock()
	}
	s.put(ask{environment, ente, kind, id})
}

// put has a question asked, once more if it is being asked.
func (s *Standings) put(a ask) {
	now := s.o.Clock()
	o := s.asks[a]
	if o == nil {
		o = &open{since: now}
		s.asks[a] = o
	}
	o.heard, o.next, o.notices = now, time.Time{}, o.notices+1
}

// missed has everything of an ente asked for, or of all with "": events were not read.
func (s *Standings) missed(environment, codice string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ente := range s.o.Config.Enti {
		_, asks := ente.APIClients[environment]
		if asks && (codice == "" || ente.CodiceIPA == codice) && len(exposed(ente, environment)) > 0 {
			s.put(ask{environment, ente.CodiceIPA, noticeMissed, ""})
		}
	}
}

// pending are the questions that are to be asked now, with the notices that put them.
func (s *Standings) pending() map[ask]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make(map[ask]int, len(s.asks))
	for a, o := range s.asks {
		if !o.next.After(s.o.Clock()) {
			list[a] = o.notices
		}
	}
	return list
}

// answered forgets a question, unless a notice came while it was being asked.
func (s *Standings) answered(a ask, notices int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.asks[a]; o != nil && o.notices == notices {
		delete(s.asks, a)
	}
}

// refused puts a question off that PDND refuses to answer, and tells whether it is the first time. Its doubts stay.
func (s *Standings) refused(a ask) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.asks[a]
	if o == nil {
		return false
	}
	first, o.refused = !o.refused, true
	o.next = s.o.Clock().Add(refusedAgain)
	return first
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

// called are the agreements of e-services under which somebody has called.
func (s *Standings) called(environment string, eservices []string) []matter {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []matter
	for m := range s.seen {
		if eservice, _, _ := strings.Cut(m.id, " "); m.environment == environment && slices.Contains(eservices, eservice) {
			list = append(list, m)
		}
	}
	return list
}

// tidy forgets what no voucher can rest on any more.
func (s *Standings) tidy(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range []map[matter]time.Time{s.stopped, s.doubted, s.seen} {
		for m, at := range list {
			if now.Sub(at) > longestVoucher+lag {
				delete(list, m)
			}
		}
	}
	for a, o := range s.asks {
		if now.Sub(o.heard) > longestVoucher+lag {
			delete(s.asks, a)
		}
	}
}
