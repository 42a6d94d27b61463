// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package fruitore

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// proxied starts a proxy towards a producer. Who calls /modi/... is a consumer.
func proxied(t *testing.T, producer http.HandlerFunc) string {
	t.Helper()
	hub := httptest.NewServer(producer)
	t.Cleanup(hub.Close)
	client := newClient(t, platform(t, http.StatusOK, `{"access_token":"v.v.v"}`))
	p := NewProxy(func() string { return hub.URL + "/" }, World{
		Consumer: func(path string) *Client {
			if strings.HasPrefix(path, "/modi/") {
				return client
			}
			return nil
		},
		Known: func() []string { return []string{"/modi/c_bf01/deposito-atti/v1"} },
	}, clock)
	must(t, p.Start(t.Context(), ""))
	t.Cleanup(func() { _ = p.Close() })
	return p.URL()
}

func ask(t *testing.T, method, url, media string, body []byte) Reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	must(t, err)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	req.Header.Set("Accept", "application/octet-stream")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	must(t, err)
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: got}
}

// TestAContentPassesThroughTheProxyAsItIs: its bytes, its type and its length, on the way there and back.
func TestAContentPassesThroughTheProxyAsItIs(t *testing.T) {
	var got http.Header
	url := proxied(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.ContentLength != int64(len(body)) {
			t.Errorf("%d announced, %d came: %v", r.ContentLength, len(body), err)
		}
		if len(body) > 0 {
			if fault := rules.CheckDigest(r.Header, body); fault != nil {
				t.Error(fault)
			}
		}
		got = r.Header
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
	large := bytes.Repeat([]byte("0123456789abcdef"), 20<<16) // 20 MiB
	for _, c := range []struct {
		media, want string
		body        []byte
	}{
		{"application/octet-stream", "application/octet-stream", large},
		{"application/octet-stream", "application/octet-stream", large[:26]},
		{"application/merge-patch+json", "application/merge-patch+json", []byte(`{}`)},
		{"", "application/json", []byte(`{}`)},
		{"application/x-www-form-urlencoded", "application/json", []byte(`{}`)}, // what curl --data says by itself
	} {
		back := ask(t, http.MethodPut, url+"/modi/x", c.media, c.body)
		if back.Status != http.StatusOK || back.Header.Get("Content-Length") != strconv.Itoa(len(c.body)) || !bytes.Equal(back.Body, c.body) {
			t.Errorf("%s: %d, %d bytes of %d, %v", c.media, back.Status, len(back.Body), len(c.body), back.Header)
		}
		if got.Get("Content-Type") != c.want || got.Get("Accept") != "application/octet-stream" || got.Get("Agid-JWT-Signature") == "" {
			t.Errorf("%q: sent on with %v", c.media, got)
		}
	}
	if back := ask(t, http.MethodGet, url+"/modi/x", "", nil); back.Status != http.StatusOK || got.Get("Digest") != "" {
		t.Errorf("without body: %d %v", back.Status, got)
	}
}

// TestAnUnknownNameIsToldTheKnownOnes: and in Italian first.
func TestAnUnknownNameIsToldTheKnownOnes(t *testing.T) {
	url := proxied(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	back := ask(t, http.MethodGet, url+"/altro", "", nil)
	if said := string(back.Body); back.Status != http.StatusNotFound || !strings.HasPrefix(said, "Nessun e-service") || !strings.Contains(said, "/modi/c_bf01/deposito-atti/v1") {
		t.Errorf("%d %s", back.Status, said)
	}
}
