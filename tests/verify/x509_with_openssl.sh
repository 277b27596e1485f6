#!/bin/sh
# What we show for tls-alpn-01 judged by the openssl program, and the CRLs of its CA by us.   x509_with_openssl.sh TEST_VERIFY_X509
set -eu
ours=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
fail() { echo "$*"; exit 1; }

"$ours" alpn .
hash=$(printf token.thumbprint | openssl dgst -sha256 -r | cut -d' ' -f1 | tr a-f A-F)
for one in 'dns DNS:example.com$' 'ip IP Address:2001:DB8:0:0:0:0:0:1$'; do
  name=${one%% *} san=${one#* }
  openssl x509 -in "$name.crt" -noout -text >text
  grep -q "^ *$san" text || fail "$name: openssl does not say: $san"
  [ "$(grep -c 'X509v3\|1\.3\.6\.1\.5\.5\.7\.1\.31: critical\|acmeIdentifier: critical' text)" = 3 ] ||
    fail "$name: not just the heading and two extensions: $(cat text)"
  openssl asn1parse -in "$name.crt" | grep -q "HEX DUMP\]:0420$hash\$" || fail "$name: openssl sees no hash"
  openssl verify -check_ss_sig -CAfile "$name.crt" -partial_chain -ignore_critical "$name.crt" >/dev/null
  openssl pkey -in "$name.key" -pubout >key.pub
  openssl x509 -in "$name.crt" -noout -pubkey | cmp - key.pub
  echo "$name: our certificate, their verification: good"
done

cat >ca.cnf <<END
[ca]
default_ca = this
[this]
database = index
new_certs_dir = .
serial = serial
crlnumber = crlnumber
default_md = sha256
policy = any
x509_extensions = leaf
crl_extensions = crl
unique_subject = no
[any]
commonName = supplied
[leaf]
crlDistributionPoints = URI:http://c.example/1.crl
[crl]
issuingDistributionPoint = critical, @scope
[scope]
fullname = URI:http://c.example/1.crl
onlyuser = TRUE
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
END
: >index
echo 8000 >serial
echo 01 >crlnumber
new_key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
for ca in root other; do
  # shellcheck disable=SC2086  # several words
  openssl req -x509 $new_key -keyout $ca.key -subj /CN=root -days 30 -config ca.cnf -extensions root -out $ca.pem 2>log || fail "$(cat log)"
done
by_ca() { openssl ca -batch -config ca.cnf -keyfile "$ca.key" -cert "$ca.pem" "$@" 2>log || fail "$(cat log)"; }
ca=root
for leaf in kept lost; do
  # shellcheck disable=SC2086
  openssl req $new_key -keyout $leaf.key -subj /CN=$leaf -out $leaf.csr 2>log || fail "$(cat log)"
  by_ca -days 20 -notext -in $leaf.csr -out $leaf.pem
done
by_ca -revoke lost.pem -crl_reason keyCompromise
by_ca -gencrl -crldays 7 -out list.pem
openssl crl -in list.pem -CAfile root.pem -noout 2>&1 | grep -q 'verify OK'
ca=other
by_ca -gencrl -crldays 7 -out forged.pem

says() { # WHAT CERT LIST
  answer=$("$ours" crl "$2" root.pem "$3")
  [ "$answer" = "$1" ] || fail "$2 in $3: we say: $answer; not: $1"
  echo "$2 in $3: $answer"
}
says 'not revoked' kept.pem list.pem
says 'revoked, reason 1' lost.pem list.pem
says 'the signature does not verify' kept.pem forged.pem
says 'the CRL does not cover the certificate' root.pem list.pem
