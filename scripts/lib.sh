# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The Snodo authors
# SPDX-License-Identifier: EUPL-1.2

# Functions shared by the other scripts of this folder; sourced, never run.

# is_ci tells whether a missing prerequisite is an error rather than a remark.
is_ci() { [[ "${CI:-}" == "true" ]]; }

# may_install tells whether Debian packages may be installed here: by root on a
# machine that has apt, or in CI through sudo.
may_install() {
  command -v apt-get >/dev/null 2>&1 || return 1
  [[ "$(id -u)" -eq 0 ]] && return 0
  is_ci && command -v sudo >/dev/null 2>&1
}

as_root() { if [[ "$(id -u)" -eq 0 ]]; then "$@"; else sudo -n "$@"; fi; }

# apt_install installs the packages named, trying the network three times. It
# fails, and leaves the decision to the caller, when a package cannot be had.
apt_install() {
  local try
  for try in 1 2 3; do
    if as_root apt-get update -q -o Acquire::Retries=3 >/dev/null &&
      as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@" >/dev/null; then
      return 0
    fi
    echo "apt-get failed (attempt $try of 3): $*" >&2
    sleep $((try * 3))
  done
  return 1
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null 2>&1; }
has_cgo() { command -v "$(go env CC | awk '{print $1}')" >/dev/null 2>&1 && [[ -e /usr/include/stdlib.h ]]; }
has_softhsm() { command -v softhsm2-util >/dev/null 2>&1; }

# published_rules is the folder of the published Italian API rules, where it is there.
published_rules() { [[ -d "${SNODO_SHARED:-../shared}/oas" ]] && echo "${SNODO_SHARED:-../shared}/oas"; }

# install_spectral puts the linter that reads those rules into a folder, for this run alone.
install_spectral() {
  command -v npm >/dev/null 2>&1 || return 1
  SCARF_ANALYTICS=false npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$1" @stoplight/spectral-cli@6.16.3 >/dev/null
}

# install_debian_packages adds what the tests use and the machine lacks.
install_debian_packages() {
  local wanted=()
  has_postgres || wanted+=(postgresql)
  has_cgo || wanted+=(gcc libc6-dev)
  has_softhsm || wanted+=(softhsm2)
  command -v xmllint >/dev/null 2>&1 || wanted+=(libxml2-utils)
  command -v xmlsec1 >/dev/null 2>&1 || wanted+=(xmlsec1)
  command -v openssl >/dev/null 2>&1 || wanted+=(openssl)
  command -v python3 >/dev/null 2>&1 || wanted+=(python3)
  command -v php >/dev/null 2>&1 || wanted+=(php-cli)
  [[ ${#wanted[@]} -eq 0 ]] && return 0
  if ! may_install; then
    echo "missing, and not installed because this is neither root nor CI: ${wanted[*]}" >&2
    return 0
  fi
  echo "installing ${wanted[*]}"
  apt_install "${wanted[@]}" || echo "could not install: ${wanted[*]}" >&2
}
