// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"net"
	"net/netip"
	"sync"
)

// hostBits is how much of an IPv6 address names one site: whoever has a network has all the addresses below it.
const hostBits = 64

// Share bounds the connections that one address may hold of a listener. The zero value bounds none.
type Share struct {
	PerAddress int            // 0 = no bound
	Exempt     []netip.Prefix // proxies, which hold the connections of everybody behind them
}

// shares counts the connections of each address. It is safe for concurrent use.
type shares struct {
	Share
	mu   sync.Mutex
	held map[netip.Addr]int
}

func newShares(s Share) *shares { return &shares{Share: s, held: map[netip.Addr]int{}} }

// take counts one connection of an address; false means that the address holds its share already. What has no IP
// address, as a Unix socket, is not bounded.
func (s *shares) take(from net.Addr) (giveBack func(), ok bool) {
	site, bounded := s.site(from)
	if !bounded {
		return func() {}, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[site] >= s.PerAddress {
		return nil, false
	}
	s.held[site]++
	return func() { s.give(site) }, true
}

func (s *shares) give(site netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[site]--; s.held[site] == 0 {
		delete(s.held, site)
	}
}

func (s *shares) site(from net.Addr) (netip.Addr, bool) {
	tcp, ok := from.(*net.TCPAddr)
	if !ok || s.PerAddress <= 0 {
		return netip.Addr{}, false
	}
	addr := tcp.AddrPort().Addr().Unmap().WithZone("")
	for _, p := range s.Exempt {
		if p.Contains(addr) {
			return netip.Addr{}, false
		}
	}
	if addr.Is6() {
		site, err := addr.Prefix(hostBits)
		if err != nil {
			return netip.Addr{}, false // not an address
		}
		return site.Addr(), true
	}
	return addr, addr.IsValid()
}
