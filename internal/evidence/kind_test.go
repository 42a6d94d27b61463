// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"errors"
	"testing"
)

func TestEachKindOpensClosesOrRefuses(t *testing.T) {
	index := int64(0)
	for kind, want := range map[Kind]struct{ alone, closing bool }{
		KindAcquisizioneIntento: {alone: true}, KindErogazioneIntento: {alone: true}, KindPiattaformaIntento: {alone: true}, KindTesoreriaIntento: {alone: true},
		KindAcquisizioneEsito: {closing: true}, KindErogazioneEsito: {closing: true}, KindPiattaformaEsito: {closing: true}, KindSconosciuto: {closing: true}, KindTesoreriaEsito: {closing: true},
		KindAcquisizioneRifiuto: {alone: true, closing: true}, KindErogazioneRifiuto: {alone: true, closing: true},
		KindTesoreriaEvento: {alone: true, closing: true},
		"piattaforma/altro": {},
	} {
		r := Record{Entry: Entry{Ente: "c_bf01", Environment: "locale", Exchange: "x", Kind: kind}}
		if err := r.validate(); (err == nil) != want.alone || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%s without an intent: %v", kind, err)
		}
		r.Closes = &index
		if err := r.validate(); (err == nil) != want.closing || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%s of an intent: %v", kind, err)
		}
	}
}

func TestASideWithAnActAloneIsKept(t *testing.T) {
	s := Side{Act: &Act{Target: "purpose/nido"}}
	if s.isZero() {
		t.Error("an act is taken for nothing")
	}
}
