// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// chunk is how many rows are compared with each other for the unique triple.
const chunk = 5000

// The severities of issues.
const (
	severityInvalid = "INVALID"
	severityWarning = "WARNING"
)

// Row is a line of an accepted file.
type Row struct {
	Number             int // 1 is the header
	PurposeID, TokenID string
	Status, Count      int
}

// Issue is something wrong with a file. Row 0 is the file as a whole.
type Issue struct {
	PurposeID string `json:"purposeId"`
	Severity  string `json:"severity"`
	Code      string `json:"errorCode"`
	Message   string `json:"message"`
	Row       int    `json:"rowNumber"`
}

func (r Row) issue(severity, code, message string) Issue {
	return Issue{PurposeID: r.PurposeID, Severity: severity, Code: code, Message: message, Row: r.Number}
}

// columns are the names of the header, which may come in any order.
func columns() []string {
	return []string{"date", "purpose_id", "token_id", "status", "requests_count"}
}

// parse reads a file for a date. It returns either the rows or what is wrong.
func parse(file []byte, date string) ([]Row, []Issue) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))))
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if err != nil {
		return nil, []Issue{whole("INVALID_CSV_HEADERS", "the header is unreadable")}
	}
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t|") {
		return nil, []Issue{whole("INVALID_DELIMITER", "the delimiter is not a comma")}
	}
	at, ok := positions(header)
	if !ok {
		return nil, []Issue{whole("INVALID_CSV_HEADERS", "the header is not "+strings.Join(columns(), ","))}
	}
	var rows []Row
	var issues []Issue
	for number := 2; ; number++ {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, []Issue{{Severity: severityInvalid, Code: "INVALID_ROW_SCHEMA", Message: "the row is unreadable", Row: number}}
		}
		row, wrong := readRow(number, cells, at, date)
		rows, issues = append(rows, row), append(issues, wrong...)
	}
	if issues = append(issues, repeated(rows)...); len(issues) > 0 {
		slices.SortStableFunc(issues, func(a, b Issue) int { return a.Row - b.Row })
		return nil, issues
	}
	return rows, nil
}

func whole(code, message string) Issue {
	return Issue{Severity: severityInvalid, Code: code, Message: message}
}

// positions finds every column exactly once, and nothing else.
func positions(header []string) (map[string]int, bool) {
	at := make(map[string]int)
	for i, name := range header {
		if _, twice := at[name]; twice || !slices.Contains(columns(), name) {
			return nil, false
		}
		at[name] = i
	}
	return at, len(at) == len(columns())
}

// readRow checks each cell of a row.
func readRow(number int, cells []string, at map[string]int, date string) (Row, []Issue) {
	cell := func(name string) string {
		if i := at[name]; i < len(cells) {
			return cells[i]
		}
		return ""
	}
	row := Row{Number: number, PurposeID: cell("purpose_id"), TokenID: cell("token_id")}
	var issues []Issue
	wrong := func(code, message string) { issues = append(issues, row.issue(severityInvalid, code, message)) }
	if len(cells) > len(at) {
		wrong("INVALID_ROW_SCHEMA", "the row has more cells than the header")
	}
	if _, err := time.Parse(day, cell("date")); err != nil {
		wrong("INVALID_DATE", "date: Invalid date")
	} else if cell("date") != date {
		wrong("INVALID_DATE", fmt.Sprintf("date: Date field (%s) in csv is different from tracing date (%s)", cell("date"), date))
	}
	if !rules.IsUUID(row.PurposeID) {
		wrong("INVALID_PURPOSE", "purpose_id: Invalid uuid")
	}
	if !rules.IsUUID(row.TokenID) {
		wrong("INVALID_TOKEN", "token_id: Invalid uuid")
	}
	status, err := strconv.Atoi(cell("status"))
	if err != nil || !knownStatus(status) {
		wrong("INVALID_STATUS_CODE", "status: Invalid HTTP status code")
	}
	count, err := strconv.Atoi(cell("requests_count"))
	if err != nil || count < 0 {
		wrong("INVALID_REQUEST_COUNT", "requests_count: Expected a number of at least 0")
	}
	row.Status, row.Count = status, count
	return row, issues
}

// repeated finds the rows that share purpose, status and token within a chunk.
func repeated(rows []Row) []Issue {
	var issues []Issue
	for part := range slices.Chunk(rows, chunk) {
		seen := make(map[string][]int)
		key := func(r Row) string { return r.PurposeID + "#" + strconv.Itoa(r.Status) + "#" + r.TokenID }
		for _, r := range part {
			seen[key(r)] = append(seen[key(r)], r.Number)
		}
		for _, r := range part {
			if numbers := seen[key(r)]; len(numbers) > 1 {
				issues = append(issues, r.issue(severityInvalid, "PURPOSE_AND_STATUS_AND_TOKEN_NOT_UNIQUE",
					fmt.Sprintf("status %d and token_id are declared at rows %v", r.Status, numbers[:min(10, len(numbers))])))
			}
		}
	}
	return issues
}

// knownStatus reports whether Node's table of HTTP status codes has this one.
func knownStatus(code int) bool {
	ranges := [][2]int{
		{100, 103},
		{200, 208},
		{226, 226},
		{300, 305},
		{307, 308},
		{400, 418},
		{421, 426},
		{428, 429},
		{431, 431},
		{451, 451},
		{500, 511},
	}
	return slices.ContainsFunc(ranges, func(r [2]int) bool { return code >= r[0] && code <= r[1] })
}
