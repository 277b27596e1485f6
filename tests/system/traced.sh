#!/usr/bin/env bash
# strace of a whole issuance: with a keeper that the command starts, by a configured PIN file and by a credential; and with a
# running agent's.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

strace -f -o /dev/null true 2>/dev/null || { echo 'skipped: nothing may be traced here'; exit 77; }

# What opens files, connects, and starts others.
trace=(strace -f -qq -s 256 -e "trace=open,openat,openat2,creat,socket,connect,execve,execveat,clone,clone3,fork,vfork")
judge_trace() { "$tests/traced.py" "$1" "$MODULE" "$pin" "$BED/token/tokens" || fail "$1"; }

init -q >"$BED/out"
MODULE=$(realpath "$MODULE")
pin=$PIN_FILE
"${trace[@]}" -o "$BED/own.trace" "$SEALRING" --config "$home/sealring.toml" -q issue -d own.test >"$BED/out"
judge own.test
judge_trace "$BED/own.trace"

# A credential, as systemd gives it: with one user for all, the keeper opens it itself.
sed -i '/^pin-file/d' "$home/sealring.toml"
mkdir -m 0700 "$BED/credentials"
cp "$PIN_FILE" "$BED/credentials/pin"
export CREDENTIALS_DIRECTORY=$BED/credentials
pin=$BED/credentials/pin
"${trace[@]}" -o "$BED/credential.trace" "$SEALRING" --config "$home/sealring.toml" -q issue -d credential.test >"$BED/out"
judge_trace "$BED/credential.trace"

cat >>"$home/sealring.toml" <<TOML
[agent]
listen = ["@sealring-traced"]
[[certificate]]
name = "served.test"
domains = ["served.test"]
TOML
"${trace[@]}" -o "$BED/agent.trace" "$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
tracer=$!
until "$tests/ask.py" @sealring-traced hello >"$BED/out" 2>&1; do
  (( SECONDS < 60 )) || { cat "$BED/agent.log" >&2; fail 'in a minute no keeper answers'; }
  sleep 0.05
done
"${trace[@]}" -o "$BED/command.trace" "$SEALRING" --config "$home/sealring.toml" -q issue --name served.test >"$BED/out" ||
  (( $? == 3 )) # the agent was quicker
judge served.test
kill "$(pgrep -P "$tracer")"
wait "$tracer" || true
! grep -q '"sealring-keeper"' "$BED/command.trace" || fail 'the command started a keeper beside the agent'
cat "$BED/agent.trace" "$BED/command.trace" >"$BED/both.trace"
judge_trace "$BED/both.trace"
