#!/usr/bin/env bash
# kill -9 of manager and keeper, from outside, before each call that writes, makes durable, switches over or sends: the next run
# goes on with no person's help. No order is lost, no key is left in the token that nobody knows, and certificate and key on
# disk are of one pair at any moment.
# usage: bed.sh killed.sh [SCENARIO...]
#
# POINTS=all kills at every call that an undisturbed run makes; else at so many of each scenario, spread evenly.
# The keeper is killed at its own files alone: what SoftHSM writes is its own affair. Version 2.6.1 empties token.object before
# it writes it anew at each C_Login, and a kill between the two loses the token.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

calls=write,pwrite64,fsync,fdatasync,rename,symlink,unlink,sendto,sendmsg
keepers_files=(-P "$home/audit.log" -P "$home/keeper" -P "$home/keeper/book.json")
live=$home/live/killed.test
kills=0

rows() { sqlite3 -cmd ".timeout 5000" "$home/state.db" "$@"; }

# --- What must hold ----------------------------------------------------------------------------------------------------------

on_disk() { # at any moment
  local spki reference
  spki=$(openssl x509 -in "$live/cert.pem" -noout -pubkey | openssl pkey -pubin -outform DER | hex)
  reference=$(openssl asn1parse -in "$live/privkey.pem" -noout -out /dev/stdout | hex)
  [[ $reference == *"$spki" ]] || fail "$point: certificate and key do not match"
}

# shellcheck disable=SC2317 # called by await
calm() { # what was begun is done
  [[ $(rows 'SELECT (SELECT COUNT(*) FROM pending_order) + (SELECT COUNT(*) FROM pending_revocation)
    + (SELECT COUNT(*) FROM pending_key) + (SELECT COUNT(*) FROM pending_rollover WHERE begun)') == 0 ]]
}

no_journal() {
  local table
  for table in key order challenge revocation rollover; do
    [[ $(rows "SELECT COUNT(*) FROM pending_$table") == 0 ]] || { rows "SELECT * FROM pending_$table" >&2; fail "$point: pending_$table is not empty"; }
  done
}

no_orphans() { # the token's keys are the audit log's, the account's, and those of certificates
  { echo sealring-audit; rows 'SELECT key_label FROM account UNION SELECT key_label FROM certificate'; } | sort >"$BED/known"
  private_keys | sed 's/: .*//; s/^sealring-audit.*/sealring-audit/' | sort | diff "$BED/known" - >&2 || fail "$point: keys in the token"
}

# Orders of the CA that never came to a certificate. One whose names could not be proved is invalid, and not lost.
no_orders_lost() {
  local log=$BED/ca/pebble.log
  sed -n 's/.*Added order "\(.*\)" to the db.*/\1/p' "$log" | sort >"$BED/ordered"
  sed -n 's/.*Issued certificate serial .* for order \(.*\)/\1/p' "$log" | sort >"$BED/served"
  diff "$BED/ordered" "$BED/served" >&2 || fail "$point: orders lost"
}

# --- Kills -------------------------------------------------------------------------------------------------------------------

# The calls of a trace as "CALL N", counted as strace does: by thread.
points() { # TRACE
  awk 'match($0, /^([0-9]+ +)?[a-z0-9]+\(/) {
         call = substr($0, 1, RLENGTH - 1); n = ++count[call]; sub(/^[0-9]+ +/, "", call)
         if (!seen[call, n]++) print call, n
       }' "$1" |
    awk -v most="${POINTS:-$number}" '
      { line[NR] = $0 }
      END { if (most == "all" || most > NR) most = NR; for (i = 0; i < most; ++i) print line[int(i * NR / most) + 1] }'
}

quietly() { "$@" >"$BED/out" 2>"$BED/err"; }

converges() {
  on_disk
  # As an agent does after a while by itself.
  if [[ $agent ]]; then
    kill -HUP "$agent"
    await 20 calm
  fi
  "next_$scenario" || { cat "$BED/err" >&2; fail "$point: the next run does not go on"; }
  on_disk
  no_journal
}

# Commands with a manager of their own: the command is its process, and its keeper the child.
by_command() { # NUMBER VICTIM COMMAND...
  local number=$1 victim=$2 command=("$SEALRING" --config "$home/sealring.toml" -q "${@:3}") follow=() strike call n
  [[ $victim == manager ]] || follow=(-f "${keepers_files[@]}")
  "before_$scenario"
  point="$scenario, $victim, undisturbed"
  quietly strace -qq -o "$BED/trace" -e trace="$calls" "${follow[@]}" -- "${command[@]}" || { cat "$BED/err" >&2; fail "$point"; }
  points "$BED/trace" >"$BED/points"
  while read -r call n; do
    "before_$scenario"
    point="$scenario, $victim, $call $n"
    strike=(-qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n")
    # In a shell of its own, which is not one to tell of each kill. Without a kill it made fewer calls this time.
    (quietly strace "${strike[@]}" "${follow[@]}" -- "${command[@]}" || exit) 2>/dev/null && continue
    kills=$((kills + 1))
    await 10 no_keeper
    converges
  done <"$BED/points"
  no_orphans
}

# One that has lost its command ends by itself; until then it may write to the token.
no_keeper() { ! pgrep -f "sealring-keeper .*--config $home/sealring.toml" >/dev/null; }

# Manager and keeper of an agent: a tracer takes hold of the one that runs now, and the supervisor starts the next.
by_agent() { # NUMBER VICTIM COMMAND...
  local number=$1 victim=$2 command=("$SEALRING" --config "$home/sealring.toml" -q "${@:3}") files=() strike call n pid
  [[ $victim == manager ]] || files=("${keepers_files[@]}")
  "before_$scenario"
  point="$scenario, the agent's $victim, undisturbed"
  pid=$(role "$victim")
  strace -qq -o "$BED/trace" -e trace="$calls" "${files[@]}" -f -p "$pid" &
  await 10 traced "$pid"
  quietly "${command[@]}" || { cat "$BED/err" >&2; fail "$point"; }
  kill -KILL "$!" 2>/dev/null || true
  wait "$!" 2>/dev/null || true
  points "$BED/trace" >"$BED/points"
  while read -r call n; do
    "before_$scenario"
    point="$scenario, the agent's $victim, $call $n"
    strike=(-qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n")
    pid=$(role "$victim")
    strace "${strike[@]}" "${files[@]}" -f -p "$pid" &
    await 10 traced "$pid"
    quietly "${command[@]}" || true
    # It may have made fewer calls this time. A tracer that is asked to end stops all threads first, and the watchdog sees that.
    if ! kill -KILL "$!" 2>/dev/null || [[ ! -e /proc/$pid ]]; then kills=$((kills + 1)); fi
    wait "$!" 2>/dev/null || true
    await 10 role "$victim" >/dev/null
    converges
  done <"$BED/points"
  no_orphans
}

role() { pgrep -P "$agent" -f "^sealring.$1 "; }
# shellcheck disable=SC2317 # called by await
traced() { ! grep -L 'TracerPid:.[1-9]' /proc/"$1"/task/*/status | grep -q .; }

# --- Scenarios: what goes before, and the next run after a kill. Nothing to do (3) is as good as done ------------------------

run() {
  local status=0
  quietly sealring "$@" || status=$?
  [[ $status == [03] ]]
}

before_issue() { :; }
next_issue() { run issue -d killed.test; }
before_renew() { :; }
next_renew() { run renew killed.test; }
# A change of keys that was agreed to is carried out; a mere plan waits, and does no harm, until it is asked for again.
before_rollover() { :; }
next_rollover() {
  run issue -d killed.test --force || return 1
  [[ $(rows 'SELECT COUNT(*) FROM pending_rollover WHERE begun') == 0 ]] || fail "$point: the change of keys does not go on"
  [[ $(rows 'SELECT COUNT(*) FROM pending_rollover') == 0 ]] || run account rollover --yes
}

# A revocation that was written down is carried out, whatever the next run is about; one that was not is asked for again.
before_revoke() {
  quietly sealring issue -d killed.test --force || { cat "$BED/err" >&2; fail "$point: cannot be issued again"; }
  cp "$live/cert.pem" "$BED/issued.pem"
}
next_revoke() { run revoke killed.test && [[ $(ca_status "$BED/issued.pem") == Revoked ]]; }
before_replace() { cp "$live/cert.pem" "$BED/issued.pem"; }
next_replace() {
  run issue -d killed.test || return 1
  [[ $(ca_status "$live/cert.pem") == Valid ]] || fail "$point: the live certificate is revoked"
  cmp -s "$live/cert.pem" "$BED/issued.pem" || [[ $(ca_status "$BED/issued.pem") == Revoked ]] || fail "$point: replaced, and not revoked"
}

declare -A commands=(
  [issue]='issue -d killed.test --force'
  [renew]='renew killed.test --force'
  [rollover]='account rollover --yes'
  [revoke]='revoke killed.test'
  [replace]='revoke killed.test --replace'
)

init -q
# Many more than a CA's subscriber has; our own look sees what the CA sees.
printf '[agent]\nmax-keys = 900\n[dns]\nresolver = "127.0.0.1:%s"\n' "${DNS_PORT:-8053}" >>"$home/sealring.toml"
sed -i "/^\[http-01\]/a port = ${HTTP01_PORT:-5002}" "$home/sealring.toml"
point='at first'
quietly sealring issue -d killed.test || { cat "$BED/err" >&2; fail 'no certificate to begin with'; }
(( $# )) || set -- issue renew rollover replace revoke
for scenario; do
  read -ra words <<<"${commands[$scenario]}"
  by_command 7 manager "${words[@]}"
  by_command 1 keeper "${words[@]}"
done
start_agent
await_line 'keeper ready'
for scenario; do
  read -ra words <<<"${commands[$scenario]}"
  by_agent 2 manager "${words[@]}"
  by_agent 1 keeper "${words[@]}"
done
stop_agent
point='at the end'
no_orders_lost
(( kills >= 40 || $# < 5 )) || fail "only $kills kills"
echo "killed at $kills points"
