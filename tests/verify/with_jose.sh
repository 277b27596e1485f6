#!/bin/sh
# Our JWS, keys and thumbprints judged by latchset's jose (C), and its JWS and keys by us.   with_jose.sh TEST_EMIT
set -eu
command -v jose >/dev/null || { echo "SKIPPED: no jose here"; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" write "$dir"
printf '{"termsOfServiceAgreed":true}' >"$dir/payload"
printf 'from jose' >"$dir/payload.theirs"
for alg in ES256 ES384 ES512 RS256 PS256; do  # jose knows no EdDSA
  ours=$dir/$alg
  for form in jws compact; do
    jose jws ver -i "$ours.$form" -k "$ours.jwk" -O- | cmp - "$dir/payload"
  done
  for form in flattened-detached compact-detached; do
    jose jws ver -i "$ours.$form" -I "$dir/payload" -k "$ours.jwk"
    ! jose jws ver -i "$ours.$form" -I "$dir/payload.theirs" -k "$ours.jwk" 2>/dev/null || { echo "$alg: jose takes any payload"; exit 1; }
  done
  jose jws ver -i "$ours.compact" -k "$dir/keys.jwks" 2>/dev/null || { echo "$alg: not by the set of keys"; exit 1; }
  [ "$(jose jwk thp -a S256 -i "$ours.jwk")" = "$(cat "$ours.thumbprint")" ]
  sed 's/"payload":"e/"payload":"f/' "$ours.jws" >"$ours.tampered"
  ! jose jws ver -i "$ours.tampered" -k "$ours.jwk" >/dev/null 2>&1 || { echo "$alg: jose takes anything"; exit 1; }
  echo "$alg: our signatures, keys and thumbprint, their verification: good"

  jose jwk gen -i "{\"alg\":\"$alg\"}" -o "$dir/theirs"
  jose jwk pub -i "$dir/theirs" -o "$ours.jwk.theirs"
  sign() { # FORM OPTION...
    form=$1
    shift
    jose jws sig -I "$dir/payload.theirs" -k "$dir/theirs" -s "{\"protected\":{\"alg\":\"$alg\"}}" -o "$ours.$form.theirs" "$@"
  }
  sign flattened
  sign compact -c
  sign flattened-detached -O /dev/null
  sign compact-detached -c -O /dev/null
done
"$1" check "$dir"
