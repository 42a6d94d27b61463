// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// refusalFormat writes the whole answer to a refused call in the words of an e-service. Only what problem.Explain marks
// as safe goes in.
type refusalFormat func(x problem.Explained, lang string) (*Reply, error)

// refusalFormats are the formats beside the problem document, by the name of registry.Exposure.Refusals.
func refusalFormats() map[string]refusalFormat {
	return map[string]refusalFormat{registry.RefusalsSUAP: suapRefusal}
}

// suapError is the error body of the SUAP specifications (DPR 160/2010).
type suapError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func suapRefusal(x problem.Explained, lang string) (*Reply, error) {
	status, code := suapCode(x.Row.Rule, x.Row.Status)
	body, err := encodeJSON(suapError{Code: code, Message: problem.Say(x.Row.Title, lang)})
	if err != nil {
		return nil, err
	}
	return &Reply{Status: status, Header: http.Header{headerContentType: {mediaJSON}}, Body: body}, nil
}

// suapCode is the catalogue of the SUAP specifications: 400_001 input, 401_001 no voucher, 401_002 a voucher that is not
// good (its scheme and audience included), 401_003 no Agid-JWT-Signature, 401_004 one that is not good, 404_001 unknown,
// 428_001 no If-Match, 500_007 processing. A status that the catalogue leaves out (405, 413, 415, 429, 503 ...) keeps its
// meaning and is numbered 001.
func suapCode(rule modi.RuleID, status int) (int, string) {
	area, _, _ := strings.Cut(string(rule), "/")
	switch {
	case rule == modi.VoucherTokenMissing, rule == modi.IDAuthTokenMissing:
		return http.StatusUnauthorized, "ERROR_401_001"
	case slices.Contains([]modi.Area{modi.AreaVoucher, modi.AreaDPoP, modi.AreaIDAuth}, modi.Area(area)):
		return http.StatusUnauthorized, "ERROR_401_002"
	case rule == modi.IntegrityTokenMissing:
		return http.StatusUnauthorized, "ERROR_401_003"
	case modi.Area(area) == modi.AreaIntegrity:
		return http.StatusUnauthorized, "ERROR_401_004"
	case status == http.StatusServiceUnavailable:
		return status, "ERROR_503_001"
	case status >= http.StatusInternalServerError:
		return http.StatusInternalServerError, "ERROR_500_007"
	default:
		return status, fmt.Sprintf("ERROR_%d_001", status)
	}
}

// strangersSigned is how many refusals a second are signed for callers that are not known: a signature costs the hub more
// than the request costs them.
const strangersSigned = 20

// signerOfRefusals bounds the signatures that strangers cause. It is safe for concurrent use.
type signerOfRefusals struct {
	mu     sync.Mutex
	second int64
	made   int
}

func (s *signerOfRefusals) take(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if second := now.Unix(); second != s.second {
		s.second, s.made = second, 0
	}
	s.made++
	return s.made <= strangersSigned
}

// anonymous is the audience of a signed refusal whose caller is not known, as GovWay writes it.
const anonymous = "anonymous"

// format writes a refusal in the words of its e-service, signed where every answer is. Where it cannot, the problem
// document tells it.
func (i *In) format(ctx context.Context, x *serving) {
	x.refusal = nil
	if x.err == nil || x.exposed == nil || x.exposed.refusals == nil {
		return
	}
	reply, err := x.exposed.refusals(problem.Explain(x.err), problem.Language(x.in.Header.Get("Accept-Language")))
	if err == nil && x.terms.signs() {
		switch {
		case x.voucher != nil:
			err = i.signReply(x, reply, modi.Bytes(reply.Body), x.voucher.ClientID)
		case i.strangers.take(x.began):
			err = i.signReply(x, reply, modi.Bytes(reply.Body), anonymous)
		}
	}
	if err != nil {
		i.Logger.LogAttrs(ctx, slog.LevelError, "rifiuto non scritto nel formato dell'e-service",
			slog.String("scambio", x.id), slog.String("errore", err.Error()))
		return
	}
	x.refusal = reply
}
