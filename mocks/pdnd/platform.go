// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// platform guards an operation of platform API v2: one Authorization header with a
// Bearer voucher of an API client, verified, then the rate limit of its tenant. As the
// real v2 it swallows a DPoP-bound voucher sent as Bearer.
func (s *Server) platform(next func(w http.ResponseWriter, r *http.Request, tenant string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.correlate(w) {
			return
		}
		now := s.opts.Clock()
		values := r.Header.Values("Authorization")
		if len(values) != 1 || !strings.HasPrefix(values[0], "Bearer ") {
			host.Refused(r.Context(), "no single Bearer Authorization header")
			s.problem(w, problem{
				Title:  "Bad Request",
				Status: http.StatusBadRequest,
				Detail: "Authorization header is missing or is not a Bearer token",
				Errors: []problemError{{"012-10007", "Bearer token has not been passed"}},
			})
			return
		}
		tenant, fault := s.apiVoucher(strings.TrimPrefix(values[0], "Bearer "), now)
		if fault != nil {
			host.Refused(r.Context(), fault.Error())
			s.problem(w, problem{
				Title:  "Unauthorized",
				Status: http.StatusUnauthorized,
				Detail: "Invalid token",
				Errors: []problemError{{"012-10014", "Invalid token"}},
			})
			return
		}
		if !s.limiter.take(w.Header(), tenant, now) {
			host.Refused(r.Context(), "rate limit of the tenant")
			s.tooMany(w, "012-10004")
			return
		}
		next(w, r, tenant)
	}
}

// apiVoucher verifies a voucher for the platform itself and returns its organisation.
func (s *Server) apiVoucher(compact string, now time.Time) (string, *rules.Fault) {
	invalid := func(name, detail string) (string, *rules.Fault) {
		return "", &rules.Fault{Class: rules.ClassToken, Name: name, Detail: detail}
	}
	t, kid, fault := rules.ParseVoucher(compact)
	if fault != nil {
		return "", fault
	}
	s.mu.RLock()
	var signer *signingKey
	for i := range s.signing {
		if s.signing[i].kid == kid {
			signer = &s.signing[i]
		}
	}
	s.mu.RUnlock()
	if signer == nil {
		return invalid("voucher-kid", "the kid is not the platform's")
	}
	if t.Verify(&signer.key.PublicKey) != nil {
		return invalid("voucher-signature", "the signature does not verify")
	}
	if fault := rules.CheckIssued(t.Claims, s.opts.Issuer, now, 0); fault != nil {
		return "", fault
	}
	if aud, _ := t.Claims.String("aud"); aud != s.opts.M2MAudience {
		return invalid("voucher-aud", "the voucher is not for the platform")
	}
	if role, _ := t.Claims.String("role"); role != "m2m" && role != "m2m-admin" {
		return invalid("voucher-role", "the voucher is not of an API client")
	}
	tenant, ok := t.Claims.String("organizationId")
	if !ok {
		return invalid("voucher-organization", "organizationId is absent")
	}
	return tenant, nil
}

func (s *Server) getKey(w http.ResponseWriter, r *http.Request, _ string) {
	kid := r.PathValue("kid")
	s.mu.RLock()
	k, ok := s.world.keys[kid]
	s.mu.RUnlock()
	if !ok || k.client == "" {
		s.notFound(w, "Key "+kid+" not found")
		return
	}
	host.JSON(w, http.StatusOK, "application/json", struct {
		ClientID string    `json:"clientId"`
		JWK      rules.JWK `json:"jwk"`
	}{k.client, rules.RSAJWK(k.pub, kid)})
}

func (s *Server) getProducerKey(w http.ResponseWriter, r *http.Request, _ string) {
	kid := r.PathValue("kid")
	s.mu.RLock()
	k, ok := s.world.keys[kid]
	s.mu.RUnlock()
	if !ok || k.keychain == "" {
		s.notFound(w, "Producer key "+kid+" not found")
		return
	}
	host.JSON(w, http.StatusOK, "application/json", struct {
		KeychainID string    `json:"producerKeychainId"`
		JWK        rules.JWK `json:"jwk"`
	}{k.keychain, rules.RSAJWK(k.pub, kid)})
}

// getClient answers id and consumerId for any tenant's client, and the name too for the
// caller's own.
func (s *Server) getClient(w http.ResponseWriter, r *http.Request, tenant string) {
	s.mu.RLock()
	c, ok := s.world.clients[r.PathValue("id")]
	s.mu.RUnlock()
	if !ok {
		s.notFound(w, "Client "+r.PathValue("id")+" not found")
		return
	}
	answer := map[string]string{"id": c.ID, "consumerId": c.TenantID}
	if c.TenantID == tenant {
		answer["name"] = c.Name
	}
	host.JSON(w, http.StatusOK, "application/json", answer)
}

// getKeychain answers id and producerId for any keychain, and the name too for the
// caller's own.
func (s *Server) getKeychain(w http.ResponseWriter, r *http.Request, tenant string) {
	s.mu.RLock()
	k, ok := s.world.keychains[r.PathValue("id")]
	s.mu.RUnlock()
	if !ok {
		s.notFound(w, "Producer keychain "+r.PathValue("id")+" not found")
		return
	}
	answer := map[string]string{"id": k.ID, "producerId": k.ProducerID}
	if k.ProducerID == tenant {
		answer["name"] = k.Name
	}
	host.JSON(w, http.StatusOK, "application/json", answer)
}

func (s *Server) notFound(w http.ResponseWriter, detail string) {
	s.problem(w, problem{
		Title:  "Not Found",
		Status: http.StatusNotFound,
		Detail: detail,
		Errors: []problemError{{"006-0001", detail}},
	})
}
