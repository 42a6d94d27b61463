// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declared

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/quota"
)

// offered are the e-services that an ente offers in an environment, in a fixed order.
func offered(ente *config.Ente, environment string) []*config.Expose {
	var list []*config.Expose
	for _, name := range slices.Sorted(maps.Keys(ente.Exposes)) {
		if x := ente.Exposes[name]; x.Environment == environment {
			list = append(list, x)
		}
	}
	return list
}

// readOffered asks what an e-service declared of itself, the most of the versions that may still be called, and what the
// purposes of its consumers did. While PDND refuses to show one of the versions, what was last read of the e-service
// stands: the others alone do not tell the most, and no figure would be no limit.
func (r *Reader) readOffered(ctx context.Context, client *api.Client, x *config.Expose) error {
	var perConsumer, total int64
	whole := len(x.DescriptorIDs) > 0
	for _, id := range x.DescriptorIDs {
		d, err := client.Descriptor(ctx, x.EserviceID, id)
		switch {
		case errors.Is(err, api.ErrRefused):
			whole = false
			continue
		case err != nil:
			return fmt.Errorf("descriptor %s: %w", id, err)
		}
		perConsumer, total = max(perConsumer, d.DailyCallsPerConsumer), max(total, d.DailyCallsTotal)
	}
	purposes, err := client.Purposes(ctx, api.PurposeFilter{EserviceIDs: []string{x.EserviceID}})
	if err != nil && !errors.Is(err, api.ErrRefused) {
		return fmt.Errorf("purposes of e-service %s: %w", x.EserviceID, err)
	}
	calls := map[string]int64{}
	if whole {
		calls[quota.PerConsumer(x.EserviceID)], calls[quota.OfAll(x.EserviceID)] = perConsumer, total
	}
	for _, p := range purposes {
		if p.CurrentVersion != nil {
			calls[p.ID] = p.CurrentVersion.DailyCalls
		}
	}
	var faults []error
	for _, subject := range slices.Sorted(maps.Keys(calls)) {
		faults = append(faults, r.Store.PutDeclared(ctx, quota.Declared{
			Environment: x.Environment, Purpose: subject, DailyCalls: calls[subject], ReadAt: r.Clock(),
		}))
	}
	return errors.Join(faults...)
}
