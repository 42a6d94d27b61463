// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// line logs once and reads the line back.
func line(t *testing.T, log func(l *slog.Logger)) (map[string]any, string) {
	t.Helper()
	var b bytes.Buffer
	log(NewLogger(&b, slog.LevelInfo))
	text := b.String()
	if strings.Count(text, "\n") != 1 {
		t.Fatalf("not one line: %q", text)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return m, text
}

func TestInstantIsRFC3339InUTC(t *testing.T) {
	m, _ := line(t, func(l *slog.Logger) { l.LogAttrs(context.Background(), slog.LevelInfo, "prova") })
	instant, ok := m["istante"].(string)
	if !ok || !strings.HasSuffix(instant, "Z") || !strings.Contains(instant, "T") {
		t.Errorf("istante %v", m["istante"])
	}
	if _, err := time.Parse(time.RFC3339Nano, instant); err != nil {
		t.Error(err)
	}
	if m["livello"] != "INFO" || m["messaggio"] != "prova" {
		t.Errorf("line %v", m)
	}
}

const (
	jws  = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJhYmMifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
	pem  = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----"
	key  = "snodo_0123456789abcdef_AbC-dEf_123"
	name = "RSSMRA85T10A562S"
)

// TestNothingSecretIsLogged puts secrets and persons wherever a line may hold text.
func TestNothingSecretIsLogged(t *testing.T) {
	secrets := []string{jws, "MIIEvQ", "AbC-dEf_123", name, "rssmra85t10a562s", "RSSMRA85T10A56NH"}
	for _, secret := range []string{jws, pem, key, name, "rssmra85t10a562s", "RSSMRA85T10A56NH", "per " + name + ", subito", "cf_" + name + "_x"} {
		_, text := line(t, func(l *slog.Logger) {
			l.LogAttrs(context.Background(), slog.LevelInfo, "messaggio "+secret,
				slog.String("errore", "perché "+secret), slog.Any("causa", errors.New(secret)),
				slog.Any("regole", []string{"a", secret}), slog.Group("dentro", slog.String("x", secret)),
				slog.Any("altro", struct{ A string }{secret}), slog.Any("byte", []byte(secret)))
		})
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%q was logged: %s", s, text)
			}
		}
		if !strings.Contains(text, Hidden) {
			t.Errorf("nothing was taken out of %s", text)
		}
	}
}

func TestAttributesNamedForSecretsAreDropped(t *testing.T) {
	for _, name := range []string{"Authorization", "token", "body", "richiesta", "dati", "voucher", "codiceFiscale", "DPoP"} {
		m, _ := line(t, func(l *slog.Logger) {
			l.LogAttrs(context.Background(), slog.LevelInfo, "x", slog.String(name, "qualsiasi"))
		})
		if m[name] != Hidden {
			t.Errorf("%s = %v", name, m[name])
		}
	}
}

func TestWhatIsNotSecretIsKept(t *testing.T) {
	for _, s := range []string{
		"modi.integrity/digest-mismatch", "00000000-0000-4000-8000-000000000001", "/modi/{codiceIPA}/stato-istanza/v1/ricerche",
		"192.0.2.7", "hub.registry/unavailable: anpr-c030: registry unavailable (HTTP 503)", "PRT-2026-0000123", "c_bf01",
	} {
		if got := Redact(s); got != s {
			t.Errorf("Redact(%q) = %q", s, got)
		}
	}
	m, _ := line(t, func(l *slog.Logger) {
		l.LogAttrs(context.Background(), slog.LevelInfo, "x", slog.Int("stato", 200), slog.Bool("b", true),
			slog.Duration("durata", 1500*time.Millisecond), slog.Time("quando", time.Date(2026, 1, 1, 1, 0, 0, 0, time.FixedZone("CET", 3600))),
			slog.Any("n", 7), slog.Any("passo", time.Second))
	})
	if m["stato"] != 200.0 || m["b"] != true || m["durata"] != "1.5s" || m["quando"] != "2026-01-01T00:00:00Z" || m["n"] != 7.0 || m["passo"] != "1s" {
		t.Errorf("line %v", m)
	}
}

func TestLogInjectionIsEncoded(t *testing.T) {
	m, text := line(t, func(l *slog.Logger) {
		l.LogAttrs(context.Background(), slog.LevelInfo, "x", slog.String("userID", "a\r\n{\"livello\":\"ERROR\"}"))
	})
	if m["userID"] != "a\r\n{\"livello\":\"ERROR\"}" || m["livello"] != "INFO" {
		t.Errorf("line %s", text)
	}
}

func TestLevelIsRespected(t *testing.T) {
	var b bytes.Buffer
	NewLogger(&b, slog.LevelWarn).LogAttrs(context.Background(), slog.LevelInfo, "x")
	if b.Len() != 0 {
		t.Errorf("logged %q", b.String())
	}
}
