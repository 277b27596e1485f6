#!/usr/bin/env bash
# The audit log's anchor in the token: a log that was cut while nobody ran is found out, offline and by the keeper, also where
# it was cut exactly at a checkpoint; a person decides, and what he decided is in the new log.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

log=$home/audit.log
p11() { pkcs11-tool --module "$MODULE" --token-label "$TOKEN" --login --pin "$(<"$PIN_FILE")" "$@" 2>"$BED/p11.err"; }
checkpoints() { grep -n '"kind":"checkpoint"' "$log" | cut -d: -f1; }

init -q
sealring -q list
sealring -q key list >"$BED/keys" # each command's keeper ends with a checkpoint, and anchors it
cp "$log" "$BED/whole.log"

# What the token holds is the log's last checkpoint; a stranger reads the same.
sealring -q audit anchor >"$BED/anchor"
[[ $(wc -l <"$BED/anchor") == 1 ]] || fail 'the token does not hold one checkpoint'
grep -qxFf "$BED/anchor" "$BED/whole.log" || fail 'what the token holds does not stand in the log'
sealring -q audit anchor --json | jq -e '.anchors | length == 1' >"$BED/out" || fail 'no anchor with --json'
p11 --list-objects --type data >"$BED/objects"
[[ $(grep -c "application: *'sealring'" "$BED/objects") == 1 ]] || { cat "$BED/objects"; fail 'not one data object of sealring'; }
label=$(sed -n "s/^ *label: *'\(.*\)'/\1/p" "$BED/objects")
p11 --read-object --type data --label "$label" --application-label sealring --output-file "$BED/stranger"
cp "$log" "$BED/whole.log"
grep -qxF "$(<"$BED/stranger")" "$log" || fail 'a stranger reads something else in the token'

sealring audit verify --anchor "$BED/anchor" >"$BED/out" || { cat "$BED/out"; fail 'a whole log is not good'; }
grep -q 'not cut .*by an anchor' "$BED/out" || fail 'no word of the anchor'

# The journal, through the keeper's sandbox.
if unshare --mount true 2>"$BED/unshare.log"; then
  unshare --mount "$tests/fake_journal.py" "$BED/journal" "$SEALRING" --config "$home/sealring.toml" -q key list >"$BED/keys" ||
    fail 'no command where a journal listens'
  sealring audit verify --anchor "$BED/journal" >"$BED/out" || { cat "$BED/out"; fail 'the journal does not agree with the log'; }
  grep -q 'not cut .*by an anchor' "$BED/out" || fail 'no checkpoint in the journal'
else
  echo 'NOT TESTED, for want of the right to mount: the journal as an anchor'
fi

# Cut: exactly at the checkpoint before the last one, and in the middle of nowhere.
sealring -q audit anchor >"$BED/anchor" # the last one but what this command itself adds
cp "$log" "$BED/whole.log"
mapfile -t lines < <(checkpoints)
at_checkpoint=${lines[-3]}
for keep in "$at_checkpoint" "$((at_checkpoint + 1))" 2; do
  head -n "$keep" "$BED/whole.log" >"$log"
  expect 0 sealring audit verify # which is why there are anchors
  expect 1 sealring audit verify --anchor "$BED/anchor"
  grep -q 'an anchor holds record .* the log was cut' "$BED/out" || { cat "$BED/out"; fail "cut after line $keep: not found"; }
  expect 1 sealring -q key list
  grep -q 'which the anchor knows' "$BED/err" || { cat "$BED/err"; fail "cut after line $keep: the keeper starts"; }
  cmp -s <(head -n "$keep" "$BED/whole.log") "$log" || fail 'the keeper wrote to a log that it refused'
  expect 1 sealring audit verify --anchor "$home/keeper/anchor" # where no keeper runs, its message says where the anchor is
done

# An agent that runs on it says so to whoever asks.
"$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
agent=$!
until "$tests/ask.py" "$home/sign.sock" list >"$BED/out" 2>&1 || grep -q 'which the anchor knows' "$BED/out"; do
  kill -0 "$agent" || { cat "$BED/agent.log"; fail 'the agent has ended'; }
  sleep 0.05
done
grep -q '^operator_needed .*the anchor knows' "$BED/out" || { cat "$BED/out"; fail 'an agent signs with a log that was cut'; }
kill "$agent"
wait "$agent" || true

# The whole log put back is good again; a person may also accept the loss, and the new log tells of it.
cp "$BED/whole.log" "$log"
sealring -q key list >"$BED/keys" || fail 'the whole log is refused'
cp "$log" "$BED/whole.log"
mv "$log" "$log.cut"
sealring -q key list >"$BED/keys" || fail 'no new log where the old one was moved away'
sealring audit show >"$BED/out"
grep -q 'begun.*an anchor knows an earlier log' "$BED/out" || { cat "$BED/out"; fail 'the new log does not tell of the old one'; }
sealring -q audit anchor >"$BED/anchor"
sealring audit verify --anchor "$BED/anchor" >"$BED/out" || { cat "$BED/out"; fail 'the new log is not good'; }
grep -q 'not cut .*by an anchor' "$BED/out" || fail 'the token still holds the old log'

# A token that keeps no data: said once, and everything works.
sed -i "s|^module .*|module = \"$SHIM\"|" "$home/sealring.toml"
export SHIM_MODULE=$MODULE SHIM_FAIL=C_CreateObject:0:0x54,C_SetAttributeValue:0:0x54
sealring -q key list >"$BED/keys" || fail 'a token that keeps no data does not serve'
sealring -q list || fail 'nor the second time'
sealring audit verify >"$BED/out" || { cat "$BED/out"; fail 'the log is not good'; }
echo 'the cut log is found, with the anchor of the token; a new one tells of it'
