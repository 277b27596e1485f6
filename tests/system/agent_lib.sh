# shellcheck shell=bash
# Sourced after lib.sh by tests of a running agent's faults, in a bed without a CA: the keeper needs none.
# In the environment: CLIENTS, the program keeper_clients.

: "${home:?lib.sh comes first}"

address=@sealring-faults
agent=

configure() { # HSM-LINE...: one key for TLS handshakes, "served.test"
  cat >"$home/sealring.toml" <<TOML
[hsm]
module = "${SHIM:-$MODULE}"
token = "$TOKEN"
pin-file = "$PIN_FILE"
$(printf '%s\n' "$@")
[agent]
listen = ["$address"]
[ca]
directory = "https://127.0.0.1:1/none"
[[certificate]]
name = "served.test"
domains = ["served.test"]
peers = ["$(id -u)"]
TOML
}

start_agent() {
  : >>"$BED/agent.log" # to be looked into before it is there
  "$SEALRING" --config "$home/sealring.toml" agent 2>>"$BED/agent.log" &
  agent=$!
}

stop_agent() {
  kill "$agent"
  wait "$agent" || fail 'the agent does not end well'
}

keeper() { pgrep -P "$agent" -f 'sealring-keeper'; }

clients() { "$CLIENTS" "$1" "$address" served.test "${@:2}"; }

lines() { grep -c -- "$1" "$BED/agent.log" || true; }

await() { # SECONDS COMMAND...: until it succeeds; three times as long on a machine that has more to do
  local deadline=$((SECONDS + 3 * $1))
  until "${@:2}"; do
    (( SECONDS <= deadline )) || { cat "$BED/agent.log" >&2; fail "within $((3 * $1)) s not: ${*:2}"; }
    sleep 0.02
  done
}

await_line() { # TEXT [NUMBER]: until the agent's log has it, so many times
  # shellcheck disable=SC2016 # for the inner shell
  await 30 bash -c '(( $(grep -c -- "$1" "$2") >= $3 ))' bash "$1" "$BED/agent.log" "${2:-1}"
}

begin() { # with the key made
  start_agent
  await_line 'keeper ready'
  clients make
}
