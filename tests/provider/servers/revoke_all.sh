#!/usr/bin/env bash
# All certificates revoked at once, each replaced before: no server is left with a revoked one, and no handshake fails.
# usage: PROVIDER=sealring.so [CERTIFICATES=N] bed.sh revoke_all.sh
# shellcheck source=tests/provider/servers/lib.sh
. "$(dirname "$0")/lib.sh"

certificates=${CERTIFICATES:-100}
names=()
for (( i = 0; i < certificates; ++i )); do names+=("n$i.test"); done
with_agent "${names[@]}"
in_bed nginx.conf
{
  sed '/^  server {/,$d' "$BED/nginx.conf" # up to its own servers
  for name in "${names[@]}"; do
    cat <<NGINX
  server {
    listen 127.0.0.1:$TLS_PORT ssl;
    server_name $name;
    ssl_certificate $home/live/$name/fullchain.pem;
    ssl_certificate_key $home/live/$name/privkey.pem;
    return 200 "$name\n";
  }
NGINX
  done
  echo '}'
} >"$BED/servers.conf"
start nginx -c "$BED/servers.conf" -e "$BED/log/error.log" -g 'daemon off;'
sed -i "s#^domains = \[\"n[0-9]*.test\"\]#&\nreload = [\"kill\", \"-HUP\", \"$server\"]\nprove = [\"127.0.0.1:$TLS_PORT\"]#" "$home/sealring.toml"
kill -HUP "$agent"
await 30 grep -q 'configuration read again' "$BED/agent.log"

for name in "${names[@]}"; do echo "$name $(serial_of "$name")"; done >"$BED/before"
load "$TLS_PORT" n0.test 4
begin=$(date +%s.%N)
sealring -q revoke --all --replace --reason superseded >"$BED/out" || { cat "$BED/out" >&2; complain 'revoke --all --replace'; }
took=$(bc <<<"$(date +%s.%N) - $begin")
end_load
no_failures
[[ $(grep -c '^revoked ' "$BED/out") == "$certificates" ]] || complain 'not all were revoked'
while read -r name serial; do
  [[ $(serial_of "$name") != "$serial" ]] || complain "$name was not replaced"
  [[ $(from_ca "cert-status-by-serial/$serial" | jq -r .Status) == Revoked ]] || complain "the CA does not call $name (serial $serial) revoked"
done <"$BED/before"
echo "$certificates certificates revoked and replaced in $took s, $(handshakes) handshakes, none failed"
stop
