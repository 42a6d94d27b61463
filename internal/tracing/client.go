// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// State is the state of a day, as PDND names it.
type State string

// The states of PDND, and three of the hub's own.
const (
	Pending   State = "PENDING"
	Completed State = "COMPLETED"
	Warning   State = "WARNING" // imported, but for some lines
	Failed    State = "ERROR"   // nothing was imported
	Missing   State = "MISSING" // nobody told of the day

	// Sending: a file was about to be sent, and whether it arrived is not known yet.
	Sending State = "SENDING"
	// Refused: PDND did not take the request; what it has of the day is as before, which may be an earlier file.
	Refused State = "REFUSED"
	// OtherSender: PDND has the file of another system, which the hub never replaces.
	OtherSender State = "OTHER_SENDER"
)

// Final tells whether PDND has imported the day.
func (s State) Final() bool { return s == Completed || s == Warning }

// Waits tells whether nothing is sent any more until a person asks: the same request would end in the same way.
func (s State) Waits() bool { return s == Failed || s == Refused || s == OtherSender }

// Fault is what PDND found in a file.
type Fault struct {
	Purpose  string `json:"purposeId"`
	Severity string `json:"severity"` // INVALID | WARNING
	Code     string `json:"errorCode"`
	Row      int    `json:"rowNumber"` // the header is 1; 0 is the file
}

// RefusedError is PDND Tracing's "no", in its own word.
type RefusedError struct {
	Status int
	Code   string // TRACING_ALREADY_EXISTS, ...
}

// Error gives the status and the word.
func (e *RefusedError) Error() string { return fmt.Sprintf("PDND Tracing: %d %s", e.Status, e.Code) }

// The words of refusals that say something else than that the request was wrong.
const (
	codeExists  = "TRACING_ALREADY_EXISTS"
	codeUpdate  = "TRACING_CANNOT_BE_UPDATED"
	codeMissing = "TRACING_NOT_FOUND"
	codeFuture  = "TRACING_FUTURE_DATE"
)

// maxPage is the longest list that PDND gives at once; maxFaults how many faults are kept.
const (
	maxPage   = 50
	maxFaults = 50
	// maxDays bounds the days that are looked for on PDND: some years of them.
	maxDays = 2000
)

// client speaks to PDND Tracing for one tenant. It takes Bearer vouchers only.
type client struct {
	platform *pdnd.Platform
	who      pdnd.Credentials
	http     pdnd.Doer
	base     string
}

// remote is a day as PDND knows it.
type remote struct {
	ID    string `json:"tracingId"`
	Date  string `json:"date"`
	State State  `json:"state"`
}

// find looks for a day on PDND; false when it knows none.
func (c *client) find(ctx context.Context, day string) (remote, bool, error) {
	for offset := 0; offset < maxDays; offset += maxPage {
		var page struct {
			Results    []remote `json:"results"`
			TotalCount int      `json:"totalCount"`
		}
		query := url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(maxPage)}}
		if err := c.call(ctx, http.MethodGet, "/tracings?"+query.Encode(), nil, "", &page); err != nil {
			return remote{}, false, err
		}
		for _, r := range page.Results {
			if r.Date == day || len(r.Date) > len(day) && r.Date[:len(day)] == day {
				return r, true, nil
			}
		}
		if offset+maxPage >= page.TotalCount || len(page.Results) == 0 {
			break
		}
	}
	return remote{}, false, nil
}

// submit sends the file of a day that PDND does not have, or says is missing.
func (c *client) submit(ctx context.Context, day string, file []byte) (id string, err error) {
	var out struct {
		ID string `json:"tracingId"`
	}
	err = c.upload(ctx, "/tracings/submit", day, file, &out)
	if err == nil && !uuid.Valid(out.ID) {
		err = errors.New("PDND Tracing: the reply has no tracingId")
	}
	return out.ID, err
}

// again sends another file for a day: "recover" after an error, "replace" after success.
func (c *client) again(ctx context.Context, how, id string, file []byte) error {
	return c.upload(ctx, "/tracings/"+url.PathEscape(id)+"/"+how, "", file, &struct{}{})
}

// faults reads what PDND found, up to a number.
func (c *client) faults(ctx context.Context, id string) ([]Fault, error) {
	var page struct {
		Results []Fault `json:"results"`
	}
	path := "/tracings/" + url.PathEscape(id) + "/errors?offset=0&limit=" + strconv.Itoa(maxFaults)
	return page.Results, c.call(ctx, http.MethodGet, path, nil, "", &page)
}

func (c *client) upload(ctx context.Context, path, day string, file []byte, into any) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="tracing.csv"`}, "Content-Type": {"text/csv"},
	})
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil && day != "" {
		err = form.WriteField("date", day)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	return c.call(ctx, http.MethodPost, path, body.Bytes(), form.FormDataContentType(), into)
}

// call makes one request. A *RefusedError is a "no"; after any other error of an upload the
// file may have arrived.
func (c *client) call(ctx context.Context, method, path string, body []byte, contentType string, into any) error {
	err := c.do(ctx, method, path, body, contentType, into)
	var no *RefusedError
	if errors.As(err, &no) {
		return err
	}
	return jobs.Coded(codeUnavailable, err)
}

func (c *client) do(ctx context.Context, method, path string, body []byte, contentType string, into any) error {
	who := c.who
	who.DPoP = token.SigningKey{} // PDND Tracing takes Bearer vouchers only
	want := pdnd.VoucherRequest{Client: who}
	voucher, err := c.platform.Voucher(ctx, want)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return errors.New("tracingURL of the environment is not a URL")
	}
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if err := c.platform.Authorize(req, who, voucher); err != nil {
		return err
	}
	reply, err := c.http.Do(ctx, req, outbound.Exchange{})
	if err != nil {
		return fmt.Errorf("PDND Tracing: %w", err)
	}
	if reply.Status == http.StatusUnauthorized {
		c.platform.Invalidate(want, voucher) // the next attempt has another one
	}
	if reply.Status == http.StatusOK {
		if err := json.Unmarshal(reply.Body, into); err != nil {
			return errors.New("PDND Tracing: the reply is not of the expected form")
		}
		return nil
	}
	return refusal(reply)
}

// refusal reads a problem. Only PDND's own words are a "no".
func refusal(reply *outbound.Response) error {
	var p struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	known := json.Unmarshal(reply.Body, &p) == nil && len(p.Errors) > 0 && len(p.Errors[0].Code) <= 64
	if !known || reply.Status < 400 || reply.Status >= 500 || reply.Status == http.StatusUnauthorized ||
		reply.Status == http.StatusTooManyRequests {
		return fmt.Errorf("PDND Tracing answers %d", reply.Status)
	}
	return &RefusedError{Status: reply.Status, Code: p.Errors[0].Code}
}
