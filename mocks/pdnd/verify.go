// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/m2m"
)

// apiVoucher verifies a voucher for the platform itself.
func (s *Server) apiVoucher(compact string, now time.Time) (m2m.Voucher, *rules.Fault) {
	invalid := func(name, detail string) (m2m.Voucher, *rules.Fault) {
		return m2m.Voucher{}, &rules.Fault{Class: rules.ClassToken, Name: name, Detail: detail}
	}
	t, kid, fault := rules.ParseVoucher(compact)
	if fault != nil {
		return m2m.Voucher{}, fault
	}
	s.mu.RLock()
	var signer *signingKey
	for i := range s.signing {
		if s.signing[i].kid == kid {
			signer = &s.signing[i]
		}
	}
	s.mu.RUnlock()
	if signer == nil {
		return invalid("voucher-kid", "the kid is not the platform's")
	}
	if t.Verify(&signer.key.PublicKey) != nil {
		return invalid("voucher-signature", "the signature does not verify")
	}
	if fault := rules.CheckIssued(t.Claims, s.opts.Issuer, now, 0); fault != nil {
		return m2m.Voucher{}, fault
	}
	if aud, _ := t.Claims.String("aud"); aud != s.opts.M2MAudience {
		return invalid("voucher-aud", "the voucher is not for the platform")
	}
	v := m2m.Voucher{}
	if v.Role, _ = t.Claims.String("role"); v.Role != m2m.RoleM2M && v.Role != m2m.RoleAdmin {
		return invalid("voucher-role", "the voucher is not of an API client")
	}
	if v.TenantID, _ = t.Claims.String("organizationId"); v.TenantID == "" {
		return invalid("voucher-organization", "organizationId is absent")
	}
	v.ClientID, _ = t.Claims.String("client_id")
	v.AdminID, _ = t.Claims.String("adminId")
	if cnf, ok := t.Claims["cnf"].(map[string]any); ok {
		v.JKT, _ = rules.Members(cnf).String("jkt")
	}
	return v, nil
}
