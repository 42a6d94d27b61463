// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

func (a *API) authenticate(v version, r *http.Request, now time.Time) (Voucher, error) {
	if v.signed {
		return a.dpop(r, now)
	}
	return a.bearer(r, now)
}

// bearer takes a voucher as v2 does: it swallows one bound to a key without any proof.
func (a *API) bearer(r *http.Request, now time.Time) (Voucher, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 || !strings.HasPrefix(values[0], "Bearer ") {
		return Voucher{}, &platform.Problem{
			Status: http.StatusBadRequest, Code: "10007", Title: "Bad Request", Detail: "Bearer token has not been passed",
		}
	}
	voucher, fault := a.Verify(strings.TrimPrefix(values[0], "Bearer "), now)
	if fault != nil {
		return Voucher{}, invalidToken(fault.Error())
	}
	return voucher, nil
}

func invalidToken(reason string) error {
	return &platform.Problem{Status: http.StatusUnauthorized, Code: "10014", Title: "Unauthorized", Detail: "Token verification failed: " + reason}
}

// dpop takes a voucher as v3 does: bound to a key, with a fresh proof of that key for
// this very request. Its refusals say why.
func (a *API) dpop(r *http.Request, now time.Time) (Voucher, error) {
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return Voucher{}, missingHeader("Authorization")
	}
	compact, ok := strings.CutPrefix(values[0], "DPoP ")
	if !ok || len(values) > 1 {
		return Voucher{}, &platform.Problem{
			Status: http.StatusBadRequest, Code: "10028", Title: "Bad DPoP Token format",
			Detail: "The Authorization header is not a DPoP token",
		}
	}
	proofs := r.Header.Values("DPoP")
	if len(proofs) == 0 {
		return Voucher{}, missingHeader("DPoP")
	}
	if len(proofs) > 1 || strings.Contains(proofs[0], ",") {
		return Voucher{}, proofFault("0041", "multiple DPoP proofs")
	}
	voucher, fault := a.Verify(compact, now)
	if fault != nil {
		return Voucher{}, invalidToken(fault.Error())
	}
	if voucher.JKT == "" {
		return Voucher{}, invalidToken("the token is bound to no key: cnf is absent")
	}
	return voucher, a.prove(r, proofs[0], compact, voucher, now)
}

func (a *API) prove(r *http.Request, compact, voucherText string, voucher Voucher, now time.Time) error {
	proof, fault := rules.ParseProof(compact, r.Method, a.BaseURL()+r.URL.Path, voucherText, now)
	if fault != nil {
		return proofFault("0041", fault.Error())
	}
	if proof.Token.Verify(proof.Key) != nil {
		return proofFault("0042", "the proof does not verify with its own key")
	}
	if proof.JKT != voucher.JKT {
		return proofFault("0045", "the key of the proof is not the one the token is bound to")
	}
	if !a.proofs.Use(proof.JTI, now, rules.ProofMaxAge+rules.ProofFuture) {
		return proofFault("0044", "the jti of the proof was used before")
	}
	return nil
}

func missingHeader(name string) error {
	return &platform.Problem{Status: http.StatusBadRequest, Code: "9994", Title: "Bad Request", Detail: "Header " + name + " not existing in this request"}
}

func proofFault(code, detail string) error {
	return &platform.Problem{Status: http.StatusUnauthorized, Code: code, Title: "DPoP proof refused", Detail: detail}
}
