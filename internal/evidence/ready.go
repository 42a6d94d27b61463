// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// failedCommitCounts is how long a failed commit makes the log not ready. Without an end a hub that is sent nothing
// while it is not ready would never find out that its disk has room again.
const failedCommitCounts = time.Minute

// health is what the last commit and the last write to the sink came to.
type health struct {
	mu         sync.Mutex
	commit     error // of the last commit
	committing time.Time
	sink       error // of the last checkpoint given to the sink
}

func (h *health) committed(err error, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commit, h.committing = err, at
}

func (h *health) sunk(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sink = err
}

// Ready tells why records cannot be kept: the last commit failed less than a minute ago, or the checkpoint sink does not
// take checkpoints, which is tried again at every CheckpointInterval. It asks neither database nor sink.
func (l *Log) Ready(context.Context) error {
	l.health.mu.Lock()
	defer l.health.mu.Unlock()
	var faults []error
	if h := &l.health; h.commit != nil && l.cfg.Clock().Sub(h.committing) < failedCommitCounts {
		faults = append(faults, fmt.Errorf("the last record could not be stored: %w", h.commit))
	}
	if l.health.sink != nil {
		faults = append(faults, fmt.Errorf("the last checkpoint did not leave the database: %w", l.health.sink))
	}
	return errors.Join(faults...)
}
