#!/usr/bin/env bash
# What an order may choose: one of the CA's profiles, and the chain to one of its roots. And what Pebble does not offer.
# usage: PEBBLE_ALTERNATE_ROOTS=1 PEBBLE_CHAIN_LENGTH=2 PEBBLE_CONFIG='{"profiles": {"brief": …, "long": …}}' bed.sh orders.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

certificate() { # NAME LINE...: an entry of the configuration
  printf '%s\n' '[[certificate]]' "name = \"$1\"" "domains = [\"$1\"]" "${@:2}" >"$home/conf.d/$1.toml"
}
days() { # NAME: how long it lives
  local from to
  from=$(openssl x509 -in "$home/live/$1/cert.pem" -noout -startdate)
  to=$(openssl x509 -in "$home/live/$1/cert.pem" -noout -enddate)
  echo $((($(date -d "${to#*=}" +%s) - $(date -d "${from#*=}" +%s) + 60) / 86400))
}

init -q >/dev/null
mkdir -p "$home/conf.d"

certificate brief.test 'profile = "brief"'
certificate long.test 'profile = "long"'
certificate none.test 'profile = "none"'
expect 0 sealring -q issue --name brief.test
expect 0 sealring -q issue --name long.test
[[ $(days brief.test) == 6 && $(days long.test) == 90 ]] || fail "$(days brief.test) and $(days long.test) days"
expect 1 sealring -q issue --name none.test
grep -q 'no.* profile "none"; it has brief, long' "$BED/err" || { cat "$BED/err" >&2; fail 'not said which profiles there are'; }
# Another profile is another certificate.
certificate brief.test 'profile = "long"'
sealring -q issue --name brief.test --force >/dev/null
[[ $(days brief.test) == 90 ]] || fail 'the old profile'
rm "$home/conf.d/none.test.toml"

# The chain to each root, by its name and by the key of the topmost certificate that the CA sends; one that is not there is
# told, and the CA's own choice taken.
top() { # NAME: of its chain, the SHA-256 of the last key
  awk '/BEGIN/ { text = "" } { text = text $0 "\n" } END { printf "%s", text }' "$home/live/$1/chain.pem" |
    openssl x509 -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -d ' ' -f 1
}
issue_to() { # NAME PREFERRED ROOT-NUMBER
  certificate "$1" "preferred-chain = \"$2\""
  expect 0 sealring issue --name "$1"
  ! grep -q 'no chain' "$BED/err" || fail "$1: no chain to root $3 was found"
  to_root "$1" "$3" || fail "$1: not the chain to root $3"
  ! to_root "$1" $((1 - $3)) || fail "$1: the chain to the other root"
}
to_root() { # NAME NUMBER
  openssl verify -x509_strict -CAfile "$BED/root.$2" -untrusted "$home/live/$1/chain.pem" "$home/live/$1/cert.pem" >/dev/null 2>&1
}
for i in 0 1; do from_ca "roots/$i" >"$BED/root.$i"; done
for i in 0 1; do
  issue_to "name$i.test" "$(openssl x509 -in "$BED/root.$i" -noout -subject -nameopt multiline | sed -n 's/.*commonName *= //p')" $i
  issue_to "key$i.test" "$(top "name$i.test")" $i
done
certificate absent.test 'preferred-chain = "Nobody Root X1"'
expect 0 sealring issue --name absent.test
grep -q 'has no chain to Nobody Root X1; its first one is taken' "$BED/err" || { cat "$BED/err" >&2; fail 'not said'; }

# RFC 8555 section 7.4.1 is not for Pebble.
expect 1 sealring authorize long.test
grep -q 'does not offer .*newAuthz' "$BED/err" || { cat "$BED/err" >&2; fail 'no clear refusal of authorize'; }
echo 'profiles and roots as asked for'
