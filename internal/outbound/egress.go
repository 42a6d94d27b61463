// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"fmt"
	"net/netip"
	"syscall"
)

// Egress is the policy of the dialer: which addresses the hub may connect to. The
// zero value allows public addresses only.
type Egress struct {
	// AllowPrivate lists what may be dialled although it is not public. A metadata
	// address of a cloud is opened only by a prefix that holds it alone: allowing
	// 169.254.0.0/16 does not open 169.254.169.254.
	AllowPrivate []netip.Prefix
}

// Check tells whether the policy lets addr be dialled. The error is an *Error with
// ReasonAddress. IPv4 addresses written as IPv6 are checked as IPv4.
func (e Egress) Check(addr netip.Addr) error {
	addr = addr.WithZone("").Unmap()
	if !addr.IsValid() {
		return refuseAddress(addr, "no valid address")
	}
	why := notPublic(addr)
	if why == "" || e.allows(addr) {
		return nil
	}
	return refuseAddress(addr, why)
}

func (e Egress) allows(addr netip.Addr) bool {
	alone := isMetadata(addr)
	for _, p := range e.AllowPrivate {
		if p.Contains(addr) && (!alone || p.IsSingleIP()) {
			return true
		}
	}
	return false
}

// control is a net.Dialer.Control: it sees the address that is really dialled, after
// any name resolution, so that a name cannot point elsewhere between check and use.
func (e Egress) control(network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return &Error{Reason: ReasonAddress, Detail: "network " + network + " is not TCP"}
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &Error{Reason: ReasonAddress, Detail: "dialled address cannot be read"}
	}
	return e.Check(ap.Addr())
}

func refuseAddress(addr netip.Addr, why string) error {
	return &Error{
		Reason: ReasonAddress,
		Detail: fmt.Sprintf("%s is %s; if it is meant, list it in egress.allowPrivate", addr, why),
	}
}

// notPublic names the kind of a special address, "" for a public one. Addresses that
// embed an IPv4 address are judged by the address inside where networks really
// translate it (NAT64) and refused where nobody does any more (6to4, Teredo).
func notPublic(addr netip.Addr) string {
	switch {
	case isMetadata(addr):
		return "a cloud metadata address"
	case addr.IsUnspecified():
		return "the unspecified address"
	case addr.IsLoopback():
		return "a loopback address"
	case addr.IsPrivate():
		return "a private address"
	case addr.IsLinkLocalUnicast():
		return "a link-local address"
	case addr.IsMulticast():
		return "a multicast address"
	}
	if inner, ok := nat64(addr); ok {
		return notPublic(inner)
	}
	for _, s := range specialPrefixes() {
		if s.prefix.Contains(addr) {
			return s.name
		}
	}
	return ""
}

func isMetadata(addr netip.Addr) bool {
	switch addr.String() {
	case "169.254.169.254", // AWS, Azure, Google, OpenStack, most others
		"169.254.170.2",   // AWS container credentials
		"169.254.170.23",  // AWS pod identity
		"100.100.100.200", // Alibaba
		"192.0.0.192",     // Oracle
		"168.63.129.16",   // Azure host, a public address by number
		"fd00:ec2::254",   // AWS
		"fd00:ec2::23",    // AWS pod identity
		"fd20:ce::254":    // Google
		return true
	}
	return false
}

// nat64 takes the IPv4 address out of the well-known translation prefix (RFC 6052).
func nat64(addr netip.Addr) (netip.Addr, bool) {
	if !netip.MustParsePrefix("64:ff9b::/96").Contains(addr) {
		return netip.Addr{}, false
	}
	b := addr.As16()
	return netip.AddrFrom4([4]byte(b[12:])), true
}

type special struct {
	prefix netip.Prefix
	name   string
}

// specialPrefixes is what the IANA special-purpose registries list beyond the
// predicates of net/netip.
func specialPrefixes() []special {
	return []special{
		{netip.MustParsePrefix("0.0.0.0/8"), "an address of this network"},
		{netip.MustParsePrefix("100.64.0.0/10"), "a carrier-grade NAT address"},
		{netip.MustParsePrefix("192.0.0.0/24"), "a protocol assignment"},
		{netip.MustParsePrefix("192.0.2.0/24"), "a documentation address"},
		{netip.MustParsePrefix("192.88.99.0/24"), "a 6to4 relay address"},
		{netip.MustParsePrefix("198.18.0.0/15"), "a benchmarking address"},
		{netip.MustParsePrefix("198.51.100.0/24"), "a documentation address"},
		{netip.MustParsePrefix("203.0.113.0/24"), "a documentation address"},
		{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"},
		{netip.MustParsePrefix("::/96"), "an IPv4-compatible address"},
		{netip.MustParsePrefix("::ffff:0:0:0/96"), "an IPv4-translated address"},
		{netip.MustParsePrefix("64:ff9b:1::/48"), "a local translation address"},
		{netip.MustParsePrefix("100::/64"), "a discard address"},
		{netip.MustParsePrefix("2001::/23"), "a protocol assignment"},
		{netip.MustParsePrefix("2001:db8::/32"), "a documentation address"},
		{netip.MustParsePrefix("2002::/16"), "a 6to4 address"},
		{netip.MustParsePrefix("3fff::/20"), "a documentation address"},
		{netip.MustParsePrefix("5f00::/16"), "a segment routing address"},
		{netip.MustParsePrefix("fec0::/10"), "a site-local address"},
	}
}
