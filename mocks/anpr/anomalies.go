// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

const (
	// volumeFactor is how far above its own mean a day must be to stand out.
	volumeFactor = 3
	// volumeLeast is the least number of calls that can stand out.
	volumeLeast = 10
	// daysKept is how many days of calls are kept per client.
	daysKept = 90
)

// Anomaly is a day of a client in the two indicators that the Ministry watches since
// July 2026. Every day with calls is reported; the flags tell what stands out.
type Anomaly struct {
	ClientID string `json:"clientId"`
	Giorno   string `json:"giorno"` // YYYY-MM-DD in Rome
	Chiamate int    `json:"chiamate"`
	// MediaPropria is the client's own mean over its earlier days with calls, 0 on the
	// first one.
	MediaPropria float64 `json:"mediaPropria"`
	// VolumeAnomalo is set when the day has at least ten calls and is more than three
	// times the mean; never on the first day.
	VolumeAnomalo bool `json:"volumeAnomalo"`
	// FuoriOrario counts the calls between 18:00 and 08:00 in Rome.
	FuoriOrario int `json:"fuoriOrario"`
}

// indicators counts verified calls per client and day.
type indicators struct {
	mu      sync.Mutex
	clients map[string][]day // oldest first
}

type day struct {
	date         string
	calls, night int
}

func (n *indicators) count(clientID string, local time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.clients == nil {
		n.clients = make(map[string][]day)
	}
	days := n.clients[clientID]
	date := local.Format(time.DateOnly)
	if len(days) == 0 || days[len(days)-1].date != date {
		days = append(days, day{date: date})
		days = days[max(0, len(days)-daysKept):]
	}
	last := &days[len(days)-1]
	last.calls++
	if local.Hour() >= 18 || local.Hour() < 8 {
		last.night++
	}
	n.clients[clientID] = days
}

// Anomalies reports the indicators, ordered by client and day.
func (s *Server) Anomalies() []Anomaly {
	n := &s.indicators
	n.mu.Lock()
	defer n.mu.Unlock()
	report := make([]Anomaly, 0)
	for client, days := range n.clients {
		sum := 0
		for i, d := range days {
			a := Anomaly{ClientID: client, Giorno: d.date, Chiamate: d.calls, FuoriOrario: d.night}
			if i > 0 {
				a.MediaPropria = float64(sum) / float64(i)
				a.VolumeAnomalo = d.calls >= volumeLeast && float64(d.calls) > volumeFactor*a.MediaPropria
			}
			sum += d.calls
			report = append(report, a)
		}
	}
	slices.SortFunc(report, func(a, b Anomaly) int {
		return cmp.Or(cmp.Compare(a.ClientID, b.ClientID), cmp.Compare(a.Giorno, b.Giorno))
	})
	return report
}
