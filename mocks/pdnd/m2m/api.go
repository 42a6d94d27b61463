// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package m2m serves the mock platform over HTTP as platform API v2 (Bearer) and v3
// (DPoP, signed replies): the operations a hub needs and the event feeds.
//
// It owns what is on the wire: authentication, roles, schemas, paging, problems,
// signatures. The rules on objects are mocks/pdnd/platform's. Beside that package it
// depends on mocks/pdnd/events, mocks/faults and mocks/internal/*.
package m2m

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/internal/seen"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// The roles of API vouchers.
const (
	RoleM2M   = "m2m"
	RoleAdmin = "m2m-admin"
)

// Voucher is what a verified API voucher says.
type Voucher struct {
	TenantID, ClientID, Role, AdminID string
	// JKT is cnf.jkt; empty in a Bearer voucher.
	JKT string
}

// Options configure an [API]. All are needed.
type Options struct {
	Platform *platform.Platform
	// Verify checks a voucher for the platform itself.
	Verify func(compact string, now time.Time) (Voucher, *rules.Fault)
	// Limit counts a request of a tenant, writes the X-Rate-Limit headers and reports
	// false over the limit.
	Limit func(h http.Header, tenantID string, now time.Time) bool
	// Sign makes a JWS with the platform's key; kid is put into the header.
	Sign func(claims any) (string, error)
	// Issuer of signed replies.
	Issuer string
	// BaseURL is the address of the server, without a final slash: proofs name it.
	BaseURL func() string
	Clock   func() time.Time
	Rand    io.Reader
}

// API is the platform API. It is safe for concurrent use.
type API struct {
	Options
	proofs seen.Set
}

// New makes the API.
func New(opts Options) *API { return &API{Options: opts} }

// version is one of the two platform APIs.
type version struct {
	prefix  string // of its paths
	service string // first three digits of its own codes
	signed  bool   // DPoP and signed replies
}

func versions() []version {
	return []version{{prefix: "/v2", service: "012"}, {prefix: "/v3", service: "017", signed: true}}
}

// handler runs an operation and says what to answer; an error that is no
// [platform.Problem] is a 500.
type handler func(c *call) (reply, error)

// call is one authenticated request.
type call struct {
	api     *API
	version version
	r       *http.Request
	actor   platform.Actor
	role    string
}

// route is an operation. Its path parameters but kid must be UUIDs.
type route struct {
	pattern string // method and path below the version
	only3   bool
	admin   bool // a read for m2m-admin only
	silent  bool // errors of the operation have no body
	run     handler
}

// Register mounts both versions.
func (a *API) Register(mux *http.ServeMux) {
	for _, v := range versions() {
		for _, r := range routes() {
			if r.only3 && !v.signed {
				continue
			}
			method, path, _ := strings.Cut(r.pattern, " ")
			mux.HandleFunc(method+" "+v.prefix+path, a.serve(v, r))
		}
		mux.HandleFunc(v.prefix+"/", a.unknown(v))
	}
}

// unknown answers for the paths that are no operation.
func (a *API) unknown(v version) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !a.correlate(w) {
			return
		}
		a.send(w, r, v, "", failure(v, w, &platform.Problem{
			Status: http.StatusNotFound, Code: "9999", Title: "Not Found", Detail: "There is no such operation",
		}))
	}
}

// correlate gives the answer its own correlation id. It reports false after answering 500
// when there is no randomness.
func (a *API) correlate(w http.ResponseWriter) bool {
	id, err := rules.UUID(a.Rand)
	if err != nil {
		http.Error(w, "no randomness", http.StatusInternalServerError)
		return false
	}
	w.Header().Set("X-Correlation-Id", id)
	return true
}

// serve runs an operation in the order of the real API: correlation, authentication,
// rate limit, admin, schema, role, operation.
func (a *API) serve(v version, op route) http.HandlerFunc {
	uuids := uuidParameters(op.pattern)
	return func(w http.ResponseWriter, r *http.Request) {
		if !a.correlate(w) {
			return
		}
		now := a.Clock()
		voucher, problem := a.authenticate(v, r, now)
		if problem != nil {
			a.send(w, r, v, "", failure(v, w, problem))
			return
		}
		if !a.Limit(w.Header(), voucher.TenantID, now) {
			a.send(w, r, v, voucher.ClientID, failure(v, w, &platform.Problem{
				Status: http.StatusTooManyRequests, Code: "10004", Title: "Too Many Requests",
				Detail: "Requests limit exceeded for organization " + voucher.TenantID,
			}))
			return
		}
		c := &call{
			api: a, version: v, r: r, role: voucher.Role,
			actor: platform.Actor{TenantID: voucher.TenantID, ClientID: voucher.ClientID, AdminID: voucher.AdminID},
		}
		answer, err := c.perform(op, uuids)
		if err != nil {
			answer = failure(v, w, err)
			if op.silent {
				answer = reply{status: answer.status, reason: answer.reason}
			}
		}
		a.send(w, r, v, voucher.ClientID, answer)
	}
}

func (c *call) perform(op route, uuids []string) (reply, error) {
	if c.role == RoleAdmin && !c.api.Platform.IsAdmin(c.actor) {
		return reply{}, forbidden("The admin of the token is no longer the admin of Client " + c.actor.ClientID)
	}
	for _, name := range uuids {
		if !rules.IsUUID(c.r.PathValue(name)) {
			return reply{}, badRequest("Invalid uuid at '" + name + "'")
		}
	}
	if op.admin {
		if err := c.admin(); err != nil {
			return reply{}, err
		}
	}
	return op.run(c)
}

// admin checks that the voucher may write.
func (c *call) admin() error {
	if c.role != RoleAdmin {
		return forbidden("Admin user not set for Client " + c.actor.ClientID + ": the operation is not allowed to role " + c.role)
	}
	return nil
}

func forbidden(detail string) error {
	return &platform.Problem{Status: http.StatusForbidden, Code: "9993", Title: "Unauthorized", Detail: detail}
}

func badRequest(detail string) error {
	return &platform.Problem{Status: http.StatusBadRequest, Code: "9999", Title: "Bad request", Detail: detail}
}

// uuidParameters returns the names of the path parameters that are UUIDs.
func uuidParameters(pattern string) []string {
	var names []string
	for part := range strings.SplitSeq(pattern, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && part != "{kid}" {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}
