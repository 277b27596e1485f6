#!/bin/sh
# Our certification requests read by the openssl program, and its requests by us.   csr_with_openssl.sh TEST_VERIFY_CSR
set -eu
ours=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
fail() { echo "$*"; exit 1; }

"$ours" write .
for alg in es256 es384 es512 rs256 ps256 eddsa; do
  openssl req -in $alg.csr -noout -verify -text -nameopt utf8 >text 2>&1
  for line in 'self-signature verify OK' 'Subject: C *= *DE, O *= *Müller, CN *= *example.com' \
    'X509v3 Subject Alternative Name: $' 'TLS Feature: $' '^ *status_request$' 'X509v3 Extended Key Usage: critical' \
    'DNS:example.com, DNS:\*.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, email:somebody@example.com, URI:spiffe://example.com/one$'; do
    grep -q "$line" text || fail "$alg: openssl does not say: $line: $(cat text)"
  done
  openssl req -in $alg.csr -noout -pubkey | cmp - $alg.pub
  echo "$alg: our request, their reading: good"
done

cat >theirs.cnf <<END
[req]
distinguished_name = name
req_extensions = wanted
string_mask = utf8only
utf8 = yes
prompt = no
[name]
O = Müller
CN = example.com
[wanted]
subjectAltName = DNS:example.com, IP:2001:db8::1, email:somebody@example.com, URI:https://example.com/
keyUsage = critical, digitalSignature
tlsfeature = status_request
END
cat >expected <<END
signature good
subject O=Müller
subject CN=example.com
dns example.com
ip 2001:db8::1
email somebody@example.com
uri https://example.com/
extension 2.5.29.17
extension 2.5.29.15 critical
extension 1.3.6.1.5.5.7.1.24
END
theirs() { # KEY OPTIONS...: a request of a new key, as we read it
  key=$1
  shift
  openssl req -new -config theirs.cnf -nodes -keyout key.pem -out "$key.csr" "$@" 2>log || fail "$(cat log)"
  "$ours" read "$key.csr" >said || fail "$key: $(cat said)"
  grep -qx "key $key" said || fail "$key: not the key that we say: $(cat said)"
  grep -v '^key ' said | diff expected - || fail "$key: we do not read what openssl wrote"
  echo "$key: their request, our reading: good"
}
theirs p256 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256
theirs p384 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384
theirs p521 -newkey ec -pkeyopt ec_paramgen_curve:P-521 -sha512
theirs rsa2048 -newkey rsa:2048 -sha256
theirs rsa3072 -newkey rsa:3072 -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
theirs ed25519 -newkey ed25519

openssl req -in p256.csr -outform DER | sed 's/example\.com/exbmple.com/' | openssl req -inform DER -out tampered.csr
"$ours" read tampered.csr | grep -qx 'signature bad' || fail 'we take anything'
openssl req -new -config theirs.cnf -nodes -keyout key.pem -newkey rsa:2048 -sha1 -out sha1.csr 2>/dev/null
"$ours" read sha1.csr | grep -qx 'signature bad' || fail 'we take SHA-1'
