#!/usr/bin/env bash
# What is not the web server's to ask, nor a taken-over manager's, is refused by the rule that should, and each denial is in the
# audit log; what is theirs is signed.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

(( EUID == 0 )) || { echo 'skipped: to ask as another user takes root'; exit 77; }

nobody=$(id -u nobody)
init -q >"$BED/out"
cat >>"$home/sealring.toml" <<TOML
[agent]
listen = ["@sealring-attacks"]
[fallback]
directory = "https://fallback.test/dir"
[[certificate]]
name = "served.test"
domains = ["served.test"]
fallback = true
peers = ["nobody"]
[[certificate]]
name = "other.test"
domains = ["other.test"]
peers = ["daemon"]
[[certificate]]
name = "client.test"
domains = ["client.test"]
purpose = "tls-client"
peers = ["nobody"]
[[key]]
name = "release"
type = "p256"
peers = ["nobody"]
[[key]]
name = "limited"
type = "p256"
peers = ["nobody"]
rate = 1
TOML
"$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
agent=$!
until "$tests/ask.py" @sealring-attacks hello >"$BED/out" 2>&1; do
  (( SECONDS < 60 )) || { cat "$BED/agent.log" >&2; fail 'in a minute no keeper answers'; }
  sleep 0.05
done
for name in served.test other.test client.test; do  # unless the agent was quicker
  sealring -q issue --name "$name" >"$BED/out" || (( $? == 3 ))
done
for name in release limited; do "$tests/ask.py" @sealring-attacks generate "$name" >"$BED/out"; done

# The web server's user asks a running agent.
setpriv --reuid "$nobody" --regid "$nobody" --clear-groups -- "$tests/attacks.py" peer @sealring-attacks >"$BED/refused" ||
  { cat "$BED/agent.log" >&2; fail 'the web server'; }
kill "$agent"
wait "$agent" || true

# The manager asks the keeper at the other end of its channel, and so does an operator on its socket.
kid=$(sqlite3 "$home/state.db" 'select url from account')
"$tests/attacks.py" manager "$SEALRING" "$home/sealring.toml" "$kid" "$home"/live/{served,other}.test/cert.pem >>"$BED/refused" ||
  fail 'the manager'

sealring audit verify >"$BED/out" || { cat "$BED/out" >&2; fail 'the audit log does not verify'; }
sealring audit show --denied --json | jq -r '[.peer.uid, .key, .operation, .rule] | @tsv' >"$BED/logged"
diff "$BED/refused" "$BED/logged" || fail 'the log has not each denial, or others (left: what was refused; right: what is logged)'
echo "$(wc -l <"$BED/refused") attacks refused and logged, by $(cut -f 4 "$BED/refused" | sort -u | wc -l) rules"
