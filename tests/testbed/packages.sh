#!/usr/bin/env bash
# Installs the Debian packages that sealring needs, where any is missing.
# usage: packages.sh [build|run|test|all]...     (default: all)
#
# apt is not even asked when everything is there: a second run is quick and works offline.
set -euo pipefail

build=(
  g++ cmake ninja-build pkg-config
  libboost1.81-dev libboost-json1.81-dev libssl-dev libp11-kit-dev libcurl4-openssl-dev
  libpsl-dev libsoci-dev libsqlite3-dev libtomlplusplus-dev libcli11-dev libmicrohttpd-dev libldns-dev
  prometheus-cpp-dev
  libasio-dev libseccomp-dev
)
run=(softhsm2 opensc pebble openssl curl ca-certificates iproute2 nginx-light)
test=(
  catch2 libcpp-httplib-dev libp11-dev p11-kit p11-kit-modules sqlite3 prometheus
  apache2-bin chromium haproxy postgresql-15 bc knot knot-dnsutils
  jose jq procps strace valgrind systemd python3-cryptography python3-josepy python3-jsonschema python3-jwcrypto python3-pil uacme
  clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev doxygen shellcheck
)

wanted=()
for group in "${@:-all}"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    run) wanted+=("${run[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    all) wanted+=("${build[@]}" "${run[@]}" "${test[@]}") ;;
    *) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
  esac
done

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

missing=()
for package in "${wanted[@]}"; do
  installed "$package" || missing+=("$package")
done
(( ${#missing[@]} )) || exit 0

as_root=()
if (( EUID )); then
  command -v sudo >/dev/null ||
    { echo "packages.sh: not root, and no sudo: as root, apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

# A package may bring a service; none is to start. Debian's maintainer scripts ask this file first.
policy=/usr/sbin/policy-rc.d
saved=$policy.before-sealring # still there after a run that was killed: then it is the original

allow_services() {
  "${as_root[@]}" rm -f "$policy"
  [[ ! -e $saved && ! -L $saved ]] || "${as_root[@]}" mv -f "$saved" "$policy"
}
forbid_services() {
  if [[ -e $policy || -L $policy ]] && [[ ! -e $saved && ! -L $saved ]]; then
    "${as_root[@]}" mv "$policy" "$saved"
  fi
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 0755 "$policy"
}
trap allow_services EXIT
forbid_services

echo "installing: ${missing[*]}"
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get -qq -o Dpkg::Use-Pty=0 install --no-install-recommends "${missing[@]}"
