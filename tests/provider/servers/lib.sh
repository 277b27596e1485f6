# shellcheck shell=bash
# Sourced by each test of a server, inside a bed: certificates of an agent that runs, and Debian's servers on their references.
# PROVIDER in the environment: sealring.so.
servers=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/system/lib.sh
. "$servers/../../system/lib.sh"

# Servers become other users, and so does this.
setpriv --reuid 1 --regid 1 --clear-groups true 2>/dev/null || { echo 'skipped: this takes root'; exit 77; }
unset OPENSSL_CONF OPENSSL_MODULES
http_port=$((TLS_PORT + 1))
pg_port=$((TLS_PORT + 2))
# What the servers' files say, and where that is in the bed.
in_bed() { # FILE
  sed -e "s#/etc/sealring/#$home/#g" -e "s#/usr/lib/ossl-modules/sealring.so#$PROVIDER#" -e "s#/run/#$BED/run/#g" \
    -e "s#/run\$#$BED/run#" -e "s#/var/log/[a-z0-9]*/#$BED/log/#g" -e "s#/var/lib/nginx/#$BED/run/#g" \
    -e "s#127.0.0.1:8443#127.0.0.1:$TLS_PORT#; s#\*:8443#*:$TLS_PORT#; s#127.0.0.1:8080#127.0.0.1:$http_port#" \
    -e "s#port = 5432#port = $pg_port#" "$servers/$1" >"$BED/$1"
}

await() { # SECONDS COMMAND...: until it succeeds; three times as long on a machine that has more to do
  local deadline=$((SECONDS + 3 * $1))
  until "${@:2}"; do
    (( SECONDS <= deadline )) || complain "within $((3 * $1)) s not: ${*:2}"
    sleep 0.02
  done
}

listening() { [[ $(ss -Hltn "sport = :$1") ]]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
ready() { # NUMBER of agents so far
  [[ $(grep -c 'keeper ready' "$BED/agent.log") == "$1" ]]
}

# --- The agent ---

started=0
start_agent() {
  "$SEALRING" --config "$home/sealring.toml" agent 2>>"$BED/agent.log" &
  # shellcheck disable=SC2034 # it is for the tests
  agent=$!
}
await_agent() { await 30 ready "$((started += 1))"; }

with_agent() { # ISSUED...: of those below
  init >"$BED/out"
  # Others may pass, to what they may see.
  chmod 0711 "$BED"
  mkdir -m 0755 "$BED/log" "$BED/run"
  cat >>"$home/sealring.toml" <<TOML
[agent]
listen = ["$BED/run/sign.sock", "@sealring-servers"]
TOML
  sed -i 's/^\[state\]$/&\ngroup = "postgres"/' "$home/sealring.toml"
  local name type
  for name in "$@"; do
    type=p256
    [[ $name != *rsa* ]] || type=rsa2048
    case $name in
      raw-*) printf '[[key]]\nname = "%s"\ntype = "%s"\npeers = ["root"]\n' "$name" $type ;;
      client-*) printf '[[certificate]]\nname = "%s"\ndomains = ["%s"]\nkey = "%s"\npurpose = "tls-client"\npeers = ["root"]\n' "$name" "$name" $type ;;
      *) printf '[[certificate]]\nname = "%s"\ndomains = ["%s"]\nkey = "%s"\npeers = ["root", "www-data", "haproxy", "postgres"]\n' "$name" "$name" $type ;;
    esac >>"$home/sealring.toml"
  done
  for name in "$@"; do
    if [[ $name == raw-* ]]; then
      sealring -q key generate "$name" >/dev/null
      sealring key reference "$name" >"$BED/$name.pem"
    else
      sealring -q issue --name "$name" >/dev/null
    fi
  done
  from_ca roots/0 >"$BED/root.pem"
  chmod 0644 "$BED/root.pem"
  in_bed openssl.cnf
  : >"$BED/agent.log"
  start_agent
  await_agent
}

# The one thing that a server is given.
served() { OPENSSL_CONF=$BED/openssl.cnf "$@"; }

# --- From outside, without the provider ---

by_openssl() { # NAME OPTION...
  openssl s_client -connect "127.0.0.1:${port:-$TLS_PORT}" -servername "$1" -CAfile "$BED/root.pem" -verify_return_error \
    -verify_hostname "$1" "${@:2}" </dev/null >"$BED/s_client.log" 2>&1
}
by_curl() { # NAME OPTION...
  curl -sS -o /dev/null --noproxy '*' --cacert "$BED/root.pem" --resolve "$1:$TLS_PORT:127.0.0.1" "${@:2}" \
    "https://$1:$TLS_PORT/" 2>"$BED/curl.log"
}
complain() { # TEXT: with all that was said
  tail -n 20 "$BED"/log/* "$BED"/{s_client,curl,agent}.log >&2 2>/dev/null || true
  fail "$*"
}

judge_name() { # SERVER NAME OPTION...: both versions; the options are for s_client
  local version type
  for version in 1.2 1.3; do
    by_openssl "$2" "-tls${version/./_}" "${@:3}" || complain "$1: $2: TLS $version: s_client"
    type=ECDSA
    [[ $2 != rsa* ]] || type=RSA
    grep -q "^Peer signature type: $type" "$BED/s_client.log" || complain "$1: $2: TLS $version: not signed by $type"
  done
}
judge_curl() { # SERVER NAME
  by_curl "$2" --tls-max 1.2 || complain "$1: $2: TLS 1.2: curl"
  by_curl "$2" --tlsv1.3 || complain "$1: $2: TLS 1.3: curl"
}
judge_refused_suites() { # SERVER NAME OPTION...
  local suites
  for suites in kRSA kDHE; do
    ! by_openssl "$2" -tls1_2 -cipher "$suites" "${@:3}" || complain "$1: $2: $suites is offered"
    grep -q 'alert handshake failure' "$BED/s_client.log" || complain "$1: $2: $suites ends otherwise than by an alert"
  done
}
judge_server() { # SERVER
  local name
  for name in ec.test rsa.test; do
    judge_name "$1" $name
    judge_curl "$1" $name
    judge_refused_suites "$1" $name
  done
  echo "$1: P-256 and RSA-2048, TLS 1.2 and 1.3; neither TLS_RSA nor DHE"
}

# --- Servers ---

server=
start() { # COMMAND...: in the foreground; sets `server`
  # No function, so that `server` is the server; a session of its own, since Apache ends its whole process group.
  OPENSSL_CONF=$BED/openssl.cnf setsid "$@" >>"$BED/log/output" 2>&1 &
  server=$!
  await 30 up
}
up() {
  ! gone "$server" || complain 'the server has ended'
  listening "${port:-$TLS_PORT}"
}
stop() {
  kill "$server"
  wait "$server" || true
}
start_nginx() { # OPTION...
  in_bed nginx.conf
  start nginx -c "$BED/nginx.conf" -e "$BED/log/error.log" -g 'daemon off;' "$@"
}

# --- Load ---

loads=()
load() { # PORT NAME THREADS [FILE]: handshakes.py, into $BED/FILE ("load" if absent), until end_load
  local file=${4:-load}
  : >"$BED/$file"
  "$servers/handshakes.py" "$1" "$2" "$BED/root.pem" "$3" >"$BED/$file" &
  loads+=($!)
  await 30 more_than 0 "$file"
}
end_load() {
  kill "${loads[@]}"
  wait "${loads[@]}"
  loads=()
}
handshakes() { wc -l <"$BED/${1:-load}"; }
more_than() { (( $(handshakes "${2:-}") > $1 )); } # NUMBER [FILE]
no_failures() { # of the load, which has ended
  local failed
  failed=$(grep -c failed "$BED/load" || true)
  [[ $failed == 0 ]] || { grep failed "$BED/load" | cut -d' ' -f3- | sort | uniq -c >&2; complain "$failed of $(handshakes) handshakes failed"; }
}
serial_of() { # NAME
  local serial
  serial=$(openssl x509 -in "$home/live/$1/cert.pem" -noout -serial)
  echo "${serial#serial=}"
}
