// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	date    = "2026-10-01"
	purpose = "10000000-0000-4000-8000-000000000006"
	token   = "10000000-0000-4000-8000-0000000000aa"
	header  = "date,purpose_id,token_id,status,requests_count\n"
)

func line(cells ...string) string { return strings.Join(cells, ",") + "\n" }

func TestCSVIsAccepted(t *testing.T) {
	row := line(date, purpose, token, "200", "5")
	for name, file := range map[string]string{
		"a row":              header + row,
		"no final newline":   strings.TrimSpace(header + row),
		"Windows lines":      strings.ReplaceAll(header+row, "\n", "\r\n"),
		"byte order mark":    "\xef\xbb\xbf" + header + row,
		"header only":        header,
		"columns reordered":  "status,date,requests_count,token_id,purpose_id\n" + line("200", date, "5", token, purpose),
		"no requests at all": header + line(date, purpose, token, "200", "0"),
		"upper case ids":     header + line(date, strings.ToUpper(purpose), strings.ToUpper(token), "200", "5"),
		"quoted cells":       header + line(date, `"`+purpose+`"`, token, "200", "5"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, issues := parse([]byte(file), date); len(issues) != 0 {
				t.Errorf("%+v", issues)
			}
		})
	}
	rows, _ := parse([]byte(header+row), date)
	if diff := cmp.Diff([]Row{{Number: 2, PurposeID: purpose, TokenID: token, Status: 200, Count: 5}}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestCSVIsRefused(t *testing.T) {
	good := line(date, purpose, token, "200", "5")
	for name, c := range map[string]struct {
		file string
		code string
		row  int
	}{
		"nothing at all":         {"", "INVALID_CSV_HEADERS", 0},
		"no header":              {good, "INVALID_CSV_HEADERS", 0},
		"a name of the manual":   {strings.Replace(header, "token_id", "token", 1) + good, "INVALID_CSV_HEADERS", 0},
		"a column less":          {"date,purpose_id,status,requests_count\n", "INVALID_CSV_HEADERS", 0},
		"a column more":          {strings.TrimSpace(header) + ",extra\n", "INVALID_CSV_HEADERS", 0},
		"a column twice":         {"date,purpose_id,token_id,status,status\n", "INVALID_CSV_HEADERS", 0},
		"names in upper case":    {strings.ToUpper(header) + good, "INVALID_CSV_HEADERS", 0},
		"semicolons":             {strings.ReplaceAll(header+good, ",", ";"), "INVALID_DELIMITER", 0},
		"tabs":                   {strings.ReplaceAll(header+good, ",", "\t"), "INVALID_DELIMITER", 0},
		"another day":            {header + line("2026-10-02", purpose, token, "200", "5"), "INVALID_DATE", 2},
		"Italian date":           {header + line("01/10/2026", purpose, token, "200", "5"), "INVALID_DATE", 2},
		"no such day":            {header + line("2026-02-30", purpose, token, "200", "5"), "INVALID_DATE", 2},
		"purpose no UUID":        {header + line(date, "x", token, "200", "5"), "INVALID_PURPOSE", 2},
		"no token":               {header + line(date, purpose, "", "200", "5"), "INVALID_TOKEN", 2},
		"status 299":             {header + line(date, purpose, token, "299", "5"), "INVALID_STATUS_CODE", 2},
		"status 0":               {header + line(date, purpose, token, "0", "5"), "INVALID_STATUS_CODE", 2},
		"status 306":             {header + line(date, purpose, token, "306", "5"), "INVALID_STATUS_CODE", 2},
		"status 599":             {header + line(date, purpose, token, "599", "5"), "INVALID_STATUS_CODE", 2},
		"status as a text":       {header + line(date, purpose, token, "OK", "5"), "INVALID_STATUS_CODE", 2},
		"negative count":         {header + line(date, purpose, token, "200", "-1"), "INVALID_REQUEST_COUNT", 2},
		"half a request":         {header + line(date, purpose, token, "200", "1.5"), "INVALID_REQUEST_COUNT", 2},
		"no count":               {header + line(date, purpose, token, "200", ""), "INVALID_REQUEST_COUNT", 2},
		"a cell less":            {header + line(date, purpose, token, "200"), "INVALID_REQUEST_COUNT", 2},
		"a cell more":            {header + line(date, purpose, token, "200", "5", "6"), "INVALID_ROW_SCHEMA", 2},
		"the second row":         {header + good + line(date, purpose, token, "201", "x"), "INVALID_REQUEST_COUNT", 3},
		"the same triple":        {header + good + line(date, purpose, token, "200", "7"), "PURPOSE_AND_STATUS_AND_TOKEN_NOT_UNIQUE", 2},
		"a broken quote":         {header + line(date, `"`+purpose, token, "200", "7"), "INVALID_ROW_SCHEMA", 2},
		"spaces around the name": {strings.Replace(header, "status", " status", 1), "INVALID_CSV_HEADERS", 0},
	} {
		t.Run(name, func(t *testing.T) {
			rows, issues := parse([]byte(c.file), date)
			if len(issues) == 0 || rows != nil {
				t.Fatalf("accepted: %v", rows)
			}
			if issues[0].Code != c.code || issues[0].Row != c.row || issues[0].Severity != "INVALID" {
				t.Errorf("%+v, expected %s at row %d", issues[0], c.code, c.row)
			}
		})
	}
}

func TestEveryFaultOfARowIsTold(t *testing.T) {
	_, issues := parse([]byte(header+line("x", "x", "x", "x", "x")), date)
	var codes []string
	for _, issue := range issues {
		codes = append(codes, issue.Code)
	}
	want := []string{"INVALID_DATE", "INVALID_PURPOSE", "INVALID_TOKEN", "INVALID_STATUS_CODE", "INVALID_REQUEST_COUNT"}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

func TestTriplesAreUniqueWithinAChunk(t *testing.T) {
	var file strings.Builder
	file.WriteString(header + line(date, purpose, token, "200", "1"))
	for i := range chunk - 1 {
		file.WriteString(line(date, purpose, fmt.Sprintf("20000000-0000-4000-8000-%012d", i), "200", "1"))
	}
	file.WriteString(line(date, purpose, token, "200", "1")) // the first of the next chunk
	if _, issues := parse([]byte(file.String()), date); len(issues) != 0 {
		t.Errorf("two chunks: %+v", issues[0])
	}
	file.WriteString(line(date, purpose, token, "200", "1"))
	_, issues := parse([]byte(file.String()), date)
	if len(issues) != 2 || issues[0].Row != chunk+2 || issues[1].Row != chunk+3 {
		t.Errorf("within a chunk: %+v", issues)
	}
}

func TestStatusesAreThoseOfNode(t *testing.T) {
	for code := range 1000 {
		named := http.StatusText(code) != ""
		switch code { // where the two tables differ
		case 419, 420:
			named = false
		case 509:
			named = true
		}
		if knownStatus(code) != named {
			t.Errorf("%d: %t, expected %t", code, knownStatus(code), named)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(header + line(date, purpose, token, "200", "5"))
	f.Add("date;purpose_id;token_id;status;requests_count\n")
	f.Add(header + `"` + "\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, file string) {
		rows, issues := parse([]byte(file), date)
		if len(rows) > 0 && len(issues) > 0 {
			t.Fatalf("rows and issues of %q", file)
		}
		for _, row := range rows {
			if row.Count < 0 || !knownStatus(row.Status) || len(row.PurposeID) != 36 {
				t.Fatalf("accepted %+v", row)
			}
		}
	})
}
