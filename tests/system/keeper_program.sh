#!/usr/bin/env bash
# The keeper's program: small, found where it is installed, the same for as long as an agent runs, and nothing for people to start.
# usage: INSTALL="cmake --install BUILD --component agent" CLIENTS=keeper_clients bed.sh --no-pebble keeper_program.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

$INSTALL --prefix "$BED/prefix" >"$BED/out"
SEALRING=$BED/prefix/bin/sealring
program=$BED/prefix/libexec/sealring/sealring-keeper
configure

# A command without an agent starts it, and so does an agent.
sealring -q key list >"$BED/out" || fail 'no keeper of its own for a command'
begin
[[ $(readlink "/proc/$(keeper)/exe") == "$program" ]] || fail 'it is not the program that was installed'
[[ $(<"/proc/$(keeper)/comm") == sealring-keeper ]] || fail 'ps does not show what it is'
grep -q "$(realpath "$MODULE")" "/proc/$(keeper)/maps" || fail 'what holds the PIN is another process'
! grep -E '/lib(curl|ssl|gnutls|nghttp2|ssh2|ldap|sqlite3|soci_core|microhttpd|ldns|psl|prometheus)' "/proc/$(keeper)/maps" ||
  fail 'it maps an HTTP client, a TLS library or a database'

# An upgrade puts another in its place, and the agent goes on with the one it has.
cp /bin/false "$BED/other"
mv "$BED/other" "$program"
old=$(keeper)
kill -KILL "$old"
replaced() { [[ $(keeper) && $(keeper) != "$old" ]] && clients once >"$BED/out"; }
await 30 replaced
stop_agent

# Without it nothing that needs the token is done, and it is told where it is looked for.
rm "$program"
expect 1 sealring -q key list
grep -q "installation is incomplete.*\"$program\" nor \"${SEALRING%/*}/sealring-keeper\"" "$BED/err" || fail "not told: $(<"$BED/err")"

# By hand, or by a sealring of another version.
$INSTALL --prefix "$BED/prefix" >"$BED/out"
expect 2 "$program"
grep -q '"sealring agent" starts this program' "$BED/err" || fail "by hand: $(<"$BED/err")"
expect 2 "$program" --help
expect 78 "$program" --started-by 0.0.9 --config "$home/sealring.toml" --owner "$(id -u)" --descriptors 'log=3' --other
grep -q 'sealring 0.0.9 has started sealring-keeper .*restart the agent' "$BED/err" || fail "another version: $(<"$BED/err")"
