// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"testing"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/pdnd/tracing"
)

// trace submits a file for a day with a real voucher.
func (c *caller) trace(path, date, csv string) answer {
	c.w.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	file, err := w.CreateFormFile("file", "tracing.csv")
	must(c.w.t, err)
	_, err = file.Write([]byte(csv))
	must(c.w.t, err)
	if date != "" {
		must(c.w.t, w.WriteField("date", date))
	}
	must(c.w.t, w.Close())
	header := http.Header{"Authorization": {"Bearer " + c.voucher(false)}, "Content-Type": {w.FormDataContentType()}}
	return c.send("POST", c.w.Profile().TracingURL+path, header, body.Bytes())
}

func TestTracingTakesTheVoucherOfAnAPIClient(t *testing.T) {
	c := newCast(t, Options{})
	consumer, _ := c.voucher(form(c.assertion(c.claims())))
	csv := "date,purpose_id,token_id,status,requests_count\n2025-12-31," + purposeID + "," + unknownID + ",200,3\n"
	for name, authorization := range map[string]string{
		"of a consumer client": "Bearer " + consumer.Raw, "nothing": "", "by DPoP": "DPoP " + c.reader.voucher(true),
	} {
		header := http.Header{"Authorization": {authorization}}
		a := c.reader.send("GET", c.Profile().TracingURL+"/tracings?offset=0&limit=1", header, nil)
		if a.status != 401 || a.code() != "UNAUTHORIZED" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	a := c.want(c.reader.trace("/tracings/submit", "2025-12-31", csv), 200, "")
	list := c.Tracing().Tracings(tenantID)
	if len(list) != 1 || list[0].ID != a.text("tracingId") || list[0].State != tracing.Completed {
		t.Errorf("submitted %+v", list)
	}
	// The admin of the same tenant and the producer of the e-service have the same right.
	c.want(c.consumer.trace("/tracings/"+list[0].ID+"/replace", "", csv), 200, "")
	c.want(c.producer.trace("/tracings/submit", "2025-12-31", csv), 200, "")
	if list := c.Tracing().Tracings(producerID); list[0].State != tracing.Completed {
		t.Errorf("of the producer %+v", list)
	}
	must(t, c.SetFaults(faults.Fault{Kind: faults.Status, Path: "/tracings/", Status: 503, Times: 1}))
	if a := c.reader.trace("/tracings/submit", "2025-12-30", csv); a.status != 503 {
		t.Errorf("with a fault: %d", a.status)
	}
	if a := c.reader.send("GET", c.Profile().TracingURL+"/status", http.Header{}, nil); a.status != 200 {
		t.Errorf("status: %d", a.status)
	}
}
