// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/tracing"
)

const (
	header  = "date,purpose_id,token_id,status,requests_count\n"
	purpose = "30000000-0000-4000-8000-000000000006"
)

func TestTheFileIsAsPDNDTakesIt(t *testing.T) {
	c := tracing.Counts{
		{Purpose: purpose, Token: voucher(2), Status: 200}: 3,
		{Purpose: purpose, Token: voucher(1), Status: 404}: 1,
		{Purpose: purpose, Token: voucher(1), Status: 200}: 2,
	}
	var out bytes.Buffer
	if err := c.Write(&out, "2026-11-02"); err != nil {
		t.Fatal(err)
	}
	want := header +
		"2026-11-02," + purpose + "," + voucher(1) + ",200,2\n" +
		"2026-11-02," + purpose + "," + voucher(1) + ",404,1\n" +
		"2026-11-02," + purpose + "," + voucher(2) + ",200,3\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	back := tracing.Counts{}
	if err := back.Read(out.Bytes(), "2026-11-02"); err != nil || !cmp.Equal(c, back) || back.Requests() != 6 {
		t.Errorf("read back %v, %v", back, err)
	}
}

func TestFilesOfOtherSystemsAreHeldToWhatPDNDAccepts(t *testing.T) {
	line := func(date, purpose, token, status, count string) string {
		return strings.Join([]string{date, purpose, token, status, count}, ",") + "\n"
	}
	good := line("2026-11-02", purpose, voucher(1), "200", "1")
	for name, test := range map[string]struct {
		file string
		line int // 0 is accepted
	}{
		"good":                       {header + good, 0},
		"byte order mark":            {"\xef\xbb\xbf" + header + good, 0},
		"columns in another order":   {"status,requests_count,token_id,purpose_id,date\n200,1," + voucher(1) + "," + purpose + ",2026-11-02\n", 0},
		"no calls":                   {header, 0},
		"the manual's sample header": {"date,purpose_id,token,status,requests_count\n" + good, 1},
		"a column twice":             {"date,date,token_id,status,requests_count\n" + good, 1},
		"semicolons":                 {strings.ReplaceAll(header+good, ",", ";"), 1},
		"empty":                      {"", 1},
		"another day":                {header + line("2026-11-03", purpose, voucher(1), "200", "1"), 2},
		"purpose":                    {header + line("2026-11-02", "p", voucher(1), "200", "1"), 2},
		"token":                      {header + line("2026-11-02", purpose, "t", "200", "1"), 2},
		"status 299":                 {header + line("2026-11-02", purpose, voucher(1), "299", "1"), 2},
		"status not a number":        {header + line("2026-11-02", purpose, voucher(1), "OK", "1"), 2},
		"a count below zero":         {header + line("2026-11-02", purpose, voucher(1), "200", "-1"), 2},
		"six cells":                  {header + good + strings.TrimSuffix(good, "\n") + ",x\n", 3},
		"the same triple twice":      {header + good + good, 3},
		"twice, first without calls": {header + line("2026-11-02", purpose, voucher(1), "200", "0") + line("2026-11-02", purpose, voucher(1), "200", "1"), 3},
		"a count no day can have":    {header + line("2026-11-02", purpose, voucher(1), "200", "9223372036854775807"), 2},
	} {
		t.Run(name, func(t *testing.T) {
			c := tracing.Counts{}
			err := c.Read([]byte(test.file), "2026-11-02")
			var row *tracing.RowError
			switch {
			case test.line == 0 && err != nil:
				t.Error(err)
			case test.line > 0 && (!errors.As(err, &row) || row.Line != test.line || len(c) > 0):
				t.Errorf("%v, %d counts, want a fault at line %d and none", err, len(c), test.line)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(header + "2026-11-02," + purpose + ",40000000-0000-4000-8000-000000000001,200,3\n"))
	f.Add([]byte("a,b\n\"x"))
	f.Fuzz(func(t *testing.T, file []byte) {
		c := tracing.Counts{}
		if c.Read(file, "2026-11-02") != nil {
			return
		}
		var out bytes.Buffer
		if err := c.Write(&out, "2026-11-02"); err != nil {
			t.Fatal(err)
		}
		again := tracing.Counts{}
		if err := again.Read(out.Bytes(), "2026-11-02"); err != nil || !cmp.Equal(c, again) {
			t.Errorf("what was accepted is not written so that it is: %v", err)
		}
	})
}
