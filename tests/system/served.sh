# shellcheck shell=bash
# Sourced after lib.sh by tests in which servers of other users get handshakes signed.

: "${home:?lib.sh comes first}"

# Not in a user namespace, where root cannot become anybody else.
setpriv --reuid www-data --regid www-data --clear-groups true 2>/dev/null || { echo 'SKIPPED: only root can start servers'; exit 77; }
chmod 0711 "$BED" # their users must get to live/ and to the socket
mkdir "$BED/run"
agent=

start_agent() {
  "$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
  agent=$!
  await grep -q 'keeper ready' "$BED/agent.log"
}

stop_agent() {
  kill "$agent"
  wait "$agent" || fail 'the agent does not end well'
}

await() { # COMMAND...: until it succeeds, for half a minute
  local deadline=$((SECONDS + 30))
  until "$@"; do
    (( SECONDS <= deadline )) || { cat "$BED"/*.log >&2; fail "within 30 s not: $*"; }
    sleep 0.02
  done
}
