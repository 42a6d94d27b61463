// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"sync/atomic"
	"time"
)

// sampler lets one log line a second through.
type sampler struct{ second atomic.Int64 }

func (s *sampler) take(now time.Time) bool {
	this := now.Unix()
	last := s.second.Load()
	return this != last && s.second.CompareAndSwap(last, this)
}
