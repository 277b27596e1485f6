#!/usr/bin/env bash
# Renewal as the CA suggests (RFC 9773): windows moved and spoilt by Pebble's management, `replaces`, and the agent by itself.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

of() { sealring show "${2:-a.test}" --json | jq -r ".$1"; }     # MEMBER [NAME]
database() { sqlite3 "$home/state.db" "$@"; }

# What the CA answers from now on about the certificate in live/NAME.
suggest() { # NAME ANSWER
  jq -n --rawfile pem "$home/live/$1/cert.pem" --arg answer "$2" '{Certificate: $pem, ARIResponse: $answer}' |
    curl -sSf --noproxy '*' --cacert "$CA_FILE" --data @- "$MGMT/set-renewal-info/" >"$BED/out"
}
window() { # FROM TO [URL]: relative to now
  jq -n --arg from "$(date -u -d "$1" +%FT%TZ)" --arg to "$(date -u -d "$2" +%FT%TZ)" --arg url "${3-}" \
    '{suggestedWindow: {"start": $from, "end": $to}} + (if $url == "" then {} else {explanationURL: $url} end)'
}

init -q
sealring -q issue -d a.test -d www.a.test
[[ $(of renewal.window_start) == null && $(of renewal.renew_at) == 2* ]] || fail 'no time of renewal before the CA was asked'

# One instant in the window, and it stays.
expect 3 sealring renew a.test
start=$(of renewal.window_start) instant=$(of renewal.renew_at) end=$(of renewal.window_end)
[[ $start < $instant && $instant < $end ]] || fail "not in the window: $start, $instant, $end"
expect 3 sealring renew a.test
[[ $(of renewal.renew_at) == "$instant" ]] || fail 'another instant in the same window'

# Moved, with a reason; what cannot be read changes nothing.
suggest a.test "$(window '+1 day' '+2 days' https://ca.test/why)"
expect 3 sealring renew a.test
moved=$(of renewal.renew_at)
[[ $moved < $instant ]] || fail "the window was moved, and the renewal was not: $moved"
sealring show a.test >"$BED/out"
grep -q 'https://ca.test/why' "$BED/out" || fail 'the explanation is not shown'
for answer in 'no JSON' '{}' '{"suggestedWindow":{"start":"soon","end":"later"}}' "$(window '-1 day' '-2 days')" '[]'; do
  suggest a.test "$answer"
  expect 3 sealring renew a.test
  grep -q 'renewal' "$BED/err" || { cat "$BED/err" >&2; fail "not said: that the CA answered $answer"; }
  [[ $(of renewal.renew_at) == "$moved" ]] || fail "a renewal at $(of renewal.renew_at) after the answer $answer"
done

# Past: now, and it is said which certificate the new one replaces. A CA that sees that twice refuses, and then it goes without.
suggest a.test "$(window '-2 days' '-1 day')"
mkdir "$BED/before"
cp -a "$home"/{state.db,live} "$BED/before"
old=$(of serial)
sealring renew a.test >"$BED/out"
[[ $(of serial) != "$old" ]] || fail 'not renewed in a window that is past'
grep -q 'ARI: order .* is a replacement of' "$BED/ca/pebble.log" || fail 'the CA was not told what is replaced'
judge a.test
[[ $(of renewal.window_start) == null ]] || fail 'the new certificate has the window of the old one'

rm -r "$home/live"
cp -a "$BED/before"/. "$home" # a backup put back
[[ $(of serial) == "$old" ]] || fail 'the backup is not back'
expect 0 sealring renew a.test
grep -q 'alreadyReplaced' "$BED/err" || { cat "$BED/err" >&2; fail 'the CA was not told twice what is replaced'; }
judge a.test

# The agent asks by itself, and renews.
suggest a.test "$(window '-2 days' '-1 day' https://ca.test/now)"
database 'UPDATE upkeep SET ask_at = 0'
old=$(of serial)
start_agent
await_line 'manager ready'
kill -HUP "$agent" # so that it looks at once
await 20 bash -c '[[ $("$1" --config "$2/sealring.toml" show a.test --json | jq -r .serial) != "$3" ]]' bash "$SEALRING" "$home" "$old"
await_line 'as its CA suggests; it explains why at https://ca.test/now'
await_line 'issued a.test'
judge a.test
expect 3 sealring renew a.test
stop_agent
echo 'renewed when the CA says so, by the command and by the agent'
