#!/usr/bin/env bash
# A certificate from beginning to end, revoked with either key; each step judged by OpenSSL, OpenSC and the CA.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
echo "$PEBBLE"

init
sealring issue -d a.test -d www.a.test
judge a.test
judge_keys 3 # the account's, the certificate's, the audit log's

names=$(openssl x509 -in "$BED/live/a.test/cert.pem" -noout -ext subjectAltName | grep -o 'DNS:[^,]*' | sort | xargs)
[[ $names == 'DNS:a.test DNS:www.a.test' ]] || fail "names: $names"
[[ $(stat -L -c %a "$BED/live/a.test/privkey.pem") == 640 ]] || fail 'privkey.pem is not 0640: PostgreSQL refuses wider'

# An agent, and a peer who may use the key.
printf 'peers = ["%s"]\n' "$(id -u)" >>"$BED/conf.d/a.test.toml"
"$SEALRING" --config "$BED/sealring.toml" agent 2>"$BED/agent.log" &
agent=$!
for _ in {1..600}; do
  ! grep -q 'keeper ready' "$BED/agent.log" || break
  sleep 0.05
done
grep -q 'keeper ready' "$BED/agent.log" || { cat "$BED/agent.log" >&2; fail 'no keeper'; }
[[ ${SANITIZED-} ]] || "$tests/../testbed/handshake.sh" a.test "$BED"/live/a.test/{cert,chain,privkey}.pem "$BED/root.pem" ||
  { cat "$BED/agent.log" >&2; fail 'no TLS 1.3 handshake with the key in the token'; }
kill "$agent"
wait "$agent" || fail 'the agent does not end well'

expect 3 sealring issue -d a.test -d www.a.test # it is there and fresh: nothing to do
for verb in list 'show a.test' 'account show' 'key list'; do
  # shellcheck disable=SC2086 # a verb may be two words
  sealring $verb --json | jq -e . >/dev/null || fail "$verb --json is not JSON"
  # shellcheck disable=SC2086
  [[ $(sealring $verb) ]] || fail "$verb says nothing"
done

sealring issue -d b.test --name other
judge other
judge_keys 4

for revocation in 'a.test account superseded' 'other certificate keyCompromise'; do
  read -r name key reason <<<"$revocation"
  cp "$BED/live/$name/cert.pem" "$BED/issued.pem"
  [[ $(ca_status "$BED/issued.pem") == Valid ]] || fail "$name is not valid at the CA"
  sealring revoke "$name" --by "$key" --reason "$reason"
  [[ $(ca_status "$BED/issued.pem") == Revoked ]] || fail "$name is not revoked at the CA"
done
