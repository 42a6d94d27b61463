#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# Runs every check on behaviour: vet, the tests (with the race detector where there is a
# C compiler), the static build and, with CI=true, each fuzz target for a few seconds and
# a soak. Ends with what did not run, and one line of counts. Every phase runs even when
# an earlier one failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
steps="$work/steps"
: >"$steps"

# heading NAME announces a phase, with the time since the start.
heading() { printf '== %s (at %dm%02ds)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }

# step NAME COMMAND... runs one phase that is not a Go test and writes down how it ended.
step() {
  local name=$1
  shift
  heading "$name"
  if "$@"; then
    printf 'pass\t%s\n' "$name" >>"$steps"
  else
    printf 'fail\t%s\n' "$name" >>"$steps"
  fi
}

not_run() { printf 'not-run\t%s\t%s\n' "$1" "$2" >>"$steps"; }

# go_test NAME ARGUMENTS... runs go test and keeps its events; their sum decides. A run
# that dies without an event, such as one with a wrong flag, is a failed step.
go_test() {
  local name=$1
  shift
  heading "$name"
  { go test -json "$@" || echo "$?" >"$work/$name.status"; } |
    "$report" -save "$work/$name.json"
  if [[ -e "$work/$name.status" ]]; then
    grep -q '"Action":"fail"' "$work/$name.json" || printf 'fail\tgo test (%s)\n' "$name" >>"$steps"
  fi
}

install_debian_packages

if published_rules >/dev/null && ! command -v spectral >/dev/null 2>&1; then
  if install_spectral "$work/npm"; then
    PATH="$work/npm/node_modules/.bin:$PATH"
  else
    echo 'not run: the published Italian API rules, no npm to install spectral with' >&2
  fi
fi

# All but the race detector is built as the released binary is: what one phase
# compiles, the next finds in the cache.
race=() cgo=0
if has_cgo; then
  # checkptr is for code with unsafe pointers: here there is none, and it is a quarter of the time of SQLite.
  race=(-race -gcflags=all=-d=checkptr=0) cgo=1
else
  not_run 'race detector' 'no C compiler: install gcc and libc6-dev'
fi

export CGO_ENABLED=0

report="$work/testreport"
go build -buildvcs=false -trimpath -o "$report" ./internal/tools/testreport

step 'go vet' go vet -trimpath ./...
# The programs that are started and killed, and the mutants that are compiled, run as they are delivered: with the race
# detector they would take most of the time. It watches the same paths in the packages, and in the soak.
mapfile -t whole < <(go list ./cmd/snodo ./conformance/mutants)
mapfile -t watched < <(go list ./... | grep -vxF -f <(printf '%s\n' "${whole[@]}"))
CGO_ENABLED=$cgo go_test tests -vet=off "${race[@]}" -timeout 15m "${watched[@]}"
go_test programs -vet=off -timeout 20m "${whole[@]}"
if [[ $cgo -eq 1 ]] && has_softhsm; then
  CGO_ENABLED=1 go_test pkcs11 -vet=off "${race[@]}" -tags pkcs11 ./internal/keys/pkcs11
else
  not_run 'PKCS#11 tokens' 'no C compiler or no SoftHSM: install gcc, libc6-dev and softhsm2'
fi
# The samples that TestSamplesAcquire could not run: what was not run is in the closing table, and in CI, where that
# would count as failed although a sample asks for no more than the programs that are present, in the log.
for sample in curl:acquisizione.sh python3:acquisizione.py php:acquisizione.php javac:Acquisizione.java dotnet:Acquisizione.cs; do
  command -v "${sample%%:*}" >/dev/null 2>&1 && continue
  if is_ci; then
    echo "not run: docs/esempi/${sample#*:}, no ${sample%%:*} on this machine"
  else
    not_run "docs/esempi/${sample#*:}" "no ${sample%%:*} on this machine"
  fi
done
step 'static build' go build -buildvcs=false -trimpath -o "$work/snodo" ./cmd/snodo

if is_ci; then
  # The soak waits more than it works: it runs beside the fuzzing, which has at most four minutes, five seconds a target
  # while there are no more than fit in.
  soak=$(grep -rlE '^func TestSoak' --include='*_test.go' . | xargs -r -n1 dirname | sort -u)
  # shellcheck disable=SC2086 # one word per package folder
  CGO_ENABLED=$cgo SNODO_SOAK=60s go_test soak -count=1 "${race[@]}" -run '^TestSoak' -timeout 10m $soak >"$work/soak.log" 2>&1 &
  soaking=$!
  step 'fuzz' env SNODO_FUZZTIME=5s SNODO_FUZZBUDGET=240 ./scripts/fuzz.sh
  wait "$soaking" || true # how it went is among the steps
  cat "$work/soak.log"
else
  not_run 'fuzz and soak' 'only with CI=true, or by make long'
fi

flags=()
is_ci && flags=(-ci)
"$report" "${flags[@]}" -steps "$steps" "$work"/*.json
