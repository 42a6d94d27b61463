#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# Fetches what building and testing need: Go modules, and Debian packages when allowed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

go mod download
install_debian_packages
