#!/usr/bin/env bash
# nginx is reloaded for each new certificate, and proved to present it; where that fails the files before are put back.
# PROVIDER in the environment: sealring.so.
# shellcheck source=tests/provider/servers/lib.sh
. "$(dirname "$0")/../provider/servers/lib.sh"

with_agent ec.test rsa.test
plain=$(<"$home/sealring.toml")
start_nginx

with_lines() { # LINE...: beside what [[certificate]] ec.test has
  printf '%s\n' "$plain" >"$home/sealring.toml"
  printf '%s\n' "$@" >"$BED/lines"
  sed -i "/^name = \"ec.test\"\$/r $BED/lines" "$home/sealring.toml"
}
presented() { by_openssl ec.test && openssl x509 -in "$BED/s_client.log" -noout -serial; }
live() { openssl x509 -in "$home/live/ec.test/cert.pem" -noout -serial; }
rolled_back() { # SERIAL TEXT...: the last command has said so, and it is true
  local text
  for text in "${@:2}" 'the files before were put back'; do
    grep -qF "$text" "$BED/err" || { cat "$BED/err" >&2; fail "not said: $text"; }
  done
  [[ $(live) == "$1" && $(presented) == "$1" ]] || fail "after '$2' another certificate is there"
}
prove="prove = [\"127.0.0.1:$TLS_PORT\"]"

# Without a command: the manager asks its supervisor.
mkdir -p "$home/conf.d"
printf '[[certificate]]\nname = "auto.test"\ndomains = ["auto.test"]\nreload = ["sh", "-c", "echo $0 >>%s", "ran"]\n' \
  "$BED/reloaded" >"$home/conf.d/auto.test.toml"
kill -HUP "$agent"
await 30 grep -q 'reload of "auto.test": done' "$BED/agent.log"
[[ $(<"$BED/reloaded") == ran ]] || fail 'the reload command of auto.test was not run, or not once'

# By a command.
before=$(live)
with_lines "reload = [\"kill\", \"-HUP\", \"$server\"]" "$prove"
expect 0 sealring -q issue --name ec.test --force
[[ $(live) != "$before" && $(presented) == "$(live)" ]] || fail 'it is not presented when the command has ended'
before=$(live)

with_lines 'reload = ["sh", "-c", "echo no such server >&2; exit 7"]'
expect 1 sealring -q issue --name ec.test --force
rolled_back "$before" 'reload of "ec.test": "sh" exited with status 7: no such server'

with_lines 'reload = ["sh", "-c", "echo on my way; sleep 60"]' 'reload-timeout = "1s"'
expect 1 sealring -q issue --name ec.test --force
rolled_back "$before" 'timed out after 1s and was killed: on my way'
! pgrep -x sleep -s 0 >/dev/null || fail 'what the reload command has started is still there'

with_lines 'reload = ["true"]' "$prove"
expect 1 sealring -q issue --name ec.test --force
serial=$(sed 's/^serial=//; s/.*/\L&/' <<<"$before")
rolled_back "$before" "127.0.0.1:$TLS_PORT still presents serial $serial"

stop
kill "$agent"
wait "$agent" || fail 'the agent did not end well'
echo 'reloaded and proved; a reload that fails, one that hangs and a server that keeps the old certificate: rolled back'
