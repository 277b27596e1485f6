#!/usr/bin/env bash
# One issuance on an existing account, sealring beside uacme, in turns on the same CA: requests, wall, CPU.
# usage: bench/versus_uacme.sh [ROUNDS]      (as root; prints the median, and the least and the most, of each)
#
# Both have a P-256 account and certificate key, http-01, a new name each time, and trust nothing but the CA's own anchor.
# sealring signs in the token and answers the challenge itself; uacme has keys in files, and a web server that is not
# counted against it. The CA neither sleeps nor refuses good nonces nor reuses authorizations.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
# Of Pebble 2.10 uacme fails 5 in 7: it stops at a challenge that has no token.
[[ ${BED-} ]] || PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0 exec "$here/../tests/testbed/bed.sh" --pebble 2.4 "$0" "$@"
rounds=${1:-11}
cd "$BED"

# uacme reads the system's trust store, file and folder, at each connection; in this bed's own mounts that is the CA alone.
mkdir trust
cp "$CA_FILE" trust/ca-certificates.crt
mount --bind trust /etc/ssl/certs

mkdir -p web/.well-known/acme-challenge
cat >hook <<'END'
#!/bin/sh
[ "$1" != begin ] || { [ "$2" = http-01 ] && printf %s "$5" >"web/.well-known/acme-challenge/$4"; }
END
chmod +x hook

with_web_server() { # both need the port: each has it for its turn only
  python3 -m http.server --directory web --bind "${HTTP01%:*}" "${HTTP01#*:}" >web.log 2>&1 &
  local server=$!
  until (: <"/dev/tcp/${HTTP01/:/\/}") 2>/dev/null; do sleep 0.02; done
  "$@"
  kill "$server"
  wait "$server" || true
}

TIMEFORMAT='%R %U %S'
measure() { # CLIENT COMMAND...: a line "requests wall cpu" in the client's file
  local before requests
  before=$(grep -c 'calling handler' ca/pebble.log)
  { time "${@:2}" >client.log 2>&1 || { cat client.log >&2; return 1; }; } 2>client.time
  requests=$(($(grep -c 'calling handler' ca/pebble.log) - before))
  awk -v requests="$requests" '{ print requests, 1000 * $1, 1000 * ($2 + $3) }' client.time >>"$1.rounds"
}

column() { # CLIENT NUMBER: median (least-most)
  cut -d ' ' -f "$2" "$1.rounds" | sort -n |
    awk '{ v[NR] = $1 } END { printf "%g (%g-%g)", v[int((NR + 1) / 2)], v[1], v[NR] }'
}

"$SEALRING" --config sealring.toml -q init --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" \
  --directory "$DIRECTORY" --ca-file "$CA_FILE" --contact mailto:ops@example.test --agree-tos --http-01 "$HTTP01"
"$SEALRING" --config sealring.toml -q issue -d account.test
uacme -c uacme -a "$DIRECTORY" -t EC -y new 2>client.log

for ((round = 1; round <= rounds; ++round)); do
  measure sealring "$SEALRING" --config sealring.toml -q issue -d "s$round.test"
  with_web_server measure uacme uacme -c uacme -a "$DIRECTORY" -t EC -h ./hook issue "u$round.test"
done

echo "$PEBBLE, $rounds rounds in turns; median (least-most)"
for client in sealring uacme; do
  printf '%-9s requests %s   wall %s ms   cpu %s ms\n' \
    "$client" "$(column "$client" 1)" "$(column "$client" 2)" "$(column "$client" 3)"
done
