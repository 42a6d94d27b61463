#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# Fuzzes every target, each for SNODO_FUZZTIME (default 5s). With
# SNODO_FUZZBUDGET, a number of seconds for all targets together, the time of each is
# cut to fit, to no less than one second. Each package is built once, instrumented. An
# input that breaks a target is left in the package's testdata/fuzz, to become a test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fuzztime=${SNODO_FUZZTIME:-5s}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=$(go env GOCACHE)/fuzz
module=$(go list -m)

# Build what has targets, and list them: package folder, binary, target.
build() {
  local binary
  binary="$work/$(tr -c 'a-z0-9\n' '_' <<<"$1").test"
  go test -c -fuzz=. -o "$binary" "./$1"
  (cd "$1" && "$binary" -test.list '^Fuzz') | sed "s|^|$1 $binary |" >"$binary.targets"
}
export -f build
export work
lanes=$(nproc 2>/dev/null || echo 1)
# shellcheck disable=SC2016 # the shell that xargs starts expands it
grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -r -n1 dirname | sed 's|^\./||' | sort -u |
  xargs -r -P "$lanes" -I{} bash -euo pipefail -c 'build "$1"' build {}
cat "$work"/*.targets >"$work/targets"

# Each target has one worker and its time; as many targets run at once as there are cores.
count=$(wc -l <"$work/targets")
if [[ -n "${SNODO_FUZZBUDGET:-}" && $count -gt 0 ]]; then
  each=$((SNODO_FUZZBUDGET * lanes / count))
  [[ $each -lt 1 ]] && each=1
  [[ $each -lt ${fuzztime%s} ]] && fuzztime="${each}s"
fi

echo "$count targets, $fuzztime each"

# fuzz DIR BINARY TARGET LOG fuzzes one target; what it prints goes to the log.
fuzz() {
  (cd "$1" && "$2" -test.run='^$' -test.fuzz="^$3\$" -test.fuzztime="$fuzztime" -test.parallel=1 \
    -test.fuzzminimizetime=1s -test.fuzzcachedir="$cache/$module/$1") >"$4" 2>&1
}

# late LOG tells a target whose worker was stopped by the end of the time in the middle of an
# input, which the go command calls a failure, from one that found something: that is
# written down, and named in the log.
late() {
  grep -q '^    context deadline exceeded$' "$1" && ! grep -q 'Failing input written' "$1"
}

# judge DIR BINARY TARGET LOG fuzzes one target and says how it went, in one piece.
judge() {
  if fuzz "$@" || { late "$4" && fuzz "$@"; } || late "$4"; then
    printf 'ok    %s %s\n' "$1" "$3"
  else
    printf 'FAIL  %s %s\n%s\n' "$1" "$3" "$(cat "$4")"
    : >"$work/broken"
  fi
}

n=0
while read -r dir binary target; do
  n=$((n + 1))
  judge "$dir" "$binary" "$target" "$work/log.$n" </dev/null &
  if [[ $n -ge $lanes ]]; then wait -n; fi
done <"$work/targets"
wait
[[ ! -e "$work/broken" ]]
