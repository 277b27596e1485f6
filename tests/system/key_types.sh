#!/usr/bin/env bash
# Each type of key that a token can make, for certificates and for accounts.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

described() { # what OpenSSL calls the key in a certificate
  openssl x509 -in "$1" -noout -text | sed -n 's/^ *Public-Key: (\(.*\) bit).*/\1/p; s/^ *NIST CURVE: \(.*\)/\1/p' | xargs
}

declare -A expected=([p256]='256 P-256' [p384]='384 P-384' [rsa2048]=2048 [rsa4096]=4096)

init
for key in p256 p384 rsa2048 rsa4096; do
  sealring issue -d "$key.test" --key "$key"
  judge "$key.test"
  found=$(described "$home/live/$key.test/cert.pem")
  [[ $found == "${expected[$key]}" ]] || fail "$key.test has a key of $found"
done
judge_keys 6

for key in p384 rsa2048; do
  home=$BED/account-$key
  init --account-key "$key"
  [[ $(sealring account show --json | jq -r .key.type) == "$key" ]] || fail "the account's key is no $key key"
  sealring issue -d "by-$key.test"
  judge "by-$key.test"
done
