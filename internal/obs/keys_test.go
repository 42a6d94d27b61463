// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAgeAndExpiryOfKeys(t *testing.T) {
	now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	m := NewMetrics(Bounds{})
	m.Keys(func() time.Time { return now }, []Key{
		{Ente: "c_bf01", Setting: "clients.servizi.key", Since: now.Add(-10 * 24 * time.Hour)},
		{Ente: "c_bf01", Setting: "keychains.risposte.key", Since: now.Add(-366 * 24 * time.Hour)},
	})
	read := func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String()
	}
	body := read()
	for _, want := range []string{
		`snodo_key_age_days{ente="c_bf01",key="clients.servizi.key"} 10`,
		`snodo_key_expiry_days{ente="c_bf01",key="clients.servizi.key"} 355`,
		`snodo_key_expiry_days{ente="c_bf01",key="keychains.risposte.key"} -1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	m.Keys(func() time.Time { return now }, make([]Key, 0))
	if strings.Contains(read(), "snodo_key_age_days{") {
		t.Error("keys that are no longer there are still shown")
	}
}
