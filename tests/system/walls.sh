#!/usr/bin/env bash
# Supervisor, keeper and manager under three users: certificates without a command, commands by root, and what dies comes back.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=tests/system/walls_lib.sh
. "$tests/walls_lib.sh"

until_() { # WHAT COMMAND...: waits for it
  for _ in {1..600}; do
    "${@:2}" >/dev/null 2>&1 && return
    sleep 0.05
  done
  cat "$BED/agent.log" >&2
  fail "in half a minute not seen: $1"
}
role() { pgrep -P "$agent" -f "^sealring.$1 "; }
another() { [[ $(role "$1") && $(role "$1") != "$2" ]]; } # ROLE OLD-PID
ready() { (($(grep -c "$1 ready" "$BED/agent.log") >= $2)); } # ROLE TIMES
logged() { grep -q "$1" "$BED/agent.log"; }
configure() { # NAME
  printf '[[certificate]]\nname = "%s"\ndomains = ["%s"]\n' "$1" "$1" >"$home/conf.d/$1.toml"
}
status_of() { sed -n "s/^$2:\s*//p" "/proc/$1/status"; } # PID FIELD
serial_of() { openssl x509 -in "$state/manager/live/$1/cert.pem" -noout -serial; }

judge_owners() {
  local strange
  strange=$(find "$state/manager" \( ! -user sealring -o -type f -perm /022 \) ! -name privkey.pem ! -name combined.pem)
  # What is 0640 is root's and the group's: PostgreSQL reads no other.
  strange+=$(find "$state/manager" -type f \( -name privkey.pem -o -name combined.pem \) \
    \( ! -user root -o ! -group nogroup -o ! -perm 0640 \))
  strange+=$(find "$state/keeper" ! -user sealring-keeper)
  strange+=$(find "$home" ! -user root)
  [[ -z $strange ]] || fail "of the wrong user: $strange"
}

judge_users() { # that three processes have three users, and no more rights than they need
  local pid
  [[ $(status_of "$agent" Uid | cut -f1) == 0 ]] || fail 'the supervisor is not root'
  for who in keeper:sealring-keeper manager:sealring; do
    pid=$(role "${who%:*}")
    [[ $(status_of "$pid" Uid) == "$(id -u "${who#*:}" | sed 's/.*/&\t&\t&\t&/')" ]] || fail "the ${who%:*} is not ${who#*:}"
    [[ $(status_of "$pid" NoNewPrivs) == 1 && $(status_of "$pid" Seccomp) == 2 ]] || fail "the ${who%:*} is not sealed"
  done
  for set in Inh Prm Eff Amb; do
    [[ $(status_of "$(role keeper)" "Cap$set") == 0000000000000000 ]] || fail "the keeper has capabilities ($set)"
    # CAP_NET_BIND_SERVICE, number 10: this bed's CA asks at port 80.
    [[ $(status_of "$(role manager)" "Cap$set") == 0000000000000400 ]] || fail "the manager has not that one capability ($set)"
  done
}

# A command without an agent: root, and beside it keeper and manager for as long as they are needed.
expect 0 sealring -q init
judge_owners

# With an agent: what is configured is obtained with no command typed.
configure configured.test
printf 'reload = ["sh", "-c", "id -u >>%s"]\n' "$BED/reloaded" >>"$home/conf.d/configured.test.toml"
# As much of root as agent/systemd/sealring.service leaves to it, and no more.
setpriv --no-new-privs --inh-caps -all --bounding-set -all,+setuid,+setgid,+kill,+chown,+net_bind_service -- \
  "$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
agent=$!
until_ 'the keeper' ready keeper 1
until_ 'the manager' ready manager 1
logged 'run as the users "sealring-keeper" and "sealring"' || fail 'start-up does not say who runs as whom'
judge_users
kill -HUP "$agent"
until_ 'a certificate for configured.test' logged 'issued configured.test'
live=$state/manager/live
verify_chain "$live/configured.test/cert.pem" "$live/configured.test/chain.pem" || fail 'the chain does not verify'
[[ $(ca_status "$live/configured.test/cert.pem") == Valid ]] || fail 'the CA does not know the certificate'

# The supervisor has run the reload command, as root, for the manager that has no right to.
until_ 'the reload of configured.test' logged 'reload of "configured.test": done'
[[ $(<"$BED/reloaded") == 0 ]] || fail 'the reload command was not run by root'

# Typed by root.
expect 3 sealring -q issue --name configured.test
expect 0 sealring issue -d typed.test
grep -q 'issued   typed.test' "$BED/out" || fail 'the manager does not speak on our streams'
[[ $(stat -c '%U %a' "$home/conf.d/typed.test.toml") == 'root 644' ]] || fail 'the permission is not root'\''s'
curl -sSf --noproxy '*' -d '{"host": "fails.test.", "addresses": ["127.0.0.9"]}' "$DNS_MGMT/add-a"
expect 1 sealring -q issue -d fails.test
[[ ! -e $home/conf.d/fails.test.toml ]] || fail 'a permission is left of what failed'
sealring list --json | jq -e 'map(.name) == ["configured.test", "typed.test"]' >/dev/null || fail 'list'
sealring show typed.test | grep -q 'status *issued' || fail 'show'
sealring -q key list --json | jq -e 'length == 4 and all(.sensitive and .never_extractable)' >/dev/null || fail 'key list'
expect 0 sealring account show
expect 0 sealring -q revoke typed.test --reason keyCompromise
[[ $(ca_status "$live/typed.test/cert.pem") == Revoked ]] || fail 'the CA has not revoked it'
expect 3 sealring -q revoke typed.test
judge_owners

# Killed, each is replaced, and goes on. What a person has revoked stays so; what serves is left alone.
before=$(serial_of typed.test; serial_of configured.test)
old=$(role manager)
kill -KILL "$old"
until_ 'another manager' another manager "$old"
until_ 'the other manager' ready manager 2
configure second.test
kill -HUP "$agent"
until_ 'a certificate for second.test' logged 'issued second.test'
old=$(role keeper)
kill -KILL "$old"
until_ 'another keeper' another keeper "$old"
until_ 'the other keeper' ready keeper 2
configure third.test
kill -HUP "$agent"
until_ 'a certificate for third.test' logged 'issued third.test'
until_ 'a word on what was revoked' logged 'typed.test .* was revoked, and is not replaced'
[[ $(serial_of typed.test; serial_of configured.test) == "$before" ]] || fail 'something was issued that nobody wanted'
judge_users

# A command's manager asks root's process.
expect 0 sealring -q issue --name configured.test --force
[[ $(xargs <"$BED/reloaded") == '0 0' ]] || fail 'the reload command was not run by root'

# A configuration that is wrong is refused, and the old one stays.
echo 'nonsense' >"$home/conf.d/wrong.toml"
kill -HUP "$agent"
until_ 'a word on the wrong file' logged 'manager: the configuration stays as it was'
rm "$home/conf.d/wrong.toml"

# The manager's user has no way to what is not its own, sandbox or not.
[[ $(stat -c '%U %a' "$PIN_FILE") == 'root 400' ]] || fail 'the PIN file has changed hands'
as_manager() { setpriv --reuid sealring --regid sealring --clear-groups "$@" 2>/dev/null; }
! as_manager cat "$PIN_FILE" || fail 'the manager can read the PIN'
! as_manager kill -0 "$(role keeper)" || fail 'the manager can signal the keeper'
! as_manager touch "$home/conf.d/mine.toml" || fail 'the manager can write conf.d'
! as_manager test -r "$state/keeper/audit.log" || fail 'the manager can read the audit log'

# To the keeper it is the manager by its user alone, on any socket, and nobody else is.
expect 0 as_manager "$tests/ask.py" "$home/sign.sock" list
expect 1 setpriv --reuid nobody --clear-groups "$tests/ask.py" "$home/sign.sock" list
# It does the manager's work, and gives no operator's word: that rule is asked before the rest is read.
cat >"$BED/approve.py" <<'PYTHON'
#!/usr/bin/env python3
import socket, struct, sys
keeper = socket.socket(socket.AF_UNIX)
keeper.connect(sys.argv[1])
frame = struct.pack(">BBIB", 1, 32, 1, 0)  # approve
keeper.sendall(struct.pack(">I", len(frame)) + frame)
reply = keeper.recv(4096)
sys.exit(0 if reply[11] == 1 and b"only the users in [agent] operators" in reply else 1)
PYTHON
chmod 0755 "$BED/approve.py"
as_manager "$BED/approve.py" "$home/sign.sock" || fail 'the manager may approve'
! "$BED/approve.py" "$home/sign.sock" || fail 'root may not'
sealring audit show --json | jq -se --argjson uid "$(id -u sealring)" '
  map(select(.operation == "generate")) | length > 3 and all(.peer.uid == $uid)' >/dev/null ||
  fail 'the log does not say that the manager had keys made'

kill "$agent"
wait "$agent" || fail 'the agent did not end well'
grep -q 'manager stopped' "$BED/agent.log" || fail 'the manager was not stopped'
! pgrep -f "$home/sealring.toml" || fail 'a process is left'
expect 0 sealring audit verify
judge_owners
echo 'three users; issued without a command, and by root; both roles replaced'
