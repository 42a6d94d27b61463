// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/snodo-pa/snodo/registry"
)

// narrow keeps of the answer only the fields the procedimento may see (DPR 445/2000 art. 43 c. 2; GDPR art. 5): what is
// not listed never leaves this step. The result is compact JSON with its members sorted. A recalled answer was narrowed
// to the same fields when it was given, and verdicts are no data of the registry.
func (o *Out) narrow(_ context.Context, x *acquiring) error {
	if x.recalled != nil || x.replyTo != "" || x.later.whole() {
		return nil
	}
	x.note()
	if x.declared != nil {
		return nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(x.reply.Dati, &all); err != nil || all == nil {
		return &registry.Fault{
			Kind: registry.ErrBadReply, Service: x.in.Servizio, Err: errors.New("the adapter's answer is not a JSON object"),
		}
	}
	kept := slices.Sorted(slices.Values(x.fields))
	var b bytes.Buffer
	b.WriteByte('{')
	for _, name := range slices.Compact(kept) {
		value, present := all[name]
		if !present {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		quoted, err := encodeJSON(name)
		if err != nil {
			return err
		}
		b.Write(quoted)
		b.WriteByte(':')
		if err := json.Compact(&b, value); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	x.dati = b.Bytes()
	return nil
}

// note adds to the avvisi those about fields that the procedimento may see. With a comparison of the hub's own there are
// none: they would tell what the verdicts do not.
func (x *acquiring) note() {
	if x.declared != nil && !x.own {
		return
	}
	for _, n := range x.reply.Notes {
		hidden := func(field string) bool { return !slices.Contains(x.fields, field) }
		if len(n.Fields) > 0 && !slices.ContainsFunc(n.Fields, hidden) {
			x.reply.Avvisi = append(x.reply.Avvisi, n.Text)
		}
	}
}
