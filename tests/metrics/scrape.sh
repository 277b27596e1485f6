#!/usr/bin/env bash
# A keeper signs, denies and fails, and a real scrape has the counts; promtool and a real Prometheus like what they read; every
# metric that alerts and dashboard name is there.
# usage: SERVER=metrics_server SHIM=sealring_pkcs11_shim.so CLIENTS=keeper_clients bed.sh --no-pebble scrape.sh
here=$(dirname "$(realpath "$0")")
# shellcheck source=tests/system/lib.sh
. "$here/../system/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

docs=$here/../../docs
faults=$BED/faults # read by the shim at each call
configure "environment = [\"SHIM_MODULE=$MODULE\", \"SHIM_FAIL_FILE=$faults\"]"
begin
mkfifo "$BED/hold"
"$SERVER" "$home/sealring.toml" <"$BED/hold" >"$BED/port" &
exec 3>"$BED/hold"
await 10 test -s "$BED/port"
url=http://127.0.0.1:$(<"$BED/port")

scrape() { curl -sS --max-time 5 "$url/metrics" >"$BED/metrics"; }
value() { sed -n "s/^$1 //p" "$BED/metrics"; }
shows() { scrape && [[ $(value "$1") == "$2" ]]; } # METRIC VALUE
count() { value "sealring_signatures_total{key=\"$1\",outcome=\"$2\"}"; }

clients once >/dev/null
"$tests/ask.py" "$address" digest served.test >/dev/null && fail 'a digest was signed'
"$tests/ask.py" "$address" digest no-such.test >/dev/null && fail 'a key that is not there signed'
"$tests/ask.py" "$address" digest nor-this.test >/dev/null && fail 'a key that is not there signed'
shows sealring_hsm_up 1 || fail 'the HSM is not up'
done_before=$(count served.test signed)
(( done_before >= 1 )) || fail 'no signature was counted'
[[ $(count served.test denied) == 1 && $(count '' denied) == 2 && $(count served.test failed) == 0 ]] ||
  { grep signatures_total "$BED/metrics"; fail 'denials are not counted as they were'; }
grep -q such.test "$BED/metrics" && fail 'what strangers ask for is remembered'
for histogram in queue hsm; do
  [[ $(value "sealring_signature_${histogram}_seconds_count{purpose=\"tls-server\"}") == "$done_before" ]] ||
    fail "the $histogram's histogram has not each signature"
done
[[ $(curl -sS "$url/healthz") == ok ]] || fail 'not healthy'

# What promtool says, and what the documents name.
promtool check metrics <"$BED/metrics" || fail 'promtool does not like the metrics'
promtool check rules "$docs/alerts.yml"
jq -e . "$docs/grafana-dashboard.json" >/dev/null || fail 'the dashboard is no JSON'
grep -ohE 'sealring_[a-z_]+' "$docs/alerts.yml" "$docs/grafana-dashboard.json" | sed 's/_bucket$/_count/' | sort -u |
  while read -r name; do
    grep -qE "^${name}[{ ]" "$BED/metrics" || fail "the alerts or the dashboard name $name, which is not there"
  done

# A real Prometheus.
cat >"$BED/prometheus.yml" <<YML
rule_files: ["$(realpath "$docs/alerts.yml")"]
scrape_configs:
  - job_name: sealring
    scrape_interval: 1s
    static_configs: [targets: ["${url#http://}"]]
YML
prometheus --config.file="$BED/prometheus.yml" --storage.tsdb.path="$BED/tsdb" --web.listen-address=127.0.0.1:9090 \
  --log.level=warn 2>"$BED/prometheus.log" &
prometheus=$!
knows() { # QUERY VALUE
  [[ $(curl -sS --max-time 5 --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query 2>/dev/null |
    jq -r '.data.result[0].value[1]') == "$2" ]]
}
await 20 knows 'sealring_signatures_total{key="served.test",outcome="signed"}' "$done_before"
await 20 knows 'up{job="sealring"}' 1

# A token that fails: counted, and told.
echo C_Sign:0:0x30 >"$faults"
clients once >/dev/null && fail 'a signature from a token that is down'
await 20 shows sealring_hsm_up 0
await 20 knows sealring_hsm_up 0
[[ $(curl -sS -o "$BED/out" -w '%{http_code}' "$url/healthz") == 503 ]] || fail '/healthz is well without a token'
grep -q CKR_DEVICE_ERROR "$BED/out" || fail "/healthz does not tell why: $(<"$BED/out")"
scrape
(( $(count served.test failed) >= 1 )) || fail 'no failure was counted'

# A keeper that never had a token answers, too.
kill "$prometheus"
stop_agent
rm "$faults"
mv "$BED/token/tokens" "$BED/token/away"
mkdir "$BED/token/tokens"
start_agent
await 30 shows sealring_hsm_up 0
# shellcheck disable=SC2317 # called by await
tells() { [[ $(curl -sS "$url/healthz") == *"$1"* ]]; }
await 20 tells 'no initialised token'
stop_agent
await 20 shows sealring_keeper_up 0
exec 3>&-
wait
echo "scraped: $(grep -vc '^#' "$BED/metrics") samples at the end"
