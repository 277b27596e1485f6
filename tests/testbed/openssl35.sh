#!/usr/bin/env bash
# The provider of this build on OpenSSL 3.5: s_server and nginx of Debian 13, in a root of their own; the agent stays outside.
# usage: openssl35.sh FOLDER      (as root; needs debootstrap and build/release)
#
# FOLDER is kept, and used again by a second call.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
repository=$(realpath "$here/../..")
folder=$(realpath -m "${1:?usage: openssl35.sh FOLDER}")

make_root() {
  command -v debootstrap >/dev/null || { echo 'openssl35.sh: needs the package debootstrap' >&2; return 1; }
  rm -rf --one-file-system "$folder.new"
  debootstrap --variant=minbase --include=openssl,nginx-light,curl trixie "$folder.new" "$("$here/archive.sh" | head -n 1)" \
    >"$folder.log" || { tail -n 5 "$folder.log" >&2; return 1; }
  mv "$folder.new" "$folder"
}

if [[ ! ${BED-} ]]; then
  [[ -d $folder ]] || make_root
  # A mount namespace, so that nothing can be left mounted below the folder.
  exec unshare --mount "$here/bed.sh" "$0" "$folder"
fi
# shellcheck source=tests/system/lib.sh
. "$repository/tests/system/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$repository/tests/system/agent_lib.sh"

in_root=(chroot "$folder" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8)
inside() { "${in_root[@]}" "$@"; }

mount --bind "$folder" "$folder"
mount -t proc proc "$folder/proc"
mount --rbind /dev "$folder/dev"
mount -t tmpfs tmpfs "$folder/mnt" # what is written goes with the bed
[[ $(inside openssl version) == 'OpenSSL 3.5'* ]] || fail "that is no OpenSSL 3.5: $(inside openssl version)"

# An abstract socket: it belongs to the network, and not to a root.
init -q
cat >>"$home/sealring.toml" <<'TOML'
[agent]
listen = ["@sealring-openssl35"]
[[key]]
name = "raw"
peers = ["root"]
[[certificate]]
name = "p256"
domains = ["p256.test"]
peers = ["root", "www-data"]
[[certificate]]
name = "rsa2048"
key = "rsa2048"
domains = ["rsa2048.test"]
peers = ["root", "www-data"]
TOML
start_agent
await_line 'keeper ready'
for name in p256 rsa2048; do
  sealring -q issue --name "$name"
  cp -rL "$home/live/$name" "$folder/mnt/$name"
done
sealring key generate raw
sealring key reference raw >"$folder/mnt/raw.pem"
cp "$repository/build/release/lib/ossl-modules/sealring.so" "$folder/mnt/"
from_ca roots/0 >"$folder/mnt/root.pem"
cat >"$folder/mnt/openssl.cnf" <<'CNF'
openssl_conf = init
[init]
providers = providers
[providers]
default = software
sealring = sealring
[software]
activate = 1
[sealring]
module = /mnt/sealring.so
activate = 1
CNF

with_provider() { inside "$conf" "$@"; }
conf=OPENSSL_CONF=/mnt/openssl.cnf

handshake() { # NAME VERSION PORT: seen by a client without the provider
  inside openssl s_client -connect "127.0.0.1:$3" -servername "$1.test" -verify_hostname "$1.test" -verify_return_error \
    -CAfile /mnt/root.pem "-tls$2" </dev/null >"$BED/client" 2>&1 || { cat "$BED/client" "$BED/server" >&2; fail "$1, TLS $2: no handshake"; }
  grep -q 'Verify return code: 0' "$BED/client" || fail "$1, TLS $2: not verified"
}

listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

port=$TLS_PORT
for name in p256 rsa2048; do
  "${in_root[@]}" "$conf" openssl s_server -accept "127.0.0.1:$port" -cert "/mnt/$name/cert.pem" -cert_chain "/mnt/$name/chain.pem" \
    -key "/mnt/$name/privkey.pem" -www >"$BED/server" 2>&1 </dev/null &
  server=$!
  await 10 listens "$port"
  for version in 1_2 1_3; do
    handshake "$name" "$version" "$port"
    echo "s_server $name TLS $version: ok"
  done
  kill "$server"
  wait "$server" || true
  ((++port))
done

cat >"$folder/mnt/nginx.conf" <<NGINX
user www-data;
daemon off;
worker_processes 2;
pid /mnt/nginx.pid;
error_log /mnt/error.log;
env OPENSSL_CONF;
events {}
http {
  access_log off;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
  ssl_session_tickets off;
  server { listen 127.0.0.1:$port ssl; ssl_certificate /mnt/p256/fullchain.pem; ssl_certificate_key /mnt/p256/privkey.pem; return 204; }
  server { listen 127.0.0.1:$((port + 1)) ssl; ssl_certificate /mnt/rsa2048/fullchain.pem; ssl_certificate_key /mnt/rsa2048/privkey.pem; return 204; }
}
NGINX
with_provider nginx -t -c /mnt/nginx.conf 2>&1 | tee "$BED/server" | grep -q successful || { cat "$BED/server" >&2; fail 'nginx -t'; }
"${in_root[@]}" "$conf" nginx -c /mnt/nginx.conf >"$BED/server" 2>&1 &
server=$!
await 10 listens "$((port + 1))"
for name in p256 rsa2048; do
  for version in 1_2 1_3; do
    handshake "$name" "$version" "$port"
    inside curl -sSf --noproxy '*' --cacert /mnt/root.pem --resolve "$name.test:$port:127.0.0.1" "--tlsv${version/_/.}" \
      --tls-max "${version/_/.}" "https://$name.test:$port/" || fail "curl, $name, TLS $version"
    echo "nginx $name TLS $version: ok"
  done
  ((++port))
done
kill "$server"
wait "$server" || fail 'nginx does not end well'

with_provider openssl req -new -key /mnt/raw.pem -subj /CN=x -out /mnt/csr || fail 'openssl req'
inside openssl req -verify -noout -in /mnt/csr || fail 'the request does not verify'
with_provider openssl dgst -sha256 -sign /mnt/raw.pem -out /mnt/signature /mnt/root.pem
inside openssl req -in /mnt/csr -noout -pubkey >"$folder/mnt/raw.pub"
inside openssl dgst -sha256 -verify /mnt/raw.pub -signature /mnt/signature /mnt/root.pem || fail 'openssl dgst'
stop_agent
echo "$(inside openssl version), $(inside nginx -v 2>&1): all is well"
