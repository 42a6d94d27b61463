// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import "github.com/snodo-pa/snodo/internal/bilingual"

// malformed is ErrMalformed with what is wrong, in both languages.
func malformed(it, en string, args ...any) error { return because(ErrMalformed, it, en, args) }

// unsuitable is ErrUnsuitable with what is wrong, in both languages.
func unsuitable(it, en string, args ...any) error { return because(ErrUnsuitable, it, en, args) }

func because(sentinel error, it, en string, args []any) error {
	return bilingual.Errorf("%w: "+it, "%w: "+en, append([]any{sentinel}, args...)...)
}
