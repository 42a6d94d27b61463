// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi/uuid"
)

// maxFile bounds the file of another system, in bytes.
const maxFile = 64 << 20

// maxRequests bounds one line of it: the sum of a file stays a number.
const maxRequests = 1 << 40

// columns are the names of the header, in the order in which they are written. PDND takes
// any order and no other name.
func columns() []string {
	return []string{"date", "purpose_id", "token_id", "status", "requests_count"}
}

// A Key is what requests are counted by. PDND refuses a file that has one twice.
type Key struct {
	Purpose string // purposeId
	Token   string // jti of the voucher
	Status  int    // HTTP status
}

// Counts are the requests of one day.
type Counts map[Key]int64

func compare(a, b Key) int {
	return cmp.Or(strings.Compare(a.Purpose, b.Purpose), strings.Compare(a.Token, b.Token), cmp.Compare(a.Status, b.Status))
}

// Write writes the counts of a day (YYYY-MM-DD) as PDND takes them: the same counts are the
// same bytes. A day without requests is the header alone.
func (c Counts) Write(w io.Writer, day string) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns()); err != nil {
		return err
	}
	for _, k := range slices.SortedFunc(maps.Keys(c), compare) {
		row := []string{day, k.Purpose, k.Token, strconv.Itoa(k.Status), strconv.FormatInt(c[k], 10)}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Requests is the sum of the counts.
func (c Counts) Requests() (n int64) {
	for _, count := range c {
		n += count
	}
	return n
}

// A RowError is a line that PDND would refuse. It does not repeat the line.
type RowError struct {
	Line int // 1 is the header
	What string
}

// Error names the line and what is wrong with it.
func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// Read adds a file of a day, written by another system, to the counts. It is held to what
// PDND accepts, since PDND refuses a whole file for one line. The error is a *RowError.
func (c Counts) Read(file []byte, day string) error {
	if len(file) > maxFile {
		return &RowError{0, "the file is too long"}
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))))
	in.FieldsPerRecord = len(columns())
	header, err := in.Read()
	if err != nil {
		return &RowError{1, "the header is not " + strings.Join(columns(), ",")}
	}
	at, err := positions(header)
	if err != nil {
		return err
	}
	added := Counts{}
	for line := 2; ; line++ {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &RowError{line, "not five cells separated by commas"}
		}
		key, count, what := readRow(cells, at, day)
		if _, before := added[key]; before && what == "" {
			what = "purpose_id, token_id and status were there before"
		}
		if what != "" {
			return &RowError{line, what}
		}
		added[key] = count
	}
	for key, count := range added {
		c[key] += count
	}
	return nil
}

// positions finds every column once, and nothing else.
func positions(header []string) (map[string]int, error) {
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	for _, name := range columns() {
		if _, ok := at[name]; !ok || len(at) != len(columns()) {
			return nil, &RowError{1, "the header is not " + strings.Join(columns(), ",")}
		}
	}
	return at, nil
}

// readRow reads one line; what is wrong with it, if anything, is the last result.
func readRow(cells []string, at map[string]int, day string) (Key, int64, string) {
	k := Key{Purpose: cells[at["purpose_id"]], Token: cells[at["token_id"]]}
	count, err := strconv.ParseInt(cells[at["requests_count"]], 10, 64)
	status, bad := strconv.Atoi(cells[at["status"]])
	k.Status = status
	switch {
	case cells[at["date"]] != day:
		return k, 0, "date is not the day of the file"
	case !uuid.Valid(k.Purpose):
		return k, 0, "purpose_id is no UUID"
	case !uuid.Valid(k.Token):
		return k, 0, "token_id is no UUID"
	case bad != nil || !known(status):
		return k, 0, "status is no HTTP status that PDND knows"
	case err != nil || count < 0 || count > maxRequests:
		return k, 0, "requests_count is no number of requests"
	}
	return k, count, ""
}

// known tells whether PDND knows a status: those of the table of its run time, Node.
func known(status int) bool {
	for _, r := range [][2]int{
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
	} {
		if status >= r[0] && status <= r[1] {
			return true
		}
	}
	return false
}

// counted is the status under which a request is counted: one that PDND does not know as the
// first of its class, since one line would make it refuse the file.
func counted(status int) int {
	if known(status) || status < 100 || status > 599 {
		return status
	}
	return status / 100 * 100
}

// checkDay parses a day.
func checkDay(day string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: not YYYY-MM-DD", ErrDay)
	}
	return t, nil
}
