#!/usr/bin/env bash
# A running agent and a CA that does as it is told: what CRL, CT logs and CA say of a certificate shows in status, show and
# metrics at the next look; what is revoked, or due, is replaced by itself; an outage and a limit are waited for.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"
# shellcheck source=tests/system/scripted_ca_lib.sh
. "$tests/scripted_ca_lib.sh"

metrics=127.0.0.1:9469
serial() { openssl x509 -in "$home/live/$1/cert.pem" -noout -serial | cut -d= -f2 | tr A-F a-f; }
is_replaced() { [[ $(serial "$1") != "$2" ]]; } # NAME SERIAL
says() { sealring show "$1" --json | jq -e "$2" >/dev/null; } # NAME JQ-CONDITION
needs_person() { # PATTERN: on the screen
  local status=0
  sealring status >"$BED/screen" || status=$?
  (( status < 2 )) && grep -q "$1" "$BED/screen"
}
counts() { # SAMPLE
  curl -sS --noproxy '*' --max-time 5 "http://$metrics/metrics" >"$BED/metrics" && grep -qxF "$1" "$BED/metrics"
}
value() { sed -n "s/^$1{certificate=\"$2\"} //p" "$BED/metrics"; } # METRIC NAME: as counted last
prometheus_knows() { # QUERY VALUE
  [[ $(curl -sS --noproxy '*' --max-time 5 --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query 2>/dev/null |
    jq -r '.data.result[0].value[1]') == "$2" ]]
}
is_healthy() { curl -sf --noproxy '*' --max-time 5 -o "$BED/health" "http://$metrics/healthz"; }
configured() { # NAME LINE...: another certificate, which the agent is told of
  printf '[[certificate]]\nname = "%s"\ndomains = ["%s"]\n' "$1" "$1" >"$home/conf.d/$1.toml"
  printf '%s\n' "${@:2}" >>"$home/conf.d/$1.toml"
  kill -HUP "$agent"
}
issue() { # NAME SCT
  tell sct "{\"next\": \"$2\"}"
  sealring -q issue -d "$1" || [[ $? == 3 ]] || fail "no certificate for $1"
  judge_by_root "$1"
}

start_ca --profile short=20
init
mkdir -p "$home/conf.d"
cat >>"$home/sealring.toml" <<TOML
[watch]
ct-logs = "$BED/ca/ct-logs.json"
interval = "1s"
[metrics]
listen = "$metrics"
TOML
start_agent
await_line 'manager ready'
kill -HUP "$agent" # its first look is now, and not in half a minute
await_line 'manager: configuration read again'
cat >"$BED/prometheus.yml" <<YML
scrape_configs:
  - job_name: sealring
    scrape_interval: 1s
    static_configs: [targets: ["$metrics"]]
YML
prometheus --config.file="$BED/prometheus.yml" --storage.tsdb.path="$BED/tsdb" --web.listen-address=127.0.0.1:9090 \
  --log.level=warn 2>"$BED/prometheus.log" 7>&- 8<&- &
prometheus=$!

# At once, by the first look.
issue good.test good
issue forged.test forged
issue unknown.test unknown
tell sct '{"next": "good"}'
await 10 counts 'sealring_certificate_scts{certificate="good.test",verdict="valid"} 2'
says good.test '.watch.valid_scts == 2 and (.watch | has("trouble") | not)' || fail 'good SCTs are not shown'
await 10 needs_person 'forged.test: .*Scripted log 2.*bad signature'
await 10 needs_person 'unknown.test: .*unknown log'
needs_person 'good.test: ' && fail 'something is wrong with a good certificate'
says forged.test '.watch.bad_scts == 1 and .watch.valid_scts == 1' || fail 'a forged SCT is not shown'
says unknown.test '.watch.unknown_scts == 1 and .watch.bad_scts == 0' || fail 'an unknown log is not shown'
await 10 counts 'sealring_certificate_scts{certificate="forged.test",verdict="bad"} 1'
await 10 counts 'sealring_certificate_scts{certificate="unknown.test",verdict="unknown"} 1'
echo 'a forged SCT and an unknown log: told'

# The numbers are those of the certificate, and others can read them.
not_after=$(date -d "$(openssl x509 -in "$home/live/good.test/cert.pem" -noout -enddate | cut -d= -f2)" +%s)
planned=$(sealring show good.test --json | jq '.renewal.renew_at | fromdate')
python3 -c 'import sys; a, b, c, d = map(float, sys.argv[1:]); sys.exit(a != b or c != d)' "$not_after" \
  "$(value sealring_certificate_not_after_timestamp_seconds good.test)" "$planned" \
  "$(value sealring_certificate_next_renewal_timestamp_seconds good.test)" || fail 'the metrics say other times than the certificate'
grep -qxF "sealring_ca_orders_total{ca=\"$DIRECTORY\",outcome=\"done\"} 3" "$BED/metrics" || fail 'the orders are not counted'
promtool check metrics <"$BED/metrics" || fail 'promtool does not like the metrics'
is_healthy || fail "not healthy: $(<"$BED/health")"
await 10 prometheus_knows 'count(sealring_certificate_scts{verdict="bad"} > 0)' 1

# Revoked by its CA, which then has an outage: told, and replaced when there is one to be had.
old=$(serial good.test)
tell outage '{"kind": "newOrder"}'
tell revoke "{\"serial\": \"$old\", \"reason\": 4}"
await 10 needs_person 'good.test: revoked by its CA at'
says good.test '.watch.revoked_at and .watch.revocation_reason == 4' || fail 'the revocation is not shown'
await 10 counts 'sealring_certificate_revoked{certificate="good.test"} 1'
is_healthy && fail '/healthz is well with a revoked certificate in use'
await 10 prometheus_knows 'sealring_certificate_revoked{certificate="good.test"}' 1
await 10 needs_person 'good.test: next try .*down, as told'
tell reset '{}'
kill -HUP "$agent"
await 10 is_replaced good.test "$old"
await 10 counts 'sealring_certificate_revoked{certificate="good.test"} 0'
needs_person 'good.test: ' && fail 'what was mended still needs a person'
new=$(serial good.test)
tell revoke "{\"serial\": \"$new\"}"
await 10 is_replaced good.test "$new"
echo 'revoked by its CA: replaced by itself'

# A manager that ends before its answer: the next one goes on, since the name stays in the files.
kill -STOP "$ca"
sealring -q issue -d cut.test 2>"$BED/cut" &
cut=$!
await_line 'POST "/v1/certificates/cut.test/issue"'
kill -KILL "$(pgrep -P "$agent" -f 'sealring manager')"
wait "$cut" && fail 'issued by a CA that stands still'
kill -CONT "$ca"
grep -q 'it goes on with' "$BED/cut" || { cat "$BED/cut" >&2; fail 'that it goes on is not told'; }
[[ -e $home/conf.d/cut.test.toml ]] || fail 'what goes on is not wanted any more'
await_line 'manager ready' 2
kill -HUP "$agent"
await 15 says cut.test '.status == "issued"'
# What the CA refuses is not wanted any more.
tell rate-limit '{"kind": "newOrder", "retryAfter": 7200, "url": "https://ca.test/unpause"}'
expect 1 sealring -q issue -d refused.test
[[ ! -e $home/conf.d/refused.test.toml ]] || fail 'a name that was refused stays'
tell reset '{}'
echo 'cut short: goes on'

# Its CA wants it renewed, and says why.
old=$(serial good.test)
tell renewal-info "{\"serial\": \"$old\", \"start\": \"2026-01-01T00:00:00Z\", \"end\": \"2026-01-02T00:00:00Z\",
  \"explanationURL\": \"https://ca.test/why\"}"
sealring -q renew good.test
await_line 'good.test is to be renewed at .*https://ca.test/why'
is_replaced good.test "$old" || fail 'the window was in the past, and it was not renewed'
state -e --arg serial "$old" 'any(.certificates[]; .serial == ($serial | ltrimstr("0")) and .replaced_by)' >/dev/null ||
  { state .certificates >&2; fail 'the CA was not told which one was replaced'; }
expect 3 sealring -q renew good.test
echo 'ARI: renewed in the window, with replaces'

# Too many: the page where a person can change that.
tell rate-limit '{"kind": "newOrder", "retryAfter": 7200, "url": "https://ca.test/unpause"}'
configured limited.test
await 10 needs_person 'limited.test: the CA wants you at https://ca.test/unpause'
says limited.test '.status == "missing" and (.renewal.try_at | fromdate) > now + 7000' || fail 'it does not wait as long as the CA says'
tell reset '{}'
kill -HUP "$agent" # a person was there
await 10 says limited.test '.status == "issued" and (.renewal | has("portal") | not)'
echo 'a limit: the portal is told'

# An outage as the end comes near: tried again by itself, at longer and longer intervals, until it has passed.
configured short.test 'profile = "short"'
await 10 says short.test '.status == "issued"'
tell outage '{"kind": "newOrder"}'
expect 1 sealring -q renew short.test # its window is there, as its CA says
old=$(serial short.test)
await 15 says short.test '.renewal.failures >= 2'
counts 'sealring_certificate_consecutive_failures{certificate="short.test"} 0' && fail 'its failures are not counted'
tell reset '{}'
await 15 is_replaced short.test "$old"
await 5 says short.test '.renewal.failures == 0 and (.renewal | has("trouble") | not)'
echo 'an outage: tried again, and over'

kill "$prometheus"
stop_agent
stop_ca
wait
