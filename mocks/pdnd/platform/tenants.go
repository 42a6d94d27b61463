// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

// ListTenants returns every tenant, in order of registration.
func (p *Platform) ListTenants() []Tenant {
	return some(p, &p.tenants, func(*Tenant) bool { return true })
}

// SeeTenant returns any tenant.
func (p *Platform) SeeTenant(id string) (Tenant, error) {
	if t, ok := p.Tenant(id); ok {
		return t, nil
	}
	return Tenant{}, notFound(tenant, "0004", "Tenant", id)
}

// ListAttributes returns every certified attribute, in order of registration.
func (p *Platform) ListAttributes() []Attribute {
	return some(p, &p.attributes, func(*Attribute) bool { return true })
}

// SeeAttribute returns a certified attribute.
func (p *Platform) SeeAttribute(id string) (Attribute, error) {
	if a, ok := one(p, &p.attributes, id); ok {
		return a, nil
	}
	return Attribute{}, notFound(attribute, "0002", "Attribute", id)
}
