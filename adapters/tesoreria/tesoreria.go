// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package tesoreria speaks to SIOPE+: it uploads flows of orders and lists and fetches what comes back.
//
// It owns the application-to-application interface (paths, parameters, the zip with its one entry) and which failures
// leave it open whether a flow arrived. It knows neither what a flow says (package opi) nor what becomes of it
// (internal/tesoreria), and is handed its HTTP client, which holds the client certificate, the deadline and the retries.
// Banca d'Italia's "Regole di colloquio" are not public: what is not known for certain is as the client of CNR has it.
package tesoreria

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// Service is the name of SIOPE+ in faults and metrics.
const Service = "siope"

// The kinds of failure. All but ErrRefused and ErrNotSent leave it open, of an upload, whether the flow arrived.
var (
	// ErrRefused means that SIOPE+ does not take the flow as it is: the same one will not be taken later either.
	ErrRefused = errors.New("flow refused by SIOPE+")
	// ErrNotSent means that the flow cannot have arrived; it may be sent again.
	ErrNotSent = errors.New("flow not sent")
	// ErrReply means that an answer cannot be understood.
	ErrReply = errors.New("answer of SIOPE+ not understood")
)

// HTTP sends a request and returns the whole answer. again tells that a second attempt is harmless. An error that wraps
// ErrNotSent means that nothing has left.
type HTTP interface {
	Do(ctx context.Context, req *http.Request, again bool) (status int, header http.Header, body []byte, err error)
}

// Config is one channel: that of an ente, through its own A2A code or its intermediary's.
type Config struct {
	Base    string // https://host, without path
	A2A     string // credential of who sends
	Ufficio string // codice univoco ufficio of the ente
	HTTP    HTTP
	Guard   *registry.Guard // around every call
	Rome    *time.Location  // of the instants that SIOPE+ says without a zone
	Clock   func() time.Time
}

// Client is a channel to SIOPE+. It is safe for concurrent use.
type Client struct {
	cfg  Config
	root *url.URL
}

// New checks the channel; it opens no connection.
func New(c Config) (*Client, error) {
	root, err := url.Parse(c.Base)
	if err != nil || root.Host == "" || c.A2A == "" || c.Ufficio == "" || c.HTTP == nil || c.Guard == nil || c.Rome == nil || c.Clock == nil {
		return nil, errors.New("tesoreria: base, A2A code, ufficio, client, guard, place and clock are mandatory")
	}
	return &Client{cfg: c, root: root}, nil
}

// Upload is the receipt of a flow. It says only that SIOPE+ will look at it.
type Upload struct {
	Number   string // progFlusso
	At       time.Time
	Location string
}

// List names what can be listed.
type List string

// The lists.
const (
	Acks     List = "flusso/ack"
	Esiti    List = "flusso/esitoflusso" // of flows: taken or refused by the treasurer
	Ordini   List = "esitoapplicativo"   // of orders
	Giornali List = "giornale"
)

// Query is a window of a list.
type Query struct {
	List     List
	From, To time.Time
	Page     int  // from 1
	Fresh    bool // only what nobody fetched before
}

// Page is one page of a list.
type Page struct {
	Pages int
	Items []Item
}

// Item is a message that can be fetched.
type Item struct {
	Location string
	At       time.Time
}

// Upload sends a flow. It does so once: whether to send it again is decided by who knows what became of it.
func (c *Client) Upload(ctx context.Context, flow []byte) (Upload, error) {
	packed, err := Pack(flow)
	if err != nil {
		return Upload{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.at("flusso/", nil), bytes.NewReader(packed))
	if err != nil {
		return Upload{}, fmt.Errorf("tesoreria: %w", err)
	}
	req.Header.Set("Content-Type", "application/zip")
	req.Header.Set("Accept", "application/json;charset=UTF-8")
	var up Upload
	err = c.guarded(ctx, func(ctx context.Context) error {
		status, header, body, err := c.cfg.HTTP.Do(ctx, req.WithContext(ctx), false)
		if err != nil {
			return &registry.Fault{Kind: registry.ErrUnavailable, Service: Service, Err: err}
		}
		if status != http.StatusCreated {
			return c.fault(status, header, true)
		}
		var said struct {
			Number   json.Number `json:"progFlusso"`
			At       string      `json:"dataUpload"`
			Location string      `json:"location"`
		}
		if err := decode(body, &said); err != nil {
			return nil //nolint:nilerr // 201 says it all: the receipt is for people
		}
		up.Number, up.Location = said.Number.String(), said.Location
		up.At, _ = c.instant(said.At)
		return nil
	})
	return up, err
}

// List reads one page of a window. SIOPE+ counts the pages anew at every call.
func (c *Client) List(ctx context.Context, q Query) (Page, error) {
	what := "dataUpload"
	if q.List == Acks {
		what = "dataProduzione"
	}
	values := url.Values{
		what + "Da": {q.From.In(c.cfg.Rome).Format(instantForm)}, what + "A": {q.To.In(c.cfg.Rome).Format(instantForm)},
		"pagina": {strconv.Itoa(max(q.Page, 1))}, "download": {strconv.FormatBool(!q.Fresh)},
	}
	body, err := c.get(ctx, c.at(string(q.List)+"/", values), "application/json;charset=UTF-8")
	if err != nil {
		return Page{}, err
	}
	var said struct {
		Pages int `json:"numPagine"`
		Items []struct {
			Location string `json:"location"`
			Produced string `json:"dataProduzione"`
			Uploaded string `json:"dataUpload"`
		} `json:"risultati"`
	}
	if err := decode(body, &said); err != nil {
		return Page{}, err
	}
	page := Page{Pages: said.Pages}
	for _, i := range said.Items {
		if _, err := c.resolve(i.Location); err != nil {
			return Page{}, err
		}
		at, _ := c.instant(i.Produced + i.Uploaded) // one of them is there; without it the order is that of the list
		page.Items = append(page.Items, Item{Location: i.Location, At: at})
	}
	return page, nil
}

// Fetch takes the document out of a message.
func (c *Client) Fetch(ctx context.Context, location string) ([]byte, error) {
	target, err := c.resolve(location)
	if err != nil {
		return nil, err
	}
	packed, err := c.get(ctx, target, "application/zip")
	if err != nil {
		return nil, err
	}
	return Unpack(packed)
}

// get is a call that can be repeated.
func (c *Client) get(ctx context.Context, target, accept string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("tesoreria: %w", err)
	}
	req.Header.Set("Accept", accept)
	var body []byte
	err = c.guarded(ctx, func(ctx context.Context) error {
		status, header, read, err := c.cfg.HTTP.Do(ctx, req.WithContext(ctx), true)
		if err != nil {
			return &registry.Fault{Kind: registry.ErrUnavailable, Service: Service, Err: err}
		}
		body = read
		if status != http.StatusOK {
			return c.fault(status, header, false)
		}
		if media, _, err := mime.ParseMediaType(header.Get("Content-Type")); err != nil || !strings.HasPrefix(accept, media) {
			// A page of a gateway that answers 200 in SIOPE+'s place says nothing of what was asked for.
			return &registry.Fault{Kind: registry.ErrUnavailable, Service: Service, Status: status}
		}
		return nil
	})
	return body, err
}

func (c *Client) guarded(ctx context.Context, call func(context.Context) error) error {
	ran := false
	err := c.cfg.Guard.Do(ctx, func(ctx context.Context) error { ran = true; return call(ctx) })
	if err != nil && !ran {
		return errors.Join(ErrNotSent, err)
	}
	return err
}

// fault turns a status into one of the kinds of package registry. 429 and the 4xx that speak of who calls say that
// nothing was taken; other 4xx of an upload are about the flow. A 5xx leaves it open, also 503, by which SIOPE+ says that
// it is closed and gateways say anything.
func (c *Client) fault(status int, header http.Header, upload bool) error {
	f := &registry.Fault{Kind: registry.ErrUnavailable, Service: Service, Status: status, RetryAfter: registry.ParseRetryAfter(header, c.cfg.Clock())}
	switch {
	case status == http.StatusTooManyRequests:
		f.Kind, f.Err = registry.ErrThrottled, ErrNotSent
		if f.RetryAfter == 0 {
			f.RetryAfter = throttled
		}
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		f.Kind, f.Err = registry.ErrDenied, ErrNotSent
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout && upload:
		f.Kind, f.Err = registry.ErrInvalid, ErrRefused
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		f.Kind = registry.ErrInvalid
	case status < 400:
		f.Kind = registry.ErrBadReply
	}
	return f
}

// throttled is how long to wait after a 429 that does not say it.
const throttled = 30 * time.Second

// instantForm is how SIOPE+ writes instants, in the time of Rome.
const instantForm = "2006-01-02T15:04:05.000"

func (c *Client) instant(text string) (time.Time, error) {
	for _, form := range []string{instantForm, "2006-01-02T15:04:05", time.RFC3339Nano} {
		if t, err := time.ParseInLocation(form, text, c.cfg.Rome); err == nil {
			return t, nil
		}
	}
	return time.Time{}, ErrReply
}

// at is the address of a path of the channel.
func (c *Client) at(path string, query url.Values) string {
	u := *c.root
	u.Path = strings.TrimSuffix(u.Path, "/") + "/v1/" + c.cfg.A2A + "/PA/" + c.cfg.Ufficio + "/" + path
	u.RawQuery = query.Encode()
	return u.String()
}

// resolve makes an address of a location. It stays on the host of the channel, whatever SIOPE+ says.
func (c *Client) resolve(location string) (string, error) {
	u, err := c.root.Parse(location)
	if err != nil || location == "" || u.Host != c.root.Host || u.Scheme != c.root.Scheme || u.User != nil {
		return "", fmt.Errorf("%w: location elsewhere", ErrReply)
	}
	return u.String(), nil
}

func decode(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%w: no JSON of the known form", ErrReply)
	}
	return nil
}
