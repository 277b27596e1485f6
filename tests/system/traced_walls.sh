#!/usr/bin/env bash
# strace of a whole issuance where supervisor, keeper and manager are three users: a PIN file that is the keeper's own is opened by
# the keeper alone.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
PIN_OWNER=sealring-keeper
# shellcheck source=tests/system/walls_lib.sh
. "$tests/walls_lib.sh"

strace -f -o /dev/null true 2>/dev/null || { echo 'skipped: nothing may be traced here'; exit 77; }

sealring -q init >"$BED/out"
strace -f -qq -s 256 -e trace=open,openat,openat2,creat,socket,connect,execve,execveat,clone,clone3,fork,vfork -o "$BED/trace" \
  "$SEALRING" --config "$home/sealring.toml" -q issue -d walled.test >"$BED/out"
[[ $(stat -c %U "$PIN_FILE") == sealring-keeper ]] || fail 'the PIN file is not the keeper'\''s'
"$tests/traced.py" "$BED/trace" "$(realpath "$MODULE")" "$PIN_FILE" "$BED/token/tokens" || fail 'the trace'
verify_chain "$state/manager/live/walled.test/cert.pem" "$state/manager/live/walled.test/chain.pem" || fail 'the chain'
