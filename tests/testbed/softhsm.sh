#!/usr/bin/env bash
# Makes a throw-away SoftHSM token.
# usage: softhsm.sh FOLDER LABEL MODULE
#
# FOLDER gets softhsm2.conf (for SOFTHSM2_CONF), tokens/ and `pin`, which only its owner may read.
set -euo pipefail
umask 077

here=$(dirname "$(realpath "$0")")
folder=$(realpath -m "$1")
label=$2
module=$3

mkdir -p "$folder/tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$folder/tokens" >"$folder/softhsm2.conf"
export SOFTHSM2_CONF=$folder/softhsm2.conf

pin=$(openssl rand -hex 8)
so_pin=$(openssl rand -hex 8) # of no use once the token is made

answer() { # LINE... -- COMMAND...
  local lines=()
  while [[ $1 != -- ]]; do lines+=("$1"); shift; done
  printf '%s\n' "${lines[@]}" | "$here/prompt.sh" "${@:2}" >"$folder/softhsm.log" ||
    { cat "$folder/softhsm.log" >&2; exit 1; }
}
answer "$so_pin" "$so_pin" -- \
  pkcs11-tool --module "$module" --init-token --slot-index 0 --label "$label"
answer "$so_pin" "$pin" "$pin" -- \
  pkcs11-tool --module "$module" --init-pin --token-label "$label" --login --login-type so
printf %s "$pin" >"$folder/pin"
