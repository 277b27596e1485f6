#!/usr/bin/env bash
# Runs a command in a test bed: a folder, a token, a CA and its DNS, in a network of their own.
# usage: bed.sh [--pebble 2.4|newest] [--no-pebble] [--folder FOLDER] COMMAND...
#
# The command finds in its environment
#   BED          the folder; made below $TMPDIR and removed at the end, unless --folder names one or SEALRING_KEEP=1
#   MODULE TOKEN PIN_FILE SOFTHSM2_CONF                  the token: module, label, file with the PIN
#   DIRECTORY CA_FILE MGMT DNS_MGMT PEBBLE               the CA: address, its trust anchor, management, version
#   HTTP01       where the CA looks for http-01 answers
#   TLS_PORT     free for a TLS server
#   SEALRING     the program under test (build/release/bin/sealring unless set)
#
# Root (or whoever may make namespaces) gets a network without a way out and a process tree that dies as one.
# Anybody else gets free ports of the loopback.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")

use_pebble=newest
folder=
while [[ ${1-} == --* ]]; do
  case $1 in
    --pebble) use_pebble=$2; shift 2 ;;
    --no-pebble) use_pebble=; shift ;;
    --folder) folder=$2; shift 2 ;;
    *) break ;;
  esac
done
if (( ! $# )) || [[ $1 == --* ]]; then
  sed -n 's/^# usage: /usage: /p' "$0" >&2
  exit 2
fi

choose_pebble() { # sets pebble_bin, and PEBBLE to what it is
  local newest=$root/build/testbed/pebble
  pebble_bin=$(dirname "$(command -v pebble)")
  PEBBLE="pebble $(dpkg-query -W -f '${Version}' pebble 2>/dev/null || echo of this machine)"
  [[ $use_pebble == newest ]] || return 0
  if [[ -e $newest/suite ]]; then
    pebble_bin=$newest/usr/bin
    PEBBLE=$(<"$newest/suite")
  else
    echo "bed.sh: NO NEWER PEBBLE in build/testbed/pebble (tests/testbed/newer.sh brings one); this is $PEBBLE" >&2
  fi
}

find_module() {
  local candidate
  for candidate in /usr/lib{,/*,64}/{softhsm,pkcs11}/libsofthsm2.so /usr/local/lib/softhsm/libsofthsm2.so; do
    [[ -e $candidate ]] && { echo "$candidate"; return; }
  done
  echo 'bed.sh: no libsofthsm2.so: tests/testbed/packages.sh installs it' >&2
  return 1
}

# `namespace` becomes the words before a command that put it into a network and a process tree of its own.
choose_namespace() {
  local option
  for option in '' --map-root-user; do
    namespace=(unshare ${option:+"$option"} --net --pid --fork --kill-child --mount-proc)
    "${namespace[@]}" true 2>/dev/null && return
  done
  namespace=()
}

choose_ports() { # without a network of our own: seven in a row that nobody listens on
  local base port
  while :; do
    base=$((20000 + RANDOM % 10000))
    for ((port = base; port < base + 7; ++port)); do
      (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue 2
    done
    break
  done
  export ACME_PORT=$base MGMT_PORT=$((base + 1)) DNS_PORT=$((base + 2)) DNS_MGMT_PORT=$((base + 3))
  export HTTP01_PORT=$((base + 4)) TLSALPN01_PORT=$((base + 5)) TLS_PORT=$((base + 6))
}

make_folder() {
  if [[ $folder ]]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    chmod 0700 "$folder"
    BED=$(realpath "$folder")
  else
    BED=$(mktemp -d "${TMPDIR:-/tmp}/sealring-bed.XXXXXX")
  fi
}

child=
strike() { # whatever happened, nothing stays: not a process, not a folder
  if [[ $child ]]; then
    kill -KILL -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  [[ $folder || ${SEALRING_KEEP-} == 1 ]] || rm -rf "$BED"
}

make_folder
trap strike EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

choose_namespace
[[ ${namespace[*]} ]] || choose_ports

MODULE=$(find_module)
"$here/softhsm.sh" "$BED/token" sealring "$MODULE"
export BED MODULE TOKEN=sealring PIN_FILE=$BED/token/pin SOFTHSM2_CONF=$BED/token/softhsm2.conf
export TLS_PORT=${TLS_PORT:-8443} SEALRING=${SEALRING:-$root/build/release/bin/sealring}

command=("$@")
if [[ $use_pebble ]]; then
  choose_pebble
  mkdir "$BED/ca"
  export PEBBLE CA_FILE=$BED/ca/tls-ca.pem HTTP01=127.0.0.1:${HTTP01_PORT:=5002}
  export DIRECTORY=https://127.0.0.1:${ACME_PORT:-14000}/dir MGMT=https://127.0.0.1:${MGMT_PORT:-15000}
  export DNS_MGMT=http://127.0.0.1:${DNS_MGMT_PORT:-8055}
  command=("$here/pebble.sh" "$BED/ca" "$pebble_bin" "$@")
fi

[[ ! ${namespace[*]} ]] || command=("${namespace[@]}" bash -c 'ip link set lo up && exec "$@"' bash "${command[@]}")

# In the background, so that a signal is heard at once; in a session of its own, so that it can be killed as one;
# and it dies with this script even where that is killed without a chance to clean up.
setpriv --pdeathsig KILL setsid "${command[@]}" <&0 &
child=$!
wait "$child"
