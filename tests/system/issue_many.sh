#!/usr/bin/env bash
# All that are configured, several at a time: without an agent and with one. And all revoked.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

number=8
configure_many() { # PREFIX
  local i
  mkdir -p "$home/conf.d"
  for ((i = 1; i <= number; ++i)); do
    printf '[[certificate]]\nname = "%s"\ndomains = ["%s"]\n' "$1$i.test" "$1$i.test"
  done >"$home/conf.d/$1.toml"
}
issued() { # PREFIX: the document has all, in the order of the files
  jq -e --arg prefix "$1" --argjson number "$number" \
    '[.[] | select(.name | startswith($prefix)) | .name] == [range(1; $number + 1) | "\($prefix)\(.).test"]' "$BED/out" >/dev/null ||
    { cat "$BED/out" >&2; fail "not all of $1 are in the document"; }
}

init
configure_many alone
expect 0 sealring --json issue --jobs 5
issued alone
for ((i = 1; i <= number; ++i)); do judge "alone$i.test"; done
expect 3 sealring issue

# One that cannot be issued keeps no other from it.
cat >"$home/conf.d/bad.toml" <<TOML
[[certificate]]
name = "bad"
domains = ["bad.test"]
TOML
curl -sSf --noproxy '*' -o /dev/null -d '{"host": "bad.test"}' "$DNS_MGMT/set-servfail"
configure_many more
expect 1 sealring --json issue
jq -e '.[] | select(.name == "bad") | .error' "$BED/out" >/dev/null || fail 'the one that fails is not told'
issued more

expect 0 sealring revoke --all
grep -c '^revoked ' "$BED/out" | grep -qx "$((2 * number))" || { cat "$BED/out" "$BED/err" >&2; fail 'not all are revoked'; }

rm "$home"/conf.d/*
"$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
agent=$!
deadline=$((SECONDS + 60))
until grep -q 'manager ready' "$BED/agent.log" && grep -q 'keeper ready' "$BED/agent.log"; do
  kill -0 "$agent" && ((SECONDS < deadline)) || { cat "$BED/agent.log" >&2; fail 'the agent does not start'; }
  sleep 0.05
done
configure_many by-agent
expect 0 sealring --json issue --jobs 5
issued by-agent
for ((i = 1; i <= number; ++i)); do judge "by-agent$i.test"; done
kill "$agent"
wait "$agent" || fail 'the agent does not end well'
