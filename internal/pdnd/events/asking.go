// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
)

const (
	// askEvery is how often questions that got no answer are asked again.
	askEvery = time.Second
	// refusedAgain is when a question that PDND refused to answer is asked again: a key, a role or a grant of the ente's
	// API client may be put right.
	refusedAgain = 5 * time.Minute
)

// run asks what is to be asked until ctx ends.
func (s *Standings) run(ctx context.Context) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		s.Ask(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Ask asks PDND what the events have left open. What it does not answer is asked again by the
// next call.
func (s *Standings) Ask(ctx context.Context) {
	for a, notices := range s.pending() {
		err := s.question(ctx, a)
		if err == nil {
			s.answered(a, notices)
			continue
		}
		level := slog.LevelDebug
		if errors.Is(err, api.ErrRefused) && s.refused(a) {
			level = slog.LevelWarn // once: what PDND does not show to the ente's API client stays in doubt
		}
		if ctx.Err() == nil {
			s.o.Logger.LogAttrs(ctx, level, "stato su PDND non ancora noto", slog.String("ente", a.ente),
				slog.String("ambiente", a.environment), slog.String("di", a.kind), slog.String("errore", err.Error()))
		}
	}
	s.tidy(s.o.Clock())
}

// question puts one question. An error means that it is to be asked again; an *api.Error is PDND's refusal to answer.
func (s *Standings) question(ctx context.Context, a ask) error {
	ente, platform := s.o.Config.Enti[a.ente], s.o.Platforms[a.environment]
	if ente == nil || platform == nil {
		return nil // it was put by a hub with another configuration
	}
	credentials, err := s.o.Credentials(a.ente, a.environment)
	if err != nil {
		return err
	}
	client := api.New(platform, credentials)
	switch a.kind {
	case noticePurposeChanged, noticePurposeStopped:
		return s.purpose(ctx, client, a)
	case noticeAgreementChanged, noticeAgreementStopped:
		return s.agreement(ctx, client, a, ente)
	case noticeVersionsChanged:
		return s.versions(ctx, client, a.environment, ente, a.id, "")
	case noticeVersionStopped:
		eservice, descriptor, _ := strings.Cut(a.id, " ")
		return s.versions(ctx, client, a.environment, ente, eservice, descriptor)
	default:
		return s.everything(ctx, client, a.environment, ente)
	}
}

// purpose asks for the state of a purpose. One that never was active has no vouchers, and
// nothing is learnt of it, unless an event said that it stopped.
func (s *Standings) purpose(ctx context.Context, client *api.Client, a ask) error {
	asked := s.o.Clock()
	about := matter{a.environment, matterPurpose, a.id}
	p, err := client.Purpose(ctx, a.id)
	switch {
	case errors.Is(err, api.ErrNotFound):
		s.learn(about, false, asked)
		return nil
	case err != nil:
		return err
	}
	if p.CurrentVersion != nil || a.kind == noticePurposeStopped {
		s.learn(about, p.CurrentVersion != nil && p.CurrentVersion.State == api.PurposeActive, asked)
	}
	return nil
}

// agreement asks whether the consumer of an agreement still has an active one: that of an
// earlier version is archived when it moves on to the next. One that is no longer there does not say whose it was: then all
// that have called are held against the agreements that are active.
func (s *Standings) agreement(ctx context.Context, client *api.Client, a ask, ente *config.Ente) error {
	asked := s.o.Clock()
	g, err := client.Agreement(ctx, a.id)
	switch {
	case errors.Is(err, api.ErrNotFound):
		return s.allWhoCalled(ctx, client, a.environment, exposed(ente, a.environment), asked)
	case err != nil:
		return err
	}
	return s.between(ctx, client, a.environment, g, asked)
}

// allWhoCalled learns which of the consumers that have called the e-services still have an active agreement.
func (s *Standings) allWhoCalled(ctx context.Context, client *api.Client, environment string, eservices []string, asked time.Time) error {
	if len(eservices) == 0 {
		return nil
	}
	list, err := client.Agreements(ctx, api.AgreementFilter{States: []api.AgreementState{api.AgreementActive}, EserviceIDs: eservices})
	if err != nil {
		return err
	}
	active := make(map[string]bool, len(list))
	for _, g := range list {
		active[pair(g.EserviceID, g.ConsumerID)] = true
	}
	for _, m := range s.called(environment, eservices) {
		s.learn(m, active[m.id], asked)
	}
	return nil
}

func (s *Standings) between(ctx context.Context, client *api.Client, environment string, g api.Agreement, asked time.Time) error {
	active := g.State == api.AgreementActive
	if !active {
		list, err := client.Agreements(ctx, api.AgreementFilter{
			States: []api.AgreementState{api.AgreementActive}, ConsumerIDs: []string{g.ConsumerID}, EserviceIDs: []string{g.EserviceID},
		})
		if err != nil {
			return err
		}
		active = len(list) > 0
	}
	s.learn(matter{environment, matterAgreement, pair(g.EserviceID, g.ConsumerID)}, active, asked)
	return nil
}

// versions asks for the states of the versions of an e-service. What PDND no longer has is not active: the one that an
// event named, or, of an e-service that is gone, those that the ente exposes.
func (s *Standings) versions(ctx context.Context, client *api.Client, environment string, ente *config.Ente, eserviceID, named string) error {
	asked := s.o.Clock()
	list, err := client.Descriptors(ctx, eserviceID, "")
	var gone []string
	if errors.Is(err, api.ErrNotFound) {
		gone, err = versionsOf(ente, environment, eserviceID), nil
	}
	if err != nil {
		return err
	}
	if named != "" && !slices.ContainsFunc(list, func(d api.Descriptor) bool { return d.ID == named }) {
		gone = append(gone, named)
	}
	for _, id := range gone {
		s.learn(matter{environment, matterDescriptor, id}, false, asked)
	}
	for _, d := range list {
		if d.State == api.DescriptorDraft || d.State == api.DescriptorWaitingForApproval {
			continue // it never had a voucher
		}
		s.learn(matter{environment, matterDescriptor, d.ID}, d.State.Active(), asked)
	}
	return nil
}

// everything asks for all that is suspended: events were not read, or never yet. What was
// archived meanwhile stays unheard of until its vouchers expire.
func (s *Standings) everything(ctx context.Context, client *api.Client, environment string, ente *config.Ente) error {
	asked, eservices := s.o.Clock(), exposed(ente, environment)
	purposes, err := client.Purposes(ctx, api.PurposeFilter{EserviceIDs: eservices, States: []api.PurposeState{api.PurposeSuspended}})
	if err != nil {
		return err
	}
	for _, p := range purposes {
		if p.CurrentVersion != nil {
			s.learn(matter{environment, matterPurpose, p.ID}, p.CurrentVersion.State == api.PurposeActive, asked)
		}
	}
	agreements, err := client.Agreements(ctx, api.AgreementFilter{
		EserviceIDs: eservices, States: []api.AgreementState{api.AgreementSuspended, api.AgreementMissingAttributes},
	})
	if err != nil {
		return err
	}
	for _, g := range agreements {
		if err := s.between(ctx, client, environment, g, asked); err != nil {
			return err
		}
	}
	for _, id := range eservices {
		if err := s.versions(ctx, client, environment, ente, id, ""); err != nil {
			return err
		}
	}
	return nil
}

// exposed are the e-services that an ente exposes in an environment, in a fixed order.
func exposed(ente *config.Ente, environment string) []string {
	var list []string
	for _, x := range ente.Exposes {
		if x.Environment == environment && x.EserviceID != "" && !slices.Contains(list, x.EserviceID) {
			list = append(list, x.EserviceID)
		}
	}
	slices.Sort(list)
	return list
}

// versionsOf are the versions of an e-service that an ente exposes.
func versionsOf(ente *config.Ente, environment, eserviceID string) []string {
	var list []string
	for _, x := range ente.Exposes {
		if x.Environment == environment && x.EserviceID == eserviceID {
			list = append(list, x.DescriptorIDs...)
		}
	}
	return list
}
