#!/usr/bin/env bash
# What people and CAs get wrong: one clear message that says what to do, a failure, and the next run goes on.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

home=$BED/agent # one configuration, spoiled in one place at a time
config=$home/sealring.toml

refuses() { # WHAT WORDS COMMAND...: fails, and says why in one line in which each line of WORDS (a pattern) is found
  local what=$1 words=$2 status=0 word
  "${@:3}" -q >"$BED/out" 2>"$BED/err" || status=$?
  printf '%s: %s\n' "$what" "$(<"$BED/err")"
  [[ $status == [124] ]] || fail "$what: exit status $status"
  [[ $(wc -l <"$BED/err") == 1 ]] || fail "$what: not one line"
  while read -r word; do
    grep -qiE -- "$word" "$BED/err" || fail "$what: the message has nothing of \"$word\""
  done <<<"$words"
}

nothing_left() { judge_keys "$(private_keys | wc -l)"; } # each key in the token is one that sealring knows and uses

set_key() { # KEY VALUE
  sed -i "s|^$1 *=.*|$1 = \"$2\"|" "$config"
  grep -qF "$1 = \"$2\"" "$config" || fail "no $1 in $config to set"
}

refuses_with() { # KEY VALUE WHAT WORDS: a good configuration but for this key
  set_key "$1" "$2"
  refuses "$3" "$4" sealring issue -d refused.test
  cp "$BED/good.toml" "$config"
  nothing_left
}

goes_on() { # NAME
  sealring -q issue -d "$1" || fail "does not go on: $1"
  judge "$1"
}

init
cp "$config" "$BED/good.toml"
goes_on first.test

# The token.

(umask 077 && printf 00000000 >"$BED/wrong.pin" && cp "$BED/wrong.pin" "$BED/copy.pin")
install -m 0644 "$PIN_FILE" "$BED/open.pin"

refuses_with pin-file "$BED/wrong.pin" 'wrong PIN' PIN
refuses_with pin-file "$BED/wrong.pin" 'the same again' PIN
refuses_with pin-file "$BED/copy.pin" 'the same in another file' PIN
refuses_with pin-file "$BED/missing.pin" 'no PIN file' PIN
refuses_with pin-file "$BED" 'a folder for a PIN file' PIN
refuses_with pin-file "$BED/open.pin" 'a PIN file that others may read' PIN
goes_on pin.test # the right PIN earns its try after all of these

refuses_with token nowhere 'no such token' nowhere
refuses_with module /none.so 'no such module' 'none\.so'

only=$(echo "$BED"/token/tokens/*)
printf '%s\n' 12345678 12345678 |
  "$testbed/prompt.sh" pkcs11-tool --module "$MODULE" --init-token --slot-index 1 --label "$TOKEN" >"$BED/twin.log"
refuses 'two tokens of one label' 'serial|URI' sealring issue -d token.test
find "$BED/token/tokens" -mindepth 1 -maxdepth 1 ! -path "$only" -exec rm -r {} +
goes_on token.test

# The configuration and the command line.

sed -i 's/^pin-file/pin-fil/' "$config"
refuses 'an unknown key' 'sealring\.toml:[0-9]+.*pin-fil\b.*pin-file' sealring issue -d config.test
cp "$BED/good.toml" "$config"

refuses 'an invalid domain' 'exa_mple\.\.test' sealring issue -d 'exa_mple..test'
refuses 'a domain with a space' 'a b\.test' sealring issue -d 'a b.test'
expect 2 sealring issue --no-such-option
expect 2 sealring no-such-verb

if mount --bind "$home" "$home" 2>"$BED/mount.log" && mount -o remount,bind,ro "$home" 2>>"$BED/mount.log"; then
  refuses 'a folder that cannot be written' "$home" sealring issue -d unwritable.test
  umount "$home"
else
  echo 'NOT TESTED, for want of the right to mount: a folder that cannot be written'
fi
goes_on unwritable.test

# The CA.

refuses_with directory https://127.0.0.1:1/dir 'a directory that is down' '127\.0\.0\.1:1\b'

faulty() { # FAULT WORDS
  local address ca server
  exec {ca}> >(exec python3 "$tests/faulty_ca.py" "$1" "$BED/ca/tls.pem" "$BED/ca/tls.key" >"$BED/address")
  server=$!
  until read -r address 2>"$BED/read.log" <"$BED/address" && [[ $address ]]; do
    kill -0 "$server" || fail 'no faulty CA'
    sleep 0.02
  done
  refuses_with directory "$address" "$1" "$2"
  exec {ca}>&- # which ends it
  rm "$BED/address"
}
faulty not-json 'JSON|ACME'
faulty not-acme 'newNonce|newAccount|newOrder|ACME'
faulty too-large 'large|limit|bytes|KiB|MiB'
faulty subproblems $'rejected\\.test\nnever to be issued\ncaa\\.test\nCAA record forbids'

mock_dns() { curl -sSf --noproxy '*' -o /dev/null -d '{"host": "challenge.test"}' "$DNS_MGMT/$1"; }
mock_dns set-servfail
refuses 'a challenge that fails' $'challenge\\.test\nDNS|SERVFAIL|lookup|resolv|validat' sealring issue -d challenge.test
mock_dns clear-servfail
nothing_left
goes_on challenge.test
