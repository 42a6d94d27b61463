#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# The long checks: every fuzz target for SNODO_FUZZTIME (default 30s, "10m" by night) and the
# soak tests for SNODO_SOAK (default 30m), with the race detector where possible.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

SNODO_FUZZTIME=${SNODO_FUZZTIME:-30s} ./scripts/fuzz.sh

export SNODO_SOAK=${SNODO_SOAK:-30m}
race=()
has_cgo && race=(-race)
go test "${race[@]}" -count=1 -v -run '^TestSoak' -timeout 24h ./...
