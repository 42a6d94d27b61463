// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

// thresholds returns the daily calls that a consumer and everybody may declare on an
// e-service: those of the descriptor of the consumer's agreement. A certified attribute
// held with a threshold of its own replaces the consumer's; the largest wins.
func (p *Platform) thresholds(eserviceID, consumerID string) (perConsumer, total int) {
	a := p.agreementOf(eserviceID, consumerID)
	if a == nil {
		return 0, 0
	}
	d := p.descriptors.get(a.DescriptorID)
	perConsumer, own := d.DailyCallsPerConsumer, 0
	for _, group := range d.CertifiedGroups {
		for _, r := range group {
			if p.tenants.get(consumerID).holds(r.AttributeID) {
				own = max(own, r.DailyCallsPerConsumer)
			}
		}
	}
	if own > 0 {
		perConsumer = own
	}
	return perConsumer, d.DailyCallsTotal
}

// declared sums the daily calls of the active versions on an e-service: of one consumer,
// and of all.
func (p *Platform) declared(eserviceID, consumerID string) (consumer, all int) {
	for _, r := range p.purposes.all(func(r *PurposeRecord) bool { return r.EserviceID == eserviceID }) {
		for _, v := range r.Versions {
			if v.State != Active {
				continue
			}
			all += v.DailyCalls
			if r.ConsumerID == consumerID {
				consumer += v.DailyCalls
			}
		}
	}
	return consumer, all
}

// overQuota reports whether so many more daily calls need the producer's approval.
func (p *Platform) overQuota(eserviceID, consumerID string, more int) bool {
	perConsumer, total := p.thresholds(eserviceID, consumerID)
	consumer, all := p.declared(eserviceID, consumerID)
	return consumer+more > perConsumer || all+more > total
}

// RemainingDailyCalls is what is left before approval is needed.
type RemainingDailyCalls struct {
	PerConsumer int `json:"remainingDailyCallsPerConsumer"`
	Total       int `json:"remainingDailyCallsTotal"`
}

// Remaining tells a consumer, or the delegate that made the purpose, what is left on the e-service of its purpose.
func (p *Platform) Remaining(a Actor, purposeID string) (RemainingDailyCalls, error) {
	return act(p, func() (RemainingDailyCalls, error) {
		r, err := p.purposeSeen(a, purposeID)
		if err == nil && a.TenantID != r.ConsumerID {
			err = p.ofPurpose(r).asConsumer(a)
		}
		if err != nil {
			return RemainingDailyCalls{}, err
		}
		perConsumer, total := p.thresholds(r.EserviceID, r.ConsumerID)
		consumer, all := p.declared(r.EserviceID, r.ConsumerID)
		return RemainingDailyCalls{PerConsumer: max(0, perConsumer-consumer), Total: max(0, total-all)}, nil
	})
}
