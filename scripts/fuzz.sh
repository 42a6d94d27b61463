#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# Fuzzes every target in turn, each for SNODO_FUZZTIME (default 5s). With
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
: >"$work/targets"
while read -r dir; do
  binary="$work/$(tr -c 'a-z0-9\n' '_' <<<"$dir").test"
  go test -c -fuzz=. -o "$binary" "./$dir"
  (cd "$dir" && "$binary" -test.list '^Fuzz') | sed "s|^|$dir $binary |" >>"$work/targets"
done < <(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -r -n1 dirname | sed 's|^\./||' | sort -u)

count=$(wc -l <"$work/targets")
if [[ -n "${SNODO_FUZZBUDGET:-}" && $count -gt 0 ]]; then
  each=$((SNODO_FUZZBUDGET / count))
  [[ $each -lt 1 ]] && each=1
  [[ $each -lt ${fuzztime%s} ]] && fuzztime="${each}s"
fi

echo "$count targets, $fuzztime each"
broken=0

# fuzz DIR BINARY TARGET fuzzes one target; what it prints goes to the log.
fuzz() {
  (cd "$1" && "$2" -test.run='^$' -test.fuzz="^$3\$" -test.fuzztime="$fuzztime" \
    -test.fuzzminimizetime=1s -test.fuzzcachedir="$cache/$module/$1") >"$work/log" 2>&1
}

# late tells a target whose workers were stopped by the end of the time in the middle of an
# input, which the go command calls a failure, from one that found something: that is
# written down, and named in the log.
late() {
  grep -q '^    context deadline exceeded$' "$work/log" && ! grep -q 'Failing input written' "$work/log"
}

while read -r dir binary target; do
  if fuzz "$dir" "$binary" "$target" || { late && fuzz "$dir" "$binary" "$target"; } || late; then
    echo "ok    $dir $target"
  else
    echo "FAIL  $dir $target"
    cat "$work/log"
    broken=$((broken + 1))
  fi
done <"$work/targets"
[[ $broken -eq 0 ]]
