#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# Runs every check on the text of the repository. All of them run; the first that fails
# does not hide the others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

# Built as scripts/test.sh builds: the two share what they compile.
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:+$GOFLAGS }-trimpath"

golangci_version=v2.15.0
golangci="$PWD/bin/tools/golangci-lint-$golangci_version"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=()

check() {
  local name=$1
  shift
  echo "== $name"
  "$@" || bad+=("$name")
}

# The linter is built by the Go toolchain at hand, once per version.
install_golangci() {
  [[ -x "$golangci" ]] && return 0
  echo "building golangci-lint $golangci_version"
  GOBIN="$work" GOFLAGS='' go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$golangci_version"
  mkdir -p "$(dirname "$golangci")"
  mv "$work/golangci-lint" "$golangci"
}

# What is generated is generated again elsewhere, and compared.
generated_is_current() {
  go run ./internal/tools/problemdocs -out "$work/problems" || return 1
  if ! diff -r "$work/problems" docs/problems; then
    echo "docs/problems is not what the rule table gives: run make generate" >&2
    return 1
  fi
}

scripts_parse() {
  local script
  for script in scripts/*.sh .ci/run; do
    bash -n "$script" || return 1
  done
  if command -v shellcheck >/dev/null 2>&1; then
    shellcheck -x scripts/*.sh .ci/run
  fi
}

install_golangci
check 'golangci-lint' "$golangci" run ./...
if has_cgo; then
  check 'golangci-lint (pkcs11)' env CGO_ENABLED=1 "$golangci" run --build-tags pkcs11 ./internal/keys/...
fi
check 'formatting' "$golangci" fmt --diff ./...
check 'go mod tidy' go mod tidy -diff
check 'go mod verify' go mod verify
check 'generated files' generated_is_current
check 'shell scripts' scripts_parse
check 'licences' go test -count=1 -run '^TestEveryFileHasALicence$' ./internal/archtest
if command -v reuse >/dev/null 2>&1; then
  check 'reuse' reuse lint
else
  echo "== reuse: not run, the tool is not installed (the licence check above covers its rules)"
fi

if [[ ${#bad[@]} -gt 0 ]]; then
  printf 'lint failed: %s\n' "${bad[@]}" >&2
  exit 1
fi
echo "lint passed"
