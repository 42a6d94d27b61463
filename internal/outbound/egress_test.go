// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestEgressRefusesEverySpecialAddress(t *testing.T) {
	for _, text := range []string{
		"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255",
		"192.168.1.1", "169.254.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200",
		"100.127.255.255", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
		"224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1",
		"::7f00:1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fec0::1", "ff02::1",
		"64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:7f00:1::1",
		"100::1", "3fff::1", "5f00::1", "::ffff:0:7f00:1", "::ffff:0:a9fe:a9fe", "::ffff:0:808:808",
	} {
		t.Run(text, func(t *testing.T) {
			err := Egress{}.Check(netip.MustParseAddr(text))
			if ReasonOf(err) != ReasonAddress {
				t.Fatalf("Check = %v, want a refused address", err)
			}
		})
	}
}

func TestEgressAllowsPublicAddresses(t *testing.T) {
	for _, text := range []string{
		"93.184.216.34", "172.32.0.1", "172.15.255.255", "100.63.255.255", "100.128.0.1", "169.253.255.255",
		"192.169.0.1", "11.0.0.1", "223.255.255.255", "2a00:1450:4002:400::200e", "2606:4700::1111",
		"::ffff:93.184.216.34", "64:ff9b::5db8:d822", "168.63.129.15",
	} {
		if err := (Egress{}).Check(netip.MustParseAddr(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEgressOpensOnlyWhatIsConfigured(t *testing.T) {
	allow := func(prefixes ...string) (e Egress) {
		for _, p := range prefixes {
			e.AllowPrivate = append(e.AllowPrivate, netip.MustParsePrefix(p))
		}
		return e
	}
	for name, tc := range map[string]struct {
		policy Egress
		addr   string
		ok     bool
	}{
		"inside the prefix":                     {allow("10.1.0.0/16"), "10.1.2.3", true},
		"beside the prefix":                     {allow("10.1.0.0/16"), "10.2.0.1", false},
		"mapped form of an allowed one":         {allow("127.0.0.0/8"), "::ffff:127.0.0.1", true},
		"other family":                          {allow("127.0.0.0/8"), "::1", false},
		"metadata under a wide prefix":          {allow("169.254.0.0/16"), "169.254.169.254", false},
		"metadata under everything":             {allow("0.0.0.0/0", "::/0"), "fd00:ec2::254", false},
		"metadata named alone":                  {allow("169.254.169.254/32"), "169.254.169.254", true},
		"mapped metadata under a mapped prefix": {allow("::ffff:0:0/96"), "::ffff:169.254.169.254", false},
		"zone does not hide an address":         {allow("10.0.0.0/8"), "fe80::1%10", false},
		"no address":                            {allow("0.0.0.0/0"), "", false},
	} {
		t.Run(name, func(t *testing.T) {
			addr, _ := netip.ParseAddr(tc.addr)
			if err := tc.policy.Check(addr); (err == nil) != tc.ok {
				t.Fatalf("Check(%s) = %v, want allowed=%v", tc.addr, err, tc.ok)
			}
		})
	}
}

// The name resolves to a loopback address only when it is dialled: checking the name
// would not have caught it.
func TestEgressIsCheckedOnTheDialledAddress(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the server was reached")
	}))
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, Settings{})
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0"} {
		req := get(t, "http://"+host+":"+u.Port()+"/")
		_, err := client.Do(t.Context(), req, Exchange{})
		if r := ReasonOf(err); r != ReasonAddress && r != ReasonName {
			t.Errorf("%s: Do = %v, want a refused address", host, err)
		}
	}
}

func TestEgressErrorSaysWhatToConfigure(t *testing.T) {
	err := Egress{}.Check(netip.MustParseAddr("10.0.0.7"))
	if err == nil || !strings.Contains(err.Error(), "egress.allowPrivate") || !strings.Contains(err.Error(), "10.0.0.7") {
		t.Fatalf("error is %v", err)
	}
}

func TestProxyIsUsedAndItsOwnAddressIsAllowed(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.RequestURI)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer proxy.Close()
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, Settings{Proxy: u}) // no private address allowed
	resp, err := client.Do(t.Context(), get(t, "http://registro.example/a"), Exchange{})
	if err != nil || resp.Status != http.StatusNoContent || len(asked) != 1 || asked[0] != "http://registro.example/a" {
		t.Fatalf("Do = %v, %v; proxy was asked %q", resp, err, asked)
	}
	for _, target := range []string{
		"http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://10.0.0.1/", "http://localhost/", "http://LocalHost./",
	} {
		if _, err := client.Do(t.Context(), get(t, target), Exchange{}); ReasonOf(err) != ReasonAddress {
			t.Errorf("%s through the proxy: %v, want a refused address", target, err)
		}
	}
	if len(asked) != 1 {
		t.Fatalf("proxy was asked %q", asked)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	for name, s := range map[string]Settings{
		"CA without a certificate": {CA: []byte("not PEM")},
		"proxy without a host":     {Proxy: &url.URL{Scheme: "http"}},
		"proxy of another kind":    {Proxy: &url.URL{Scheme: "socks5", Host: "p.example:1080"}},
	} {
		if _, err := New(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestOtherSchemesAreRefused(t *testing.T) {
	client := newClient(t, Settings{})
	for _, target := range []string{"ftp://registro.example/", "file:///etc/passwd", "gopher://registro.example/"} {
		if _, err := client.Do(t.Context(), get(t, target), Exchange{}); ReasonOf(err) != ReasonAddress {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// helpers

func loopback() Egress {
	return Egress{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
}

func newClient(t *testing.T, s Settings) *Client {
	t.Helper()
	c, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func get(t *testing.T, target string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func post(t *testing.T, target, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}
