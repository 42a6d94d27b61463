// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Hidden stands where something was taken out of a log line.
const Hidden = "[omesso]"

// NewLogger writes one JSON object a line: istante (RFC 3339, UTC, upper-case T and Z: RAC_GEN_LOG_01), livello,
// messaggio and the attributes. Values of attributes named for credentials or bodies are dropped; tokens, application
// keys and codici fiscali are taken out of every text, wherever they stand.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: replace}))
}

func replace(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch a.Key {
		case slog.TimeKey:
			return slog.String("istante", a.Value.Time().UTC().Format(time.RFC3339Nano))
		case slog.LevelKey:
			return slog.String("livello", a.Value.String())
		case slog.MessageKey:
			return slog.String("messaggio", Redact(a.Value.String()))
		}
	}
	if secret(a.Key) {
		return slog.String(a.Key, Hidden)
	}
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Redact(v.String()))
	case slog.KindAny:
		return slog.Any(a.Key, redactAny(v.Any()))
	case slog.KindTime:
		return slog.String(a.Key, v.Time().UTC().Format(time.RFC3339Nano))
	case slog.KindDuration:
		return slog.String(a.Key, v.Duration().String())
	default:
		return a
	}
}

// secret tells names whose values are never logged.
func secret(key string) bool {
	switch strings.ToLower(key) {
	case "authorization", "token", "voucher", "assertion", "body", "corpo", "richiesta", "dati", "chiave", "key",
		"codicefiscale", "codice_fiscale", "cookie", "agid-jwt-signature", "agid-jwt-trackingevidence", "dpop":
		return true
	}
	return false
}

func redactAny(v any) any {
	switch t := v.(type) {
	case error:
		return Redact(t.Error())
	case []string:
		out := make([]string, len(t))
		for i, s := range t {
			out[i] = Redact(s)
		}
		return out
	case fmt.Stringer:
		return Redact(t.String())
	case []byte:
		return Hidden
	case bool, int, int64, uint64, float64, nil:
		return t
	default:
		return Redact(fmt.Sprint(t))
	}
}
