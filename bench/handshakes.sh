#!/usr/bin/env bash
# nginx with its key in a file, in the token by pkcs11-provider, and in the keeper by sealring.so: full handshakes, in turns.
# usage: bench/handshakes.sh [--rounds N] [--slice SECONDS] [--threads N]      (as root)
#
# Without a pkcs11-provider (tests/testbed/newer.sh brings one) that side is left out.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/..")
rounds=30 slice=0.5 threads=4
arguments=("$@")
while (($#)); do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    --slice) slice=$2; shift 2 ;;
    --threads) threads=$2; shift 2 ;;
    *) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
  esac
done

if [[ ! ${BED-} ]]; then
  (cd "$root" && cmake --preset release >/dev/null &&
    cmake --build --preset release --target sealring sealring_provider bench_handshakes) >&2
  exec "$root/tests/testbed/bed.sh" "$0" "${arguments[@]}"
fi
# shellcheck source=tests/system/lib.sh
. "$root/tests/system/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$root/tests/system/agent_lib.sh"

provider=$root/build/release/lib/ossl-modules/sealring.so
pkcs11=$(find "$root/build/testbed/pkcs11-provider" -name pkcs11.so 2>/dev/null | head -n 1)

cnf() { # NAME SECTION-LINE...: an openssl.cnf with this provider beside the default one
  cat >"$BED/$1.cnf" <<CNF
openssl_conf = init
[init]
providers = providers
[providers]
default = software
${2:+more = more}
[software]
activate = 1
[more]
$(printf '%s\n' "${@:2}")
CNF
}

cnf software
cnf sealring 'identity = sealring' "module = $provider" 'activate = 1'
# The quirk: SoftHSM and OpenSSL clean up in an order that crashes.
cnf pkcs11 'identity = pkcs11' "module = $pkcs11" "pkcs11-module-path = $MODULE" "pkcs11-module-token-pin = file:$PIN_FILE" \
  'pkcs11-module-quirks = no-deinit' 'activate = 1'

# All certificates are of one test CA, and differ in nothing but the key.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=bench-ca -days 2 -keyout "$BED/bench-ca.key" \
  -out "$BED/bench-ca.pem" 2>/dev/null
openssl req -new -key "$BED/bench-ca.key" -subj /CN=bench.test -out "$BED/bench.csr"
certify() { # NAME, of the public key in NAME.pub
  openssl x509 -req -in "$BED/bench.csr" -force_pubkey "$BED/$1.pub" -CA "$BED/bench-ca.pem" -CAkey "$BED/bench-ca.key" -days 2 \
    -out "$BED/$1.crt" 2>/dev/null
}

software_key() { # TYPE
  case $1 in
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 ;;
    rsa2048) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 ;;
  esac >"$BED/$1-software.key" 2>/dev/null
  openssl pkey -in "$BED/$1-software.key" -pubout -out "$BED/$1-software.pub"
}

sealring_key() { # TYPE
  sealring issue -d "$1.bench.test" --key "$1" >&2
  cp "$home/live/$1.bench.test/privkey.pem" "$BED/$1-sealring.key"
  openssl x509 -in "$home/live/$1.bench.test/cert.pem" -noout -pubkey >"$BED/$1-sealring.pub"
  sed -i "s/^domains.*/&\npeers = [\"$(id -un)\"]/" "$home/conf.d/$1.bench.test.toml"
}

pkcs11_key() { # TYPE
  local id=b1 type=EC:prime256v1
  [[ $1 == p256 ]] || id=b2 type=rsa:2048
  token --keypairgen --key-type "$type" --id "$id" --label "bench-$1" >/dev/null 2>&1
  token --read-object --type pubkey --id "$id" --output-file "$BED/$1.der" >/dev/null 2>&1
  openssl pkey -pubin -inform DER -in "$BED/$1.der" -out "$BED/$1-pkcs11.pub"
  cat >"$BED/asn1" <<ASN1
asn1 = SEQUENCE:reference
[reference]
what = VISIBLESTRING:PKCS\#11 Provider URI v1.0
uri = UTF8String:pkcs11:token=$TOKEN;id=%$id;type=private
ASN1
  openssl asn1parse -genconf "$BED/asn1" -noout -out "$BED/reference.der"
  {
    echo '-----BEGIN PKCS#11 PROVIDER URI-----'
    base64 -w 64 "$BED/reference.der"
    echo '-----END PKCS#11 PROVIDER URI-----'
  } >"$BED/$1-pkcs11.key"
}

sides=(software sealring)
[[ ! $pkcs11 ]] || sides+=(pkcs11)
init >&2
for side in "${sides[@]}"; do
  for type in p256 rsa2048; do
    "${side}_key" "$type"
    certify "$type-$side"
  done
done
start_agent
await_line 'keeper ready'

servers=() port=20000
serve() { # TYPE WORKERS SIDE
  local name=$1-$2-$3 master agents=
  mkdir "$BED/$name"
  port=$((port + 1))
  cat >"$BED/$name/nginx.conf" <<NGINX
user root;
daemon off;
worker_processes $2;
pid $BED/$name/pid;
error_log $BED/$name/error.log;
env OPENSSL_CONF;
env SOFTHSM2_CONF;
events {}
http {
  access_log off;
  client_body_temp_path $BED/$name/body;
  proxy_temp_path $BED/$name/proxy;
  fastcgi_temp_path $BED/$name/fastcgi;
  uwsgi_temp_path $BED/$name/uwsgi;
  scgi_temp_path $BED/$name/scgi;
  ssl_protocols TLSv1.3;
  ssl_session_tickets off;
  ssl_session_cache off;
  ssl_certificate $BED/$1-$3.crt;
  ssl_certificate_key $BED/$1-$3.key;
  server {
    listen 127.0.0.1:$port ssl reuseport;
    return 204;
  }
}
NGINX
  OPENSSL_CONF=$BED/$3.cnf nginx -e "$BED/$name/error.log" -c "$BED/$name/nginx.conf" 2>>"$BED/$name/error.log" &
  master=$!
  # shellcheck disable=SC2016 # for the inner shell
  await 30 bash -c '(( $(pgrep -cP "$1") == $2 )) && : 2>/dev/null <"/dev/tcp/127.0.0.1/$3"' bash "$master" "$2" "$port"
  [[ $3 != sealring ]] || agents=$agent,$(keeper)
  servers+=("$1:$2:$3:$port:$(pgrep -d , -P "$master"):$agents")
}
for type in p256 rsa2048; do
  for workers in 1 2; do
    for side in "${sides[@]}"; do
      serve "$type" "$workers" "$side"
    done
  done
done

"$root/build/release/bin/bench_handshakes" "$rounds" "$slice" "$threads" "${servers[@]}"
