# shellcheck shell=bash
# Sourced inside a bed. What strangers (OpenSC, OpenSSL, the CA itself) say of certificates and of the token.

testbed=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

token() { # OPTION...: pkcs11-tool on the bed's token, logged in; again where SoftHSM fails it since another process writes
  local try
  for try in 1 2 3; do
    { cat "$PIN_FILE"; echo; } |
      "$testbed/prompt.sh" pkcs11-tool --module "$MODULE" --token-label "$TOKEN" --login "$@" >"$BED/token.said" &&
      cat "$BED/token.said" && return
    (( try == 3 )) || sleep 0.2
  done
  return 1
}

from_ca() { curl -sSf --noproxy '*' --cacert "$CA_FILE" "$MGMT/$1"; }

# "Valid" or "Revoked", in the CA's words.
ca_status() { # CERTIFICATE
  local serial
  serial=$(openssl x509 -in "$1" -noout -serial)
  from_ca "cert-status-by-serial/${serial#serial=}" | sed -n 's/.*"Status": *"\([A-Za-z]*\)".*/\1/p'
}

verify_chain() { # CERTIFICATE CHAIN: up to the CA's root, which comes from the CA's management side
  from_ca roots/0 >"$BED/root.pem"
  openssl verify -x509_strict -CAfile "$BED/root.pem" -untrusted "$2" "$1"
}

hex() { od -An -v -tx1 "$@" | tr -d ' \n'; }

# The DER of a public key as the token has it: all of it for RSA. For EC the octets of the point, in hexadecimal, since OpenSC
# 0.23 cannot put a P-384 key together ("cannot create EVP_PKEY", for keys of its own making too).
token_point() { # ID
  token --list-objects --type pubkey |
    awk -v id="${1,,}" '/^ *EC_POINT: *04/ { point = substr($2, 5) } $1 == "ID:" { if ($2 == id) print point; point = "" }'
}

# The three views of one key must agree: certificate, reference and token.
same_key() { # CERTIFICATE PRIVKEY ID
  local point spki
  spki=$(openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER | hex)
  openssl asn1parse -in "$2" -noout -out "$BED/reference.der" # which ends with the public key
  [[ $(hex "$BED/reference.der") == *"$spki" ]] || return 1
  point=$(token_point "$3")
  if [[ ! $point && $spki != *2a864886f70d010101* ]]; then # not RSA: read while SoftHSM's other process wrote
    sleep 0.5
    point=$(token_point "$3")
  fi
  if [[ $point ]]; then
    [[ $spki == *"$point" ]]
  else
    token --read-object --type pubkey --id "$3" --output-file "$BED/token.spki" >/dev/null
    [[ $spki == "$(hex "$BED/token.spki")" ]]
  fi
}

# label and access line of every private key; the access line is what proves that none can leave.
private_keys() {
  token --list-objects --type privkey |
    awk -F': *' '/^ *label:/ { label = $2 } /^ *Access:/ { print label ": " $2 }'
}
