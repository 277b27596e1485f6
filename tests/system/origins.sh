#!/usr/bin/env bash
# A CA that uses other hosts than the configured one, by a redirection or by what its directory says: every command says which,
# and the line that allows it; nothing is signed for them before, and with that line all works.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

elsewhere=${DIRECTORY/127.0.0.1/localhost} # Pebble names its resources by the host that it was asked for
other=${elsewhere%/dir}
line="origins = [\"$other\"]"

for way in redirect foreign; do
  home=$BED/$way
  exec {ca}> >(exec python3 "$tests/faulty_ca.py" "$way" "$BED/ca/tls.pem" "$BED/ca/tls.key" "$elsewhere" "$CA_FILE" \
    >"$BED/address")
  server=$!
  until read -r address 2>"$BED/read.log" <"$BED/address" && [[ $address ]]; do
    kill -0 "$server" || fail 'no faulty CA'
    sleep 0.02
  done

  DIRECTORY=$address expect 1 init -q
  grep -qxF "$line" "$BED/out" || { cat "$BED/out"; fail "$way: init does not print the line to add"; }
  grep -q "^foreign  *$other has newNonce newAccount newOrder.* revokeCert keyChange" "$BED/out" ||
    { cat "$BED/out"; fail "$way: init does not show what is elsewhere"; }
  [[ $way == foreign ]] || grep -q "^redirect  *$address leads to $elsewhere\$" "$BED/out" || fail 'the redirection is not shown'
  [[ $(wc -l <"$BED/err") == 1 ]] || fail "$way: not one line of error"

  expect 1 sealring -q init --json
  jq -e --arg line "$line" --arg other "$other" '
    .add == $line and .foreign_origins[0].origin == $other and (.foreign_origins[0].resources | index("newOrder"))
    and .error.condition == "operator_needed" and (.error.message | contains($line))' "$BED/out" >/dev/null ||
    { cat "$BED/out"; fail "$way: not told to a program"; }
  [[ $(jq -r .redirected_to "$BED/out") == "$([[ $way == redirect ]] && echo "$elsewhere" || echo null)" ]] ||
    fail "$way: a program is not told of the redirection"

  expect 1 sealring -q issue -d "$way.test"
  grep -qF "$line" "$BED/err" || { cat "$BED/err"; fail "$way: issue does not name the line"; }

  sealring audit show >"$BED/shown"
  ! grep -q newAccount "$BED/shown" || fail "$way: something was signed"

  sed -i "s|^\[ca\]|&\n$line|" "$home/sealring.toml"
  sealring -q init >"$BED/out" || fail "$way: not even with the line"
  sealring -q issue -d "$way.test" || fail "$way: no certificate"
  judge "$way.test"

  exec {ca}>&- # which ends it
  rm "$BED/address"
done
echo 'foreign origins are shown, refused, and used where the file names them'
