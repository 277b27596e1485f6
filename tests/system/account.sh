#!/usr/bin/env bash
# An account from beginning to end: bound to a customer of the CA's, its contacts, a new key, and the end.
# usage: PEBBLE_CONFIG='{"externalAccountBindingRequired": true, "externalAccountMACKeys": {"kid-1": …}}' bed.sh account.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

of() { sealring account show --json | jq -r ".$1"; } # MEMBER
says() { grep -qF -- "$1" "$BED/err" || { cat "$BED/err" >&2; fail "not said: $1"; }; }
keys_of_account() { private_keys | grep -c '^acme-account' || true; }

# Bound, by the right key alone.
expect 1 init
says 'set eab-kid and eab-key-file under [ca]'
jq -r '.pebble.externalAccountMACKeys["kid-1"]' "$BED/ca/pebble.json" >"$BED/mac"
openssl rand -base64 48 | tr -d '\n=' | tr '/+' '_-' >"$BED/mac.wrong"
chmod 600 "$BED"/mac*
change() { sed -i "$@" "$home/sealring.toml"; }
change '/^\[ca\]/a eab-kid = "kid-1"\neab-key-file = "mac.wrong"'
expect 1 sealring init
says 'external account binding'
change 's/"kid-1"/"kid-9"/'
expect 1 sealring init
says "'kid'"
change 's/"kid-9"/"kid-1"/; s/mac.wrong/mac/'
expect 0 sealring init
! grep -rqF "$(<"$BED/mac")" "$BED/out" "$BED/err" "$BED/ca/pebble.log" || fail 'the MAC key is in an output'
[[ $(keys_of_account) == 1 ]] || { private_keys; fail 'refused accounts left keys in the token'; }
[[ $(of status) == valid ]] || fail 'no account'

# Its contacts.
url=$(of url)
change 's/mailto:ops@example.test/mailto:other@example.test/'
sealring account update
[[ $(of contact[0]) == mailto:other@example.test ]] || fail 'other contacts'

# A new key: by the command alone, and by a running agent.
sealring -q issue -d before.test >/dev/null
roll_over() {
  local old new
  old=$(of thumbprint)
  sealring account rollover --plan >"$BED/out"
  new=$(sed -n 's/^new key *\([^ ]*\).*/\1/p' "$BED/out")
  grep -q "need $new" "$BED/out" || fail 'the plan does not say what breaks'
  [[ $(of thumbprint) == "$old" && $(keys_of_account) == 2 ]] || fail 'the plan has changed something'
  expect 1 sealring account rollover </dev/null
  says 'add --yes'
  sealring account rollover --yes
  [[ $(of thumbprint) == "$new" && $(of url) == "$url" && $(of status) == valid ]] || fail 'not the new key'
  [[ $(keys_of_account) == 1 ]] || { private_keys; fail 'the old key is still in the token'; }
}
roll_over
sealring -q issue -d after.test >/dev/null
judge after.test
start_agent
await_line 'manager ready'
change 's/mailto:other@example.test/mailto:third@example.test/'
sealring account update
[[ $(of contact[0]) == mailto:third@example.test ]] || fail 'the agent has told the CA what its older files had'
roll_over
sealring -q issue -d agent.test >/dev/null
judge agent.test
sealring revoke before.test # of the key before the last

# The end.
expect 1 sealring account deactivate </dev/null
says 'add --yes'
sealring account deactivate --yes
[[ $(keys_of_account) == 0 ]] || { private_keys; fail 'its key is still in the token'; }
expect 1 sealring account show
says 'there is no account'
sealring -q issue -d late.test >/dev/null
[[ $(of status) == valid && $(of url) != "$url" ]] || fail 'no other account'
stop_agent
echo 'bound, changed, given a new key twice, and given up'
