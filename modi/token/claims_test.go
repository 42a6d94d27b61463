// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

func verified(t testing.TB, payload string) *token.Claims {
	t.Helper()
	key := moditest.RSA(t, 0)
	compact := moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"JWT"}`, moditest.Thumbprint(t, key.Public())), payload, key)
	c, err := open(compact, token.Integrity(), key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTimeReadsNumericDates(t *testing.T) {
	for written, want := range map[string]struct {
		state token.State
		unix  int64
	}{
		`1767225660`:              {token.Valid, 1767225660},
		`1767225660.5`:            {token.Valid, 1767225660},
		`1767225660.999999999999`: {token.Valid, 1767225660},
		`1.76722566e9`:            {token.Valid, 1767225660},
		`1`:                       {token.Valid, 1},
		`253402300799`:            {token.Valid, 253402300799},
		`253402300800`:            {token.Invalid, 0},
		`1767225660000`:           {token.Invalid, 0}, // milliseconds
		`9223372036854775808`:     {token.Invalid, 0},
		`1e400`:                   {token.Invalid, 0},
		`1e999999999`:             {token.Invalid, 0},
		`0`:                       {token.Invalid, 0},
		`-0`:                      {token.Invalid, 0},
		`-1767225660`:             {token.Invalid, 0},
		`0.5`:                     {token.Invalid, 0},
		`1e-5`:                    {token.Invalid, 0},
		`"1767225660"`:            {token.Invalid, 0},
		`"2026-01-01T00:00:00Z"`:  {token.Invalid, 0},
		`null`:                    {token.Invalid, 0},
		`true`:                    {token.Invalid, 0},
		`[1767225660]`:            {token.Invalid, 0},
		`{}`:                      {token.Invalid, 0},
		`1767225660.00000000000000000000000000000`: {token.Invalid, 0},
	} {
		t.Run(written, func(t *testing.T) {
			got, state := verified(t, `{"iat":`+written+`}`).Time("iat")
			if state != want.state || state == token.Valid && got.Unix() != want.unix {
				t.Errorf("%v, state %d, want %+v", got, state, want)
			}
		})
	}
	_, state := verified(t, `{"IAT":1767225660}`).Time("iat")
	if state != token.Absent {
		t.Error("IAT was taken for iat")
	}
}

func TestAudienceForms(t *testing.T) {
	for payload, want := range map[string]struct {
		state token.State
		aud   []string
	}{
		`{"aud":"a"}`:       {token.Valid, []string{"a"}},
		`{"aud":["a","b"]}`: {token.Valid, []string{"a", "b"}},
		`{"aud":"a,b"}`:     {token.Valid, []string{"a,b"}},
		`{"aud":"[\"a\"]"}`: {token.Valid, []string{`["a"]`}},
		`{"aud":"\u0061"}`:  {token.Valid, []string{"a"}},
		`{}`:                {token.Absent, nil},
		`{"Aud":"a"}`:       {token.Absent, nil},
		`{"aud":""}`:        {token.Invalid, nil},
		`{"aud":[]}`:        {token.Invalid, nil},
		`{"aud":["a",1]}`:   {token.Invalid, nil},
		`{"aud":["a",""]}`:  {token.Invalid, nil},
		`{"aud":[["a"]]}`:   {token.Invalid, nil},
		`{"aud":null}`:      {token.Invalid, nil},
		`{"aud":{"a":"a"}}`: {token.Invalid, nil},
		`{"aud":1}`:         {token.Invalid, nil},
	} {
		t.Run(payload, func(t *testing.T) {
			got, state := verified(t, payload).Audience()
			if state != want.state || !cmp.Equal(got, want.aud) {
				t.Errorf("%q, state %d, want %+v", got, state, want)
			}
		})
	}
}

func TestClaimsAccessors(t *testing.T) {
	const payload = `{"s":"testo \"è\"","n":1,"o":{"alg":"SHA256","value":7},"z":null,"dup":{"a":1}}`
	c := verified(t, payload)
	s, ok := c.String("s")
	if !ok || s != `testo "è"` {
		t.Errorf("String = %q, %t", s, ok)
	}
	for _, name := range []string{"n", "o", "z", "absent"} {
		if _, ok := c.String(name); ok {
			t.Errorf("%s was read as a string", name)
		}
	}
	o, ok := c.Members("o")
	alg, okAlg := o.String("alg")
	_, okValue := o.String("value")
	_, okAbsent := o.String("absent")
	if !ok || !okAlg || alg != "SHA256" || okValue || okAbsent {
		t.Errorf("Members = %v, %t", o, ok)
	}
	for _, name := range []string{"s", "n", "absent"} {
		if _, ok := c.Members(name); ok {
			t.Errorf("%s was read as an object", name)
		}
	}
	if !c.Has("z") || c.Has("Z") {
		t.Error("Has does not tell what is written")
	}
	if diff := cmp.Diff([]string{"s", "n", "o", "z", "dup"}, c.Names()); diff != "" {
		t.Error(diff)
	}
	var into struct{ N int }
	err := c.Decode(&into)
	if err != nil || into.N != 1 {
		t.Errorf("Decode = %+v, %v", into, err)
	}
	types := map[string]string{"s": "a string", "n": "a number", "o": "an object", "z": "null"}
	for name, want := range types {
		raw, _ := c.Value(name)
		if got := token.TypeOf(raw); got != want {
			t.Errorf("TypeOf(%s) = %s, want %s", name, got, want)
		}
	}
	if token.TypeOf("") != "nothing" || token.TypeOf(" true") != "a boolean" || token.TypeOf("[]") != "a list" {
		t.Error("TypeOf names a wrong type")
	}
}
