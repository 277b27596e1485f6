#!/usr/bin/env bash
# Debian's servers and clients, unmodified, on keys that are in the token: each with P-256 and RSA-2048, TLS 1.2 and 1.3, judged
# from outside. All that they are given is OPENSSL_CONF and the files of live/NAME.
# usage: PROVIDER=sealring.so bed.sh matrix.sh
# shellcheck source=tests/provider/servers/lib.sh
. "$(dirname "$0")/lib.sh"

with_agent ec.test rsa.test client-ec.test client-rsa.test raw-ec raw-rsa

# nginx: root loads, www-data signs.
in_bed nginx.conf
served nginx -t -q -c "$BED/nginx.conf" -e "$BED/log/error.log" || complain 'nginx -t'
start_nginx
[[ $(ps -o user= --ppid "$server" | sort | uniq -c | xargs) == '2 www-data' ]] || fail 'nginx: not two workers of www-data'
judge_server nginx
stop

in_bed apache.conf
for mpm in prefork worker event; do
  start apache2 -f "$BED/apache.conf" -D $mpm -D FOREGROUND
  judge_server "apache $mpm"
  stop
done

# Debian's jail is empty but for a folder.
in_bed haproxy.cfg
for mode in -db -W; do
  start haproxy $mode -f "$BED/haproxy.cfg"
  judge_server "haproxy $mode"
  stop
done

for name in ec.test rsa.test; do
  live=$home/live/$name
  start openssl s_server -accept "127.0.0.1:$TLS_PORT" -www -cipher ECDHE+AESGCM:ECDHE+CHACHA20 \
    -cert "$live/cert.pem" -cert_chain "$live/chain.pem" -key "$live/privkey.pem"
  judge_name s_server $name
  judge_curl s_server $name
  judge_refused_suites s_server $name
  stop
done
echo 's_server: the same'

# PostgreSQL, which wants the key to be root's and of its group, and takes another certificate by a reload.
pg=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as_postgres=(setpriv --reuid postgres --regid postgres --init-groups env -C / LC_ALL=C.UTF-8)
port=$pg_port
install -d -o postgres -g postgres "$BED/pg"
"${as_postgres[@]}" "$pg/initdb" -D "$BED/pg/data" -A trust -N >"$BED/log/output"
in_bed postgresql.conf
install -o postgres -g postgres "$BED/postgresql.conf" "$BED/pg/data/postgresql.conf"
printf 'hostssl all all 127.0.0.1/32 trust\n' >"$BED/pg/data/pg_hba.conf"
start "${as_postgres[@]}" "$pg/postgres" -D "$BED/pg/data"
query() { # NAME VERSION
  PGSSLMINPROTOCOLVERSION=TLSv$2 PGSSLMAXPROTOCOLVERSION=TLSv$2 psql -XAtw "host=$1 hostaddr=127.0.0.1 port=$pg_port \
    user=postgres dbname=postgres sslmode=verify-full sslrootcert=$BED/root.pem" -F ' ' \
    -c 'select version, cipher from pg_stat_ssl where pid = pg_backend_pid()' 2>>"$BED/log/output"
}
answers() { [[ $(query "$1" 1.3) ]]; }
for name in ec.test rsa.test; do
  if [[ $name != ec.test ]]; then
    sed -i "s/ec\.test/$name/" "$BED/pg/data/postgresql.conf"
    kill -HUP "$server"
  fi
  await 30 answers $name
  for version in 1.2 1.3; do
    [[ $(query $name $version) == "TLSv$version "* ]] || complain "postgres: $name: TLS $version"
  done
  judge_name postgres $name -starttls postgres
  judge_refused_suites postgres $name -starttls postgres
done
stop
port=
echo 'postgres: the same, and psql verifies it in full'

# curl's certificate, demanded by a server that has a key of its own.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server.test -addext subjectAltName=DNS:server.test \
  -keyout "$BED/server.key" -out "$BED/server.pem" 2>/dev/null
openssl s_server -accept "127.0.0.1:$TLS_PORT" -www -cert "$BED/server.pem" -key "$BED/server.key" -CAfile "$BED/root.pem" \
  -Verify 3 -verify_return_error -purpose any >"$BED/log/demanding" 2>&1 &
server=$!
await 30 up
demanded() { # OPTION...
  served curl -sS --noproxy '*' --cacert "$BED/server.pem" --resolve "server.test:$TLS_PORT:127.0.0.1" "$@" \
    "https://server.test:$TLS_PORT/" >"$BED/page" 2>"$BED/curl.log"
}
! demanded || fail 'the server does not demand a certificate'
for name in client-ec.test client-rsa.test; do
  live=$home/live/$name
  for version in 1.2 1.3; do
    demanded --tlsv$version --tls-max $version --cert "$live/fullchain.pem" --key "$live/privkey.pem" || complain "curl: $name: TLS $version"
    grep -q "Protocol *: TLSv$version" "$BED/page" || complain "curl: $name: not TLS $version"
  done
done
stop
echo 'curl: client certificates of P-256 and RSA-2048, TLS 1.2 and 1.3'

# The openssl program, on raw keys.
echo message >"$BED/message"
openssl dgst -sha256 -binary -out "$BED/digest" "$BED/message"
for key in raw-ec raw-rsa; do
  pem=$BED/$key.pem
  served openssl pkey -in "$pem" -pubout -out "$BED/public"
  served openssl req -new -key "$pem" -subj /CN=request.test -out "$BED/request"
  openssl req -in "$BED/request" -verify -noout 2>"$BED/err" || fail "$key: the request does not verify"
  openssl req -in "$BED/request" -noout -pubkey | cmp - "$BED/public" || fail "$key: a request with another key"
  served openssl dgst -sha256 -sign "$pem" -out "$BED/signature" "$BED/message"
  openssl dgst -sha256 -verify "$BED/public" -signature "$BED/signature" "$BED/message" >/dev/null || fail "$key: dgst"
  served openssl pkeyutl -sign -inkey "$pem" -in "$BED/digest" -pkeyopt digest:sha256 -out "$BED/signature"
  openssl pkeyutl -verify -pubin -inkey "$BED/public" -in "$BED/digest" -pkeyopt digest:sha256 -sigfile "$BED/signature" \
    >/dev/null || fail "$key: pkeyutl"
done
echo 'openssl req, dgst and pkeyutl: P-256 and RSA-2048'
