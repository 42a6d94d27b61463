// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"net/http"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// hexCall is a call whose Digest is in hexadecimal, signed so.
func (w *inWorld) hexCall(t *testing.T) *Inbound {
	t.Helper()
	call := w.newCall()
	in := call.build(t)
	m := rest.Message{Header: in.Header, Body: modi.Bytes(in.Body)}
	_, err := rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: clientID, Audience: audienceA, DigestHex: true}, call.stamp, call.integrityKey)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestExposureIsStrictUnlessItsRecipeSaysOtherwise(t *testing.T) {
	w := newInWorld(t)
	_, err := w.Serve(t.Context(), w.hexCall(t))
	wantRule(t, err, modi.IntegrityDigestMalformed, http.StatusBadRequest)
}

func TestLeniencyOfAnExposureHoldsForItAlone(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Lenient = []string{string(modi.LenientDigestHex)} })
	if _, err := w.Serve(t.Context(), w.hexCall(t)); err != nil {
		t.Errorf("a hexadecimal Digest, forgiven by the recipe: %v", err)
	}
	in := w.hexCall(t)
	in.Body = []byte(`{"id":"13"}`)
	_, err := w.Serve(t.Context(), in)
	wantRule(t, err, modi.IntegrityDigestMismatch, http.StatusBadRequest)
}

func TestExposureRefusesALeniencyThatDoesNotExist(t *testing.T) {
	c := inConfig()
	c.Exposes["pratiche"].Lenient = []string{"everything"}
	d := newInWorld(t).InDeps
	d.Config = c
	if _, err := NewIn(d); err == nil {
		t.Error("an unknown leniency was taken")
	}
}
