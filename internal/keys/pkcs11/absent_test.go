// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build !pkcs11

package pkcs11_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/pkcs11"
)

func TestWithoutTheTagTokensAreRefusedInWords(t *testing.T) {
	_, err := pkcs11.Over(keys.Files{}).Pair("pkcs11:token=t;object=o?module-path=/m&pin-source=file:p")
	if pkcs11.Available || !errors.Is(err, keys.ErrUnsuitable) || !strings.Contains(err.Error(), "-tags pkcs11") {
		t.Errorf("Pair = %v", err)
	}
}
