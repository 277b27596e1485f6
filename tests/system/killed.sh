#!/usr/bin/env bash
# kill -9 at any moment of an issuance: the next run goes on, and no key is left in the token that nobody knows.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

init
for delay in 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08 0.10 0.12 0.15 0.20; do
  "$SEALRING" --config "$home/sealring.toml" -q issue -d killed.test --force >/dev/null & # not the function: its shell would die
  issuing=$!
  sleep "$delay"
  kill -9 "$issuing" 2>/dev/null || true
  wait "$issuing" 2>/dev/null || true
done
# Two kills in a row inside C_Login would have a person asked: here is one.
sealring -q init --retry-pin
sealring issue -d killed.test --force || fail 'does not go on'
judge killed.test
judge_keys "$(private_keys | wc -l)"
