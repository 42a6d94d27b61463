// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"time"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// Tracing says who tells PDND Tracing of the calls of an ente in one environment. There is
// one file a day for the whole ente, whatever systems it has, and the first one starts a
// duty: so nothing is sent until the ente says who sends.
type Tracing struct {
	Invia string `yaml:"invia"` // snodo | altri: another system sends, and Snodo only exports
	Dal   string `yaml:"dal"`   // the first day, YYYY-MM-DD
	// Altri is a folder where the ente's other systems leave their files of a day,
	// <day>-<anything>.csv, to be sent together with the hub's.
	Altri string `yaml:"altri"`
}

// Who sends.
const (
	TracingSnodo = "snodo"
	TracingAltri = "altri"
)

// Reserve is the part of the daily quota that only persons may use, in hundredths.
func (c *Consume) Reserve() int64 {
	if c.QuotaReserve == nil {
		return DefaultReserve
	}
	return *c.QuotaReserve
}

func (c enteCheck) tracing() {
	ask := checks{c.Report}
	for _, environment := range sortedKeys(c.e.ente.Tracing) {
		t := c.e.ente.Tracing[environment]
		if !ask.oneOf(environment, registry.Environments(), "tracing", environment) {
			continue
		}
		if _, known := c.e.ente.APIClients[environment]; !known && t.Invia == TracingSnodo {
			c.Addf(yamlfile.Path("tracing", environment), "tracing.%s si invia con apiClients.%s, che manca",
				"tracing.%s is sent with apiClients.%s, which is missing", environment, environment)
		}
		ask.oneOf(t.Invia, []string{TracingSnodo, TracingAltri}, "tracing", environment, "invia")
		if _, err := time.Parse(time.DateOnly, t.Dal); c.Require(t.Dal, "tracing", environment, "dal") && err != nil {
			c.Addf(yamlfile.Path("tracing", environment, "dal"), "tracing.%s.dal non è un giorno AAAA-MM-GG",
				"tracing.%s.dal is not a day YYYY-MM-DD", environment)
		}
	}
}
