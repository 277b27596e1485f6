#!/usr/bin/env bash
# One issuance on an existing account, sealring beside uacme, lego, certbot and acme-tiny, in random order on the same CA:
# requests, wall, CPU. Then what sealring does with many: one after another, at the same time, and with a CA that refuses every
# other good nonce.
# usage: bench/issuance.sh [ROUNDS]      (as root; 11 if absent)
#
# All have http-01, a P-256 certificate key, a new name each time, and trust nothing but the CA's own anchor. sealring signs in
# a token, the others with keys in files. Who answers no challenge himself has a web server that is not counted against him.
# The CA neither sleeps nor refuses good nonces nor reuses authorizations.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/..")
rounds=${1:-11}
if [[ ! $rounds =~ ^[1-9][0-9]*$ ]]; then
  sed -n 's/^# usage: /usage: /p' "$0" >&2
  exit 2
fi
if [[ ! ${BED-} ]]; then
  (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target sealring) >&2
  # In memory: a disk on which others write would be measured, too.
  [[ ${TMPDIR-} || ! -d /dev/shm ]] || export TMPDIR=/dev/shm
  # Of later ones uacme fails 5 in 7: it stops at a challenge that has no token.
  PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0 "$root/tests/testbed/bed.sh" --pebble 2.4 "$0" "$rounds"
  PEBBLE_WFE_NONCEREJECT=50 PEBBLE_AUTHZREUSE=0 exec "$root/tests/testbed/bed.sh" --pebble 2.4 "$0" "$rounds"
fi
# shellcheck source=tests/system/lib.sh
. "$root/tests/system/lib.sh"
cd "$BED"

requests() { grep -c 'calling handler' ca/pebble.log || true; }
many() { # NUMBER: so many certificates in the files of $home
  local i
  mkdir -p "$home/conf.d"
  for ((i = 1; i <= $1; ++i)); do
    printf '[[certificate]]\nname = "%s"\ndomains = ["%s"]\n' "m$i.test" "m$i.test"
  done >"$home/conf.d/many.toml"
}
issue_many() { # NUMBER WHAT OPTION...: on an account that is there, in one process
  local before seconds
  home=$BED/many-$((++runs))
  init -q >/dev/null
  many "$1"
  before=$(requests)
  seconds=$({ TIMEFORMAT=%R; time sealring -q issue "${@:3}" >many.log 2>&1; } 2>&1) || { cat many.log >&2; fail "$2"; }
  printf '%-52s %3d of %d in %6.2f s, %5.1f a second, %d requests\n' "$2" \
    "$(grep -c ^issued many.log)" "$1" "$seconds" "$(bc <<<"scale=3; $1 / $seconds")" $(($(requests) - before))
}
runs=0

if grep -q 'reject 50% of good nonces' ca/pebble.log; then
  issue_many 20 'half of all good nonces refused, one after another' --jobs 1
  exit
fi

# uacme reads the system's trust store, file and folder, at each connection; in this bed's own mounts that is the CA alone. The
# other ones are told.
mkdir -p trust web/.well-known/acme-challenge
cp "$CA_FILE" trust/ca-certificates.crt
mount --bind trust /etc/ssl/certs
export LEGO_CA_CERTIFICATES=$CA_FILE REQUESTS_CA_BUNDLE=$CA_FILE SSL_CERT_FILE=$CA_FILE

cat >hook <<'END_OF_HOOK'
#!/bin/sh
[ "$1" != begin ] || { [ "$2" = http-01 ] && printf %s "$5" >"web/.well-known/acme-challenge/$4"; }
END_OF_HOOK
chmod +x hook

# --- The clients: how each gets a certificate for a name ---

sealring_alone() { home=$BED/alone sealring -q issue -d "$1"; }
sealring_agent() { SOFTHSM2_CONF=$BED/agents/softhsm2.conf home=$BED/by-agent sealring -q issue -d "$1"; }
run_uacme() { uacme -c uacme -a "$DIRECTORY" -t EC -h ./hook issue "$1"; }
run_lego() {
  lego --server "$DIRECTORY" --accept-tos --email ops@example.test --path lego --key-type ec256 --http --http.port "$HTTP01" \
    -d "$1" run
}
run_certbot() {
  certbot certonly --non-interactive --server "$DIRECTORY" --agree-tos --register-unsafely-without-email --standalone \
    --http-01-address "${HTTP01%:*}" --http-01-port "${HTTP01#*:}" --key-type ecdsa --elliptic-curve secp256r1 \
    --config-dir certbot --work-dir certbot/work --logs-dir certbot/log -d "$1"
}
run_acme_tiny() { # its user makes key and request
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj / -addext "subjectAltName=DNS:$1" \
    -keyout "$1.key" -out "$1.csr" &&
    acme-tiny --account-key acme-tiny.key --csr "$1.csr" --acme-dir web/.well-known/acme-challenge --disable-check \
      --directory-url "$DIRECTORY" >"$1.pem"
}
# What it would have others trust is in the environment: sealring's own anchor is in its configuration.
declare -A run=([sealring]=sealring_alone ['sealring, agent']=sealring_agent [uacme]=run_uacme [lego]=run_lego
  [certbot]=run_certbot [acme-tiny]=run_acme_tiny)
declare -A needs_web_server=([uacme]=1 [acme-tiny]=1)

with_web_server() { # whoever answers himself needs its port: each has it for its turn only
  python3 -m http.server --directory web --bind "${HTTP01%:*}" "${HTTP01#*:}" >web.log 2>&1 &
  local server=$! deadline=$((SECONDS + 30)) status=0
  until (: <"/dev/tcp/${HTTP01/:/\/}") 2>/dev/null; do
    kill -0 "$server" && ((SECONDS < deadline)) || { cat web.log >&2; fail 'the web server does not start'; }
    sleep 0.02
  done
  "$@" || status=$?
  kill "$server"
  wait "$server" || true
  return "$status"
}

ticks() { # what the agent and its roles have used so far: hundredths of a second
  local pid sum=0 fields
  for pid in "$agent" $(pgrep -P "$agent"); do
    read -r -a fields < <(sed 's/.*) //' "/proc/$pid/stat")
    sum=$((sum + fields[11] + fields[12]))
  done
  echo "$sum"
}

declare -A failed=()
measure() { # CLIENT NAME: a line "requests wall cpu" in the client's file, or one more failure
  local TIMEFORMAT='%R %U %S' before used=0
  before=$(requests)
  [[ $1 != *agent ]] || used=$(ticks)
  if { time "${run[$1]}" "$2" >client.log 2>&1; } 2>client.time; then
    [[ $1 != *agent ]] || used=$(($(ticks) - used))
    awk -v requests=$(($(requests) - before)) -v used="$used" '{ print requests, 1000 * $1, 1000 * ($2 + $3) + 10 * used }' \
      client.time >>"$1.rounds"
  else
    echo "$2 by $1:" >&2
    tail -n 3 client.log >&2
    failed[$1]=$((${failed[$1]-0} + 1))
  fi
}

turn() { # CLIENT NAME
  local go=()
  [[ ! ${needs_web_server[$1]-} ]] || go=(with_web_server)
  "${go[@]}" measure "$1" "$2"
}

# --- Accounts ---

home=$BED/alone init -q >/dev/null
"$root/tests/testbed/softhsm.sh" "$BED/agents" agents "$MODULE"
SOFTHSM2_CONF=$BED/agents/softhsm2.conf TOKEN=agents PIN_FILE=$BED/agents/pin home=$BED/by-agent init -q >/dev/null
SOFTHSM2_CONF=$BED/agents/softhsm2.conf "$SEALRING" --config by-agent/sealring.toml agent 2>agent.log &
agent=$!
deadline=$((SECONDS + 60))
until home=$BED/by-agent sealring status >/dev/null 2>&1 && grep -q 'keeper ready' agent.log; do
  kill -0 "$agent" && ((SECONDS < deadline)) || { cat agent.log >&2; fail 'the agent does not start'; }
  sleep 0.05
done
clients=(sealring 'sealring, agent')
for rival in uacme lego certbot acme-tiny; do
  if command -v "$rival" >/dev/null; then clients+=("$rival"); else echo "$rival is not installed, and left out"; fi
done
[[ " ${clients[*]} " != *' uacme '* ]] || uacme -c uacme -a "$DIRECTORY" -t EC -y new >client.log 2>&1
openssl genrsa -out acme-tiny.key 2048 2>client.log # it takes no other kind
for client in "${clients[@]}"; do
  turn "$client" "account-of-$(tr -dc a-z <<<"$client").test"
  rm -f "$client.rounds" # lego, certbot and acme-tiny make theirs on the way
done
failed=()

# --- Rounds ---

for ((round = 1; round <= rounds; ++round)); do
  mapfile -t order < <(printf '%s\n' "${clients[@]}" | shuf)
  for client in "${order[@]}"; do turn "$client" "r$round-$(tr -dc a-z <<<"$client").test"; done
done

column() { # CLIENT NUMBER: median (least-most)
  cut -d ' ' -f "$2" "$1.rounds" | sort -n |
    awk '{ v[NR] = $1 } END { printf "%.0f (%.0f-%.0f)", v[int((NR + 1) / 2)], v[1], v[NR] }'
}

echo "$PEBBLE, $rounds rounds in random order; median (least-most)"
printf '%-16s %-12s %-18s %-16s %8s\n' client requests 'wall ms' 'CPU ms' 'a minute'
for client in "${clients[@]}"; do
  [[ -e $client.rounds ]] || { echo "$client has not issued any"; continue; }
  printf '%-16s %-12s %-18s %-16s %8.0f%s\n' "$client" "$(column "$client" 1)" "$(column "$client" 2)" "$(column "$client" 3)" \
    "$(awk '{ wall += $2 } END { print 60000 * NR / wall }' "$client.rounds")" "${failed[$client]+   ${failed[$client]} failed}"
done
kill "$agent"
wait "$agent" || true

# --- Many ---

issue_many 20 'one after another, in one process' --jobs 1
issue_many 100 'at the same time, in one process'
