#!/bin/sh
# Our JWS and thumbprints judged by latchset's jose (C), and its JWS by us.   with_jose.sh TEST_EMIT
set -eu
command -v jose >/dev/null || { echo "SKIPPED: no jose here"; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" write "$dir"
for alg in ES256 ES384 ES512 RS256 PS256; do  # jose knows no EdDSA
  ours=$dir/$alg
  [ "$(jose jws ver -i "$ours.jws" -k "$ours.jwk" -O-)" = '{"termsOfServiceAgreed":true}' ]
  [ "$(jose jwk thp -a S256 -i "$ours.jwk")" = "$(cat "$ours.thumbprint")" ]
  sed 's/"payload":"e/"payload":"f/' "$ours.jws" >"$ours.tampered"
  ! jose jws ver -i "$ours.tampered" -k "$ours.jwk" >/dev/null 2>&1 || { echo "$alg: jose takes anything"; exit 1; }
  echo "$alg: our signature and thumbprint, their verification: good"

  jose jwk gen -i "{\"alg\":\"$alg\"}" -o "$dir/theirs.jwk"
  jws=$(printf 'from jose' | jose jws sig -I- -k "$dir/theirs.jwk" -s "{\"protected\":{\"alg\":\"$alg\"}}")
  printf '{"key":%s,%s' "$(jose jwk pub -i "$dir/theirs.jwk")" "${jws#\{}" >"$dir/$alg.theirs"
done
"$1" check "$dir"
