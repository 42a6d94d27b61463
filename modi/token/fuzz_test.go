// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/vectors"
)

func seeds(f *testing.F, part int) {
	f.Helper()
	set, err := vectors.Load()
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range set.Vectors {
		data, err := base64.RawURLEncoding.DecodeString(strings.Split(v.Compact, ".")[part])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// A header that is accepted says the same when it is written again by encoding/json: no
// reader can find another algorithm, type, kid or certificate in it.
func FuzzHeader(f *testing.F) {
	seeds(f, 0)
	f.Add([]byte(`{"alg":"RS256","alg":"none","kid":"x","typ":"JWT"}`))
	f.Add([]byte(`{"alg":"RS256","x5c":["AA=="],"x5t#S256":"` + strings.Repeat("A", 43) + `"}`))
	kinds := []token.Kind{
		token.ClientAssertion(), token.Voucher(), token.Integrity(), token.Audit(), token.DPoPProof(), token.PDNDResponse(),
		token.IDAuth(), token.IDAuth().WithCertificates(token.X5C, token.X5TS256, token.X5U), token.DPoPResourceProof(),
	}
	const rest = ".eyJhIjoxfQ.AA"
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range kinds {
			u, err := token.Parse(base64.RawURLEncoding.EncodeToString(data)+rest, kind)
			if err != nil {
				continue
			}
			var again map[string]any
			err = json.Unmarshal(data, &again)
			if err != nil {
				t.Fatalf("accepted what encoding/json refuses: %v", err)
			}
			written, err := json.Marshal(again)
			if err != nil {
				t.Fatal(err)
			}
			other, err := token.Parse(base64.RawURLEncoding.EncodeToString(written)+rest, kind)
			if err != nil {
				t.Fatalf("written again it is refused: %v", err)
			}
			if u.Header() != other.Header() || moditest.JSON(t, u.Certificate()) != moditest.JSON(t, other.Certificate()) {
				t.Fatalf("written again it says %+v, first %+v", other.Header(), u.Header())
			}
		}
	})
}

// Claims that are accepted say the same when they are written again by encoding/json.
func FuzzClaims(f *testing.F) {
	seeds(f, 1)
	f.Add([]byte(`{"aud":["a","b"],"exp":1e9,"iat":1.5,"nbf":"1","jti":"\ud83d\ude00"}`))
	f.Add([]byte(`{"jti":"\ud800"}`))
	key := moditest.EC(f, elliptic.P256())
	jwk := `{"alg":"ES256","kid":"` + strings.Repeat("k", 43) + `","typ":"JWT"}`
	read := func(t *testing.T, payload []byte) (*token.Claims, error) {
		u, err := token.Parse(moditest.Forge(t, jwk, string(payload), key), token.Audit())
		if err != nil {
			return nil, err
		}
		return u.Verify(key.Public())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := read(t, data)
		if err != nil {
			return
		}
		dec := json.NewDecoder(strings.NewReader(string(data)))
		dec.UseNumber()
		var again map[string]any
		err = dec.Decode(&again)
		if err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		written, err := json.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		other, err := read(t, written)
		if err != nil {
			if len(data) > 8<<10 {
				return // escapes made it too long
			}
			t.Fatalf("written again it is refused: %v", err)
		}
		for _, name := range c.Names() {
			a, okA := c.String(name)
			b, okB := other.String(name)
			at, stateA := c.Time(name)
			bt, stateB := other.Time(name)
			if a != b || okA != okB || !at.Equal(bt) || stateA != stateB || !other.Has(name) {
				t.Fatalf("claim %q differs when written again", name)
			}
		}
		audA, stateA := c.Audience()
		audB, stateB := other.Audience()
		if strings.Join(audA, "\x00") != strings.Join(audB, "\x00") || stateA != stateB {
			t.Fatalf("aud %q, written again %q", audA, audB)
		}
	})
}

func TestNumericDateOfText(t *testing.T) {
	for s, want := range map[string]int64{
		"1": 1, "1767225660.5": 1767225660, "1.767225660e9": 1767225660, "253402300799": 253402300799,
		"": 0, "0": 0, "-1": 0, "253402300800": 0, "1e30": 0, "0x10": 0, "1_0": 0, " 1": 0, "999999999999999999999": 0,
	} {
		got, ok := token.NumericDate(s)
		if ok != (want != 0) || ok && !got.Equal(time.Unix(want, 0)) {
			t.Errorf("NumericDate(%q) = %v, %t", s, got, ok)
		}
	}
}

func TestKindsTellWhatTheyAre(t *testing.T) {
	k := token.Integrity().WithPattern(modi.PatternIntegrityREST01)
	if k.Pattern() != modi.PatternIntegrityREST01 || k.Certified() || !k.WithCertificates().Certified() || k.Lenient() != nil {
		t.Errorf("kind %+v", k)
	}
}

// An accepted token has one spelling: its parts, encoded again, are the same bytes. No
// kind takes the token of another header for its own by a change of spelling.
func FuzzCompact(f *testing.F) {
	set, err := vectors.Load()
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range set.Vectors {
		f.Add(v.Compact)
	}
	f.Add("e30.e30.AA")
	kinds := []token.Kind{token.ClientAssertion(), token.Voucher(), token.Integrity(), token.DPoPProof(), token.IDAuth()}
	f.Fuzz(func(t *testing.T, s string) {
		for _, kind := range kinds {
			u, err := token.Parse(s, kind)
			if err != nil {
				continue
			}
			parts := strings.Split(u.Compact(), ".")
			for i, p := range parts {
				data, err := base64.RawURLEncoding.DecodeString(p)
				if err != nil || base64.RawURLEncoding.EncodeToString(data) != p {
					t.Fatalf("part %d has another spelling: %v", i, err)
				}
			}
			if len(parts) != 3 || u.Compact() != s {
				t.Fatalf("%d parts", len(parts))
			}
		}
	})
}
