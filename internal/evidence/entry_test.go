// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func fullEntry() Entry {
	closes := int64(0)
	return Entry{
		Ente: "c_z001", Environment: "locale", Kind: KindAcquisizioneEsito, Exchange: "x1",
		Instant: time.Date(2026, 3, 1, 9, 30, 0, 120_000_000, time.UTC),
		Service: "anpr-c020", Operation: "<residenza> & altro", Eservice: "e", Descriptor: "d", Purpose: "p",
		Client: "c", Vouchers: []string{"v1", "v2"}, Status: 200, Rules: []string{"modi.integrity/digest-mismatch"},
		Closes: &closes, Commitment: bytes.Repeat([]byte{7}, 32),
	}
}

// TestLeafEncodingIsFixed: the leaf is hashed, so its bytes must not change from one version to the next.
func TestLeafEncodingIsFixed(t *testing.T) {
	got, err := MarshalLeaf(fullEntry())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"v":1,"ente":"c_z001","environment":"locale","kind":"acquisizione/esito","exchange":"x1",` +
		`"instant":"2026-03-01T09:30:00.12Z","service":"anpr-c020","operation":"<residenza> & altro",` +
		`"eserviceId":"e","descriptorId":"d","purposeId":"p","clientId":"c","vouchers":["v1","v2"],"status":200,` +
		`"rules":["modi.integrity/digest-mismatch"],"closes":0,"commitment":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}`
	if string(got) != want {
		t.Errorf("leaf:\n%s\nwant:\n%s", got, want)
	}
}

func TestLeafIsReadBack(t *testing.T) {
	minimal := Entry{Ente: "c_z001", Environment: "locale", Kind: KindErogazioneIntento, Exchange: "x", Instant: time.Unix(0, 1).UTC()}
	for _, e := range []Entry{fullEntry(), minimal} {
		leaf, err := MarshalLeaf(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLeafInstantIsUTC(t *testing.T) {
	e := fullEntry()
	leaf, err := MarshalLeaf(e)
	if err != nil {
		t.Fatal(err)
	}
	e.Instant = e.Instant.In(time.FixedZone("CET", 3600))
	again, err := MarshalLeaf(e)
	if err != nil || !bytes.Equal(leaf, again) {
		t.Errorf("one instant has two leaves: %s", again)
	}
}

func TestRefusesLeafOfAnotherForm(t *testing.T) {
	leaf, err := MarshalLeaf(fullEntry())
	if err != nil {
		t.Fatal(err)
	}
	text := string(leaf)
	for name, bad := range map[string]string{
		"empty":              "",
		"not JSON":           "leaf",
		"array":              "[]",
		"other version":      strings.Replace(text, `"v":1`, `"v":2`, 1),
		"unknown member":     strings.Replace(text, `{"v":1`, `{"x":1,"v":1`, 1),
		"member twice":       strings.Replace(text, `"status":200`, `"status":200,"status":200`, 1),
		"other case":         strings.Replace(text, `"status"`, `"Status"`, 1),
		"white space":        strings.Replace(text, `"status":200`, `"status": 200`, 1),
		"other order":        strings.Replace(text, `"eserviceId":"e","descriptorId":"d"`, `"descriptorId":"d","eserviceId":"e"`, 1),
		"escaped letter":     strings.Replace(text, "locale", `l\u006fcale`, 1),
		"zero instead none":  strings.Replace(text, `"status":200`, `"status":0`, 1),
		"offset not UTC":     strings.Replace(text, "09:30:00.12Z", "10:30:00.12+01:00", 1),
		"trailing zero":      strings.Replace(text, "00.12Z", "00.120Z", 1),
		"data after":         text + " ",
		"two values":         text + text,
		"longer than a leaf": strings.Replace(text, "x1", strings.Repeat("x", MaxLeaf), 1),
	} {
		if e, err := ParseLeaf([]byte(bad)); err == nil {
			t.Errorf("%s: accepted as %+v", name, e)
		}
	}
}

// FuzzParseLeaf: a leaf that is accepted has one meaning and one form.
func FuzzParseLeaf(f *testing.F) {
	leaf, err := MarshalLeaf(fullEntry())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(leaf)
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseLeaf(data)
		if err != nil {
			return
		}
		again, err := MarshalLeaf(e)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("accepted %q, which is written %q", data, again)
		}
	})
}

func TestRecordRules(t *testing.T) {
	zero, negative := int64(0), int64(-1)
	good := func() Record {
		e := fullEntry()
		e.Commitment = nil
		return Record{Entry: e}
	}
	r := good()
	if err := r.validate(); err != nil {
		t.Fatalf("a good record is refused: %v", err)
	}
	for name, change := range map[string]func(*Record){
		"no ente":                  func(r *Record) { r.Ente = "" },
		"ente with white space":    func(r *Record) { r.Ente = "c z001" },
		"ente with line feed":      func(r *Record) { r.Ente = "c_z001\n" },
		"ente with plus":           func(r *Record) { r.Ente = "c+z" },
		"ente with slash":          func(r *Record) { r.Ente = "a/b" },
		"ente too long":            func(r *Record) { r.Ente = strings.Repeat("a", 65) },
		"unknown kind":             func(r *Record) { r.Kind = "acquisizione" },
		"no kind":                  func(r *Record) { r.Kind = "" },
		"no environment":           func(r *Record) { r.Environment = "" },
		"no exchange":              func(r *Record) { r.Exchange = "" },
		"outcome without intent":   func(r *Record) { r.Closes = nil },
		"closure without intent":   func(r *Record) { r.Kind, r.Closes = KindSconosciuto, nil },
		"intent that closes":       func(r *Record) { r.Kind, r.Closes = KindErogazioneIntento, &zero },
		"negative index":           func(r *Record) { r.Closes = &negative },
		"instant before 1970":      func(r *Record) { r.Instant = time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC) },
		"instant far away":         func(r *Record) { r.Instant = time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC) },
		"commitment given":         func(r *Record) { r.Commitment = []byte{1} },
		"control character":        func(r *Record) { r.Operation = "a\x1bb" },
		"line feed in a rule":      func(r *Record) { r.Rules = []string{"a\nb"} },
		"invalid UTF-8 in a jti":   func(r *Record) { r.Vouchers = []string{"\xff"} },
		"voucher kept whole":       func(r *Record) { r.Side.Proofs = []Proof{{Token: TokenVoucher, Compact: "a.b.c"}} },
		"assertion kept whole":     func(r *Record) { r.Side.Proofs = []Proof{{Token: TokenAssertion, Compact: "a.b.c"}} },
		"DPoP kept whole":          func(r *Record) { r.Side.Proofs = []Proof{{Token: TokenDPoP, Compact: "a.b.c"}} },
		"unknown token kept whole": func(r *Record) { r.Side.Proofs = []Proof{{Token: "other", Compact: "a.b.c"}} },
		"second proof a credential": func(r *Record) {
			r.Side.Proofs = []Proof{{Token: TokenSignature, Compact: "a"}, {Token: TokenDPoP, Compact: "a"}}
		},
	} {
		r := good()
		change(&r)
		if err := r.validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	for name, change := range map[string]func(*Record){
		"refusal without intent":  func(r *Record) { r.Kind, r.Closes = KindErogazioneRifiuto, nil },
		"refusal after an intent": func(r *Record) { r.Kind, r.Closes = KindAcquisizioneRifiuto, &zero },
		"signature kept whole":    func(r *Record) { r.Side.Proofs = []Proof{{Token: TokenSignature, Compact: "a.b.c"}} },
		"tracking kept whole":     func(r *Record) { r.Side.Proofs = []Proof{{Token: TokenTracking, Compact: "a.b.c"}} },
		"voucher payload":         func(r *Record) { r.Side.Proofs = []Proof{{Token: TokenVoucher, Payload: []byte(`{}`)}} },
	} {
		r := good()
		change(&r)
		if err := r.validate(); err != nil {
			t.Errorf("%s: %v, want it accepted", name, err)
		}
	}
}
