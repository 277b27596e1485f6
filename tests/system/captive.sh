#!/usr/bin/env bash
# A running agent with users of its own: keeper and supervisor are walled off from a program in the manager's place. Each wall
# alone holds against what it is for, and without them the same program can do all of it.
if [[ ${SEALRING_USERS-} != there ]]; then
  export SEALRING_USERS=there
  exec "$(dirname "$0")/../testbed/users.sh" "$0"
fi
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# The layout of agent/systemd/tmpfiles.conf.
chmod 0755 "$BED"
chmod a+rX "$BED/ca" "$CA_FILE"
home=$BED/etc
mkdir -m 0755 "$home" "$home/conf.d" "$BED/lib"
install -d -m 0700 -o sealring-keeper -g sealring-keeper "$BED/lib/keeper"
install -d -m 0755 -o sealring -g sealring "$BED/lib/manager"
chown -R sealring-keeper:sealring-keeper "$BED/token"
cat >"$home/sealring.toml" <<TOML
[hsm]
module = "$MODULE"
token = "$TOKEN"
pin-file = "$PIN_FILE"
environment = ["SOFTHSM2_CONF=$SOFTHSM2_CONF"]
[agent]
listen = ["@sealring-captive"]
audit = "$BED/lib/keeper/audit.log"
[ca]
directory = "$DIRECTORY"
ca-file = "$CA_FILE"
agree-tos = true
[state]
store = "sqlite3://$BED/lib/manager/state.db"
live = "$BED/lib/manager/live"
keeper = "$BED/lib/keeper"
[http-01]
listen = "$HTTP01"
[[certificate]]
name = "walled.test"
domains = ["walled.test"]
TOML

ask() { "$tests/ask.py" @sealring-captive "$@"; }
as_manager() { setpriv --reuid sealring --regid sealring --init-groups -- "$@"; }
keeper_of_agent() { pgrep -P "$agent" -f 'sealring-keeper'; }

"$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
agent=$!
until ask hello >"$BED/out" 2>&1; do
  (( SECONDS < 60 )) || { cat "$BED/agent.log" >&2; fail 'in a minute no keeper answers'; }
  sleep 0.05
done
keeper=$(keeper_of_agent)
grep -q 'keeper and manager run as the users "sealring-keeper" and "sealring"' "$BED/agent.log" || fail 'no word of the walls'
sealring -q issue --name walled.test >"$BED/out" || (( $? == 3 )) # the agent was quicker
openssl x509 -in "$BED/lib/manager/live/walled.test/cert.pem" -noout -serial >"$BED/out" || fail 'no certificate'

# What the kernel says of the keeper.
status() { awk -v field="$1:" '$1 == field { print $2 }' "/proc/$keeper/status"; }
[[ $(status Uid) == "$(id -u sealring-keeper)" && $(status Gid) == "$(id -g sealring-keeper)" ]] || fail 'the keeper is another user'
[[ $(awk '/^Uid:/ { print $2 }' "/proc/$agent/status") == 0 ]] || fail 'the supervisor is not root'
[[ $(status NoNewPrivs) == 1 && $(status Seccomp) == 2 ]] || fail 'the keeper is not sealed'
[[ $(status CapEff) =~ ^0+$ && $(status CapPrm) =~ ^0+$ && $(status CapAmb) =~ ^0+$ ]] || fail 'the keeper has capabilities'
grep -q '__[at]san_init' "$SEALRING" || (( $(status VmLck) > 0 )) || fail 'the keeper has no locked memory' # they lock none
grep -q '^Max core file size  *0  *0 ' "/proc/$keeper/limits" || fail 'the keeper may write a core'

attempts() { # [as=USER] [sealed]: what the captive could
  local address
  address=$(awk -F- '$2 ~ / r/ { print $1; exit }' "/proc/$keeper/maps")
  "$CAPTIVE" "$@" "keeper=$keeper" "address=$address" "pin=$PIN_FILE" "token=$(find "$BED/token/tokens" -name '*.object' | head -n 1)" \
    "config=$home/sealring.toml" "audit=$BED/lib/keeper/audit.log" "mark=$(find "$BED/lib/keeper" -name 'pin-tries-*' | head -n 1)" \
    "manager=$BED/lib/manager" >"$BED/attempts" || fail 'the captive'
  number=$(grep -vc '^#' "$BED/attempts")
}
could() { grep -P '^could\t' "$BED/attempts" | cut -f 2 || true; }

# In the manager's place: nothing. By its user alone: nothing either.
for walls in 'as=sealring sealed' as=sealring; do
  # shellcheck disable=SC2086
  attempts $walls
  [[ -z $(could) ]] || { could >&2; fail "these the manager ($walls) could"; }
  [[ $(keeper_of_agent) == "$keeper" ]] || fail 'the keeper has ended'
done
expect 1 as_manager "$tests/ask.py" @sealring-captive sign walled.test 'TLS'
expect 1 as_manager "$tests/ask.py" @sealring-captive sign walled.test "$(printf ' %.0s' {1..64})TLS 1.3, server CertificateVerify" \
  --zero --random 32

# The sandbox alone, as the keeper's own user: what it is for. It looks, and that is all: whether the keeper is there.
attempts as=sealring-keeper sealed
if grep -q '^#.*no Landlock' "$BED/attempts"; then
  echo 'this kernel has no Landlock: the sandbox alone was not tried'
else
  [[ $(could) == 'signal the keeper (0)' || -z $(could) ]] || { could >&2; fail 'these the sandbox alone let through'; }
fi
[[ $(keeper_of_agent) == "$keeper" ]] || fail 'the keeper has ended'

# Without either the same program can do each of them.
attempts
[[ $(could | wc -l) == "$number" ]] || { cat "$BED/attempts" >&2; fail 'the control could not do all of it: the test shows nothing'; }
kill "$agent"
wait "$agent" || true
sealring audit verify --log "$BED/lib/keeper/audit.log" >"$BED/out" || { cat "$BED/out" >&2; fail 'the audit log does not verify'; }
echo "$number attempts: none with both walls, none by the user alone; root without walls: all"
