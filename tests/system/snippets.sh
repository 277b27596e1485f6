#!/usr/bin/env bash
# What `init --server` prints, in Debian's unmodified servers: taken by the server's own check, good for TLS 1.2 and 1.3 with a key
# in the token, and for nothing weaker. doctor agrees.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/served.sh
. "$tests/served.sh"
PATH=$PATH:/usr/sbin:/usr/lib/postgresql/15/bin

init -q
sed -i 's/^\[state\]$/&\ngroup = "ssl-cert"/' "$home/sealring.toml"
cat >>"$home/sealring.toml" <<TOML
[agent]
listen = ["$BED/run/sign.sock", "@sealring-snippets"]
TOML
for type in p256 rsa2048; do
  cat >>"$home/sealring.toml" <<TOML
[[certificate]]
name = "$type.test"
domains = ["$type.test"]
key = "$type"
peers = ["www-data", "haproxy", "postgres"]
TOML
done
sealring -q issue
verify_chain "$home/live/p256.test/cert.pem" "$home/live/p256.test/chain.pem"
start_agent
sealring init --openssl-conf >"$BED/openssl.cnf"

work=$BED/server
server=

with_conf=(env OPENSSL_CONF="$BED/openssl.cnf") # no function: $! is to be the server

snippet() { sealring init --server "$1" --name "$2" | sed "s/\(listen \|bind \|\*\):\?443/\1$3$TLS_PORT/"; } # SERVER NAME BEFORE-THE-PORT

start_nginx() { # NAME
  {
    printf 'user www-data;\nenv OPENSSL_CONF;\ndaemon off;\npid %s/pid;\nerror_log %s/error.log;\nevents {}\nhttp {\naccess_log off;\n' "$work" "$work"
    printf '%s_temp_path %s/temp;\n' client_body "$work" proxy "$work" fastcgi "$work" uwsgi "$work" scgi "$work"
    snippet nginx "$1" 127.0.0.1:
    echo '}'
  } >"$work/conf"
  "${with_conf[@]}" nginx -e "$work/error.log" -t -c "$work/conf"
  "${with_conf[@]}" nginx -e "$work/error.log" -c "$work/conf" &
  server=$!
}

start_apache() { # NAME
  {
    printf 'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' mpm_event mpm_event ssl ssl socache_shmcb socache_shmcb \
      authz_core authz_core
    printf 'ServerRoot %s\nServerName localhost\nPidFile %s/pid\nErrorLog %s/error.log\nMutex file:%s default\nUser www-data\nGroup www-data\nListen 127.0.0.1:%s\n' \
      "$work" "$work" "$work" "$work" "$TLS_PORT"
    snippet apache "$1" :
  } >"$work/conf"
  "${with_conf[@]}" apache2 -t -f "$work/conf"
  "${with_conf[@]}" apache2 -DFOREGROUND -f "$work/conf" &
  server=$!
}

start_haproxy() { # NAME
  {
    printf 'global\n    chroot /var/lib/haproxy\n    user haproxy\n    group haproxy\n'
    snippet haproxy "$1" 127.0.0.1:
  } >"$work/conf"
  "${with_conf[@]}" haproxy -c -q -f "$work/conf"
  "${with_conf[@]}" haproxy -db -f "$work/conf" >"$work/error.log" 2>&1 &
  server=$!
}

start_postgresql() { # NAME
  chown postgres "$work"
  local as=(setpriv --reuid postgres --regid postgres --init-groups "${with_conf[@]}")
  (
    cd "$work"
    "${as[@]}" initdb -D "$work/data" -A trust --no-sync >"$work/initdb.log"
    {
      printf "listen_addresses = '127.0.0.1'\nport = %s\nunix_socket_directories = '%s'\nfsync = off\n" "$TLS_PORT" "$work"
      snippet postgresql "$1" ''
    } >>"$work/data/postgresql.conf"
    [[ $("${as[@]}" postgres -C ssl_min_protocol_version -D "$work/data") == TLSv1.2 ]]
  )
  (cd "$work" && exec "${as[@]}" postgres -D "$work/data" >"$work/error.log" 2>&1) &
  server=$!
}

client() { # NAME OPTION...
  openssl s_client -connect "127.0.0.1:$TLS_PORT" -servername "$1" -CAfile "$BED/root.pem" -verify_return_error \
    -verify_hostname "$1" ${starttls:+-starttls "$starttls"} "${@:2}" </dev/null >"$BED/client" 2>&1
}

listens() { [[ $(ss -Hltn "sport = :$TLS_PORT") ]] || { kill -0 "$server" && return 1; }; }

manual=$(<"$tests/../../docs/operators.md")
for kind in nginx apache haproxy postgresql; do
  text=$(sealring init --server "$kind" --name p256.test | sed "s|$home|/etc/sealring|g; s/p256.test/example.com/g; s/^/    /")
  [[ $manual == *"$text"* ]] || fail "docs/operators.md has another snippet for $kind"
  for name in p256.test rsa2048.test; do
    rm -rf "$work"
    mkdir "$work"
    "start_$kind" "$name"
    await listens
    starttls=
    [[ $kind != postgresql ]] || starttls=postgres
    for version in tls1_2 tls1_3; do
      client "$name" "-$version" || { cat "$BED/client" "$work"/*.log "$BED/agent.log" >&2; fail "$kind, $name: no handshake of $version"; }
    done
    for refused in '-tls1_2 -cipher kRSA' '-tls1_2 -cipher DHE' '-tls1_1 -cipher DEFAULT@SECLEVEL=0'; do
      # shellcheck disable=SC2086 # several words
      ! client "$name" $refused || fail "$kind, $name: takes $refused"
      grep -q 'alert\|no protocols' "$BED/client" || { cat "$BED/client" >&2; fail "$kind, $name: not refused by the server: $refused"; }
    done
    kill "$server"
    wait "$server" || true
    expect 0 sealring doctor --server "$kind" --name "$name" --openssl-conf "$BED/openssl.cnf"
    echo "$kind, $name: TLS 1.2 and 1.3, no kRSA, no DHE"
  done
done
expect 2 sealring init --server iis
expect 2 sealring init --server nginx --openssl-conf
expect 2 sealring init --openssl-conf --token other
expect 1 sealring init --server nginx --name nowhere.test
stop_agent
