#!/usr/bin/env bash
# Certificates in use: what the CA revokes, and what CT logs did not sign, shows at the next look; and so does what hides it.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=tests/system/scripted_ca_lib.sh
. "$(dirname "$0")/scripted_ca_lib.sh"

serial() { openssl x509 -in "$BED/live/$1/cert.pem" -noout -serial | cut -d= -f2; }

issue() { # NAME SCT: good, forged, unknown, none
  tell sct "{\"next\": \"$2\"}"
  sealring -q issue -d "$1" || fail "no certificate for $1"
  judge_by_root "$1"
}

mkfifo "$BED/probe.in" "$BED/probe.out"
start_probe() { # of the configuration as it is
  "$WATCH_PROBE" "$BED/sealring.toml" <"$BED/probe.in" >"$BED/probe.out" 7>&- 8<&- &
  probe=$!
  exec 5>"$BED/probe.in" 6<"$BED/probe.out"
}
stop_probe() {
  exec 5>&- 6<&-
  wait "$probe" || fail 'the probe does not end well'
}
shows() { # WHAT NAME JQ-CONDITION
  local found
  echo "$2" >&5
  read -r -t 20 found <&6 || fail "$1: the watcher says nothing"
  printf '%s: %s\n' "$1" "$found"
  jq -e "$3" <<<"$found" >/dev/null || fail "$1: not $3"
}

start_ca
init
printf '[watch]\nct-logs = "%s"\ninterval = "1s"\n' "$BED/ca/ct-logs.json" >>"$BED/sealring.toml"
issue good.test good
issue other.test good
issue forged.test forged
issue unknown.test unknown
issue none.test none

all_well='.valid_scts == 2 and .bad_scts == 0 and .unknown_scts == 0 and .trouble == "" and (has("revoked_at") | not)'
start_probe
shows 'all good' good.test "$all_well"
shows 'a forged SCT' forged.test '.valid_scts == 1 and .bad_scts == 1 and (.trouble | test("Scripted log 2.*bad signature"))'
shows 'an unknown log' unknown.test '.valid_scts == 1 and .unknown_scts == 1 and .bad_scts == 0 and (.trouble | test("unknown log"))'
shows 'no SCTs' none.test '.valid_scts == 0 and .bad_scts == 0 and (.trouble | test("has no SCTs"))'

tell revoke "{\"serial\": \"$(serial other.test)\", \"reason\": 4}"
shows 'a revoked serial' other.test '.revoked_at > 0 and .revocation_reason == 4 and .trouble == ""'
shows 'another than the revoked' good.test "$all_well"
state -e '.crl_requests.unchanged > 0 and .crl_requests.full == 2' >/dev/null ||
  { state .crl_requests >&2; fail 'a CRL that is the same was fetched again'; }

# What the issuer published before still counts: who hides the CRL hides no revocation that was seen.
for bad in 'stranger signature' 'garbage read.as.a.CRL' 'error 503' 'silent mpty' 'scope not.cover'; do
  read -r mode word <<<"$bad"
  tell crl "{\"mode\": \"$mode\"}"
  [[ $mode == scope ]] || shows "$mode, after a good one" other.test ".revocation_reason == 4 and (.trouble | test(\"$CRL.*$word\"))"
  stop_probe
  start_probe
  shows "$mode" other.test "(has(\"revoked_at\") | not) and .valid_scts == 2 and (.trouble | test(\"$CRL.*$word\"))"
  tell crl '{"mode": "good"}'
  shows 'good again' other.test '.revocation_reason == 4 and .trouble == ""'
done
stop_probe
start_probe
tell crl '{"mode": "stale"}'
shows 'stale' other.test '(has("revoked_at") | not) and (.trouble | test("not of the present time"))'
tell crl '{"mode": "good"}'
shows 'good again' other.test '.revocation_reason == 4 and .trouble == ""'
tell crl '{"mode": "stale"}'
shows 'an older one' other.test '.revocation_reason == 4 and (.trouble | test("older"))'
tell crl '{"mode": "good"}'

# The list of logs changes while we run.
jq 'del(.operators[1])' "$BED/ca/ct-logs.json" >"$BED/shorter.json"
cp "$BED/ca/ct-logs.json" "$BED/longer.json"
mv "$BED/shorter.json" "$BED/ca/ct-logs.json"
shows 'a log that left the list' good.test '.valid_scts == 1 and .unknown_scts == 1'
mv "$BED/longer.json" "$BED/ca/ct-logs.json"
shows 'and came back' good.test "$all_well"

stop_ca
shows 'the CA is gone' good.test '.valid_scts == 2 and (.trouble | test("CRL.*onnect")) and (has("revoked_at") | not)'
stop_probe
