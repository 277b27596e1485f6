#!/usr/bin/env bash
# 100 runs with a wrong PIN are one C_Login in all, counted between us and the module; a copy of the PIN earns no second one.
# usage: SHIM=sealring_pkcs11_shim.so bed.sh wrong_pin.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

export SHIM_MODULE=$MODULE SHIM_LOG=$BED/logins
: >"$SHIM_LOG"
logins() { wc -l <"$SHIM_LOG"; }

MODULE=$SHIM init
before=$(logins)

(umask 077 && printf 00000000 >"$BED/wrong.pin" && cp "$BED/wrong.pin" "$BED/copy.pin")
cp "$home/sealring.toml" "$BED/good.toml"
sed -i "s|^pin-file *=.*|pin-file = \"$BED/wrong.pin\"|" "$home/sealring.toml"
for _ in {1..100}; do expect 1 sealring -q issue -d wrong.test; done
[[ $(logins) == $((before + 1)) ]] || fail "$(($(logins) - before)) logins with a wrong PIN in 100 runs"
grep -q -- '--retry-pin' "$BED/err" || fail "the message does not say what to do: $(<"$BED/err")"

sed -i "s|^pin-file *=.*|pin-file = \"$BED/copy.pin\"|" "$home/sealring.toml"
expect 1 sealring -q issue -d wrong.test
[[ $(logins) == $((before + 1)) ]] || fail 'a copy of the wrong PIN earned a second try'

expect 1 sealring -q init --retry-pin
[[ $(logins) == $((before + 2)) ]] || fail 'a person who asks for it does not get one more try'

cp "$BED/good.toml" "$home/sealring.toml"
sealring -q issue -d right.test || fail 'the right PIN does not work any more'
echo "100 runs with a wrong PIN: 1 C_Login"
