// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"errors"
	"sync"

	"github.com/snodo-pa/snodo/registry"
)

// Denied is the state of an ente, service and purpose to which PDND denies the voucher: key,
// purpose, agreement or version are not in order there. It is no guard: every call asks again.
const Denied = "sospeso"

// denials remember to which calls PDND denied the voucher when it was last asked. Purposes
// come from the configuration, so there are few. It is safe for concurrent use.
type denials struct {
	mu sync.Mutex
	of map[gateKey]bool
}

// note takes up how a request for a voucher ended. No answer says nothing.
func (d *denials) note(key gateKey, err error) {
	var fault *registry.Fault
	denied := errors.As(err, &fault) && errors.Is(fault.Kind, registry.ErrConfig)
	if err != nil && !denied {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if denied {
		d.of[key] = true
	} else {
		delete(d.of, key)
	}
}

// states adds them to those of the guards, as voucher/<service>/<ente>/<purpose>.
func (d *denials) states(to map[string]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key := range d.of {
		to["voucher/"+key.service+"/"+key.ente+"/"+key.purpose] = Denied
	}
}
