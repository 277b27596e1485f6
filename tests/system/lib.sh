# shellcheck shell=bash
# Sourced by every system test, inside a bed (tests/testbed/bed.sh).
set -euo pipefail

tests=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/testbed/inspect.sh
. "$tests/../testbed/inspect.sh"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# The folder of the configuration under test; a test that wants a second one sets it.
home=$BED

sealring() { "$SEALRING" --config "$home/sealring.toml" "$@"; }

init() { # OPTION...: the bed's token and CA, unless an option says otherwise
  mkdir -p "$home"
  sealring init --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" --directory "$DIRECTORY" --ca-file "$CA_FILE" \
    --contact mailto:ops@example.test --agree-tos --http-01 "$HTTP01" "$@"
}

# What every certificate must be: of the token's key, which cannot leave it, and of the CA's chain.
judge() { # NAME
  local live=$home/live/$1
  same_key "$live/cert.pem" "$live/privkey.pem" "$(sealring show "$1" --json | jq -r .key.id)" || fail "$1: the certificate is not of the token's key"
  verify_chain "$live/cert.pem" "$live/chain.pem" || fail "$1: the chain does not verify"
  cat "$live/cert.pem" "$live/chain.pem" | cmp - "$live/fullchain.pem" || fail "$1: fullchain.pem is not cert.pem and chain.pem"
  cat "$live/fullchain.pem" "$live/privkey.pem" | cmp - "$live/combined.pem" || fail "$1: combined.pem is not both"
}

# Every private key in the token is locked in it, and is one that sealring knows and uses.
judge_keys() { # NUMBER
  private_keys >"$BED/keys"
  [[ $(grep -c ': sensitive, always sensitive, never extractable, local$' "$BED/keys") == "$1" &&
    $(wc -l <"$BED/keys") == "$1" ]] || { cat "$BED/keys" >&2; fail "not $1 keys, all locked in the token"; }
  sealring key list --json >"$BED/keys.json"
  jq -e --argjson number "$1" '
    length == $number and all(
      .sensitive and .always_sensitive and .never_extractable and .local and (.extractable | not)
      and (.referenced_by | length > 0))' "$BED/keys.json" >/dev/null ||
    { cat "$BED/keys.json" >&2; fail "\`key list\` does not show $1 keys, all locked and all in use"; }
}

expect() { # STATUS COMMAND...
  local status=0
  "${@:2}" >"$BED/out" 2>"$BED/err" || status=$?
  [[ $status == "$1" ]] || { cat "$BED/out" "$BED/err" >&2; fail "exit status $status, not $1: ${*:2}"; }
}
