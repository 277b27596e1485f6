#!/usr/bin/env bash
# The second half of quickstart.sh, inside its bed: a certificate's life, each step judged by somebody else's program.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
: "${LOG:=$BED/tour.log}"
# shellcheck source=tests/testbed/step.sh
. "$here/step.sh"
# shellcheck source=tests/testbed/inspect.sh
. "$here/inspect.sh"

PATH=$PATH:/usr/sbin # nginx
name=quickstart.test
live=$BED/live/$name

sealring() { "$SEALRING" --config "$BED/sealring.toml" "$@"; }

started() {
  echo "token \"$TOKEN\" in $MODULE" | show
  echo "$PEBBLE at $DIRECTORY" | show
}

# Only real root can become www-data, as a server of Debian's does. Anybody else is the web server himself.
web_user=$(id -un)
! setpriv --reuid www-data --regid www-data --clear-groups true 2>/dev/null || web_user=www-data

init() {
  sealring init --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" --directory "$DIRECTORY" --ca-file "$CA_FILE" \
    --contact mailto:ops@example.test --agree-tos --http-01 "$HTTP01"
  cat >>"$BED/sealring.toml" <<END

[agent]
listen = ["@sealring-quickstart"]   # no folder hides it from another user, or in a chroot

[[certificate]]
name = "$name"
domains = ["$name", "www.$name"]
peers = ["$web_user"]
END
}

certificate() {
  cp "$live/cert.pem" "$BED/issued.pem" # whatever becomes of the other once it is revoked
  sealring show "$name"
  openssl x509 -in "$live/cert.pem" -noout -serial -issuer -enddate -ext subjectAltName | show
}

keys() { # the account's, the certificate's, the audit log's, as OpenSC reads them from the token
  private_keys | tee "$BED/keys" | show
  [[ $(grep -c ': sensitive, always sensitive, never extractable, local$' "$BED/keys") == 3 ]]
  [[ $(wc -l <"$BED/keys") == 3 ]]
}

key_id() { sealring show "$name" --json | sed -n 's/.*"key":{[^}]*"id":"\([0-9a-f]*\)".*/\1/p'; }

chain() {
  same_key "$live/cert.pem" "$live/privkey.pem" "$(key_id)"
  echo 'the public key in the certificate is the one in the token' | show
  verify_chain "$live/cert.pem" "$live/chain.pem" | sed "s|$BED/||" | show
}

revoked() {
  local status
  status=$(ca_status "$BED/issued.pem")
  echo "$status" | show
  [[ $status == Revoked ]]
}

reference() { show <"$live/privkey.pem"; }

agent() {
  "$SEALRING" --config "$BED/sealring.toml" agent 2>"$BED/agent.log" &
  until grep -q 'keeper ready' "$BED/agent.log"; do
    kill -0 $! # else its end would be waited for in vain
    sleep 0.05
  done
}

web_server() {
  local as="user $web_user;"
  [[ $web_user == www-data ]] || as='user root root; master_process off;' # root of a namespace has nobody to become
  mkdir -p "$BED/nginx"
  sealring init --openssl-conf >"$BED/openssl.cnf"
  {
    printf '%s\nenv OPENSSL_CONF;\ndaemon off;\npid %s/pid;\nerror_log %s/error.log;\nevents {}\nhttp {\naccess_log off;\n' \
      "$as" "$BED/nginx" "$BED/nginx"
    printf '%s_temp_path %s/temp;\n' client_body "$BED/nginx" proxy "$BED/nginx" fastcgi "$BED/nginx" \
      uwsgi "$BED/nginx" scgi "$BED/nginx"
    sealring init --server nginx --name "$name" |
      sed -e "s/listen 443/listen 127.0.0.1:$TLS_PORT/" -e "s/^}/    return 200 'served with a key in the token\\\\n';\n}/"
    echo '}'
  } >"$BED/nginx/nginx.conf"
  OPENSSL_CONF=$BED/openssl.cnf nginx -e "$BED/nginx/error.log" -c "$BED/nginx/nginx.conf" &
  until [[ $(ss -Hltn "sport = :$TLS_PORT") ]]; do
    kill -0 $! || { cat "$BED/nginx/error.log"; return 1; }
    sleep 0.02
  done
}

doctor() {
  sealring doctor --openssl-conf "$BED/openssl.cnf" >"$BED/doctor" || { cat "$BED/doctor"; return 1; }
  tail -n 3 "$BED/doctor" | show
}

fetch() {
  curl -sSf --noproxy '*' --cacert "$BED/root.pem" --resolve "$name:$TLS_PORT:127.0.0.1" -v "https://$name:$TLS_PORT/" \
    >"$BED/answer" 2>"$BED/curl.log" || { cat "$BED/curl.log" "$BED/nginx/error.log"; return 1; }
  { sed -n 's/^\* *\(SSL connection using\|SSL certificate verify\)/\1/p' "$BED/curl.log"; cat "$BED/answer"; } | show
}

step 'make a throw-away token, and a CA that only this script can reach' started
step 'sealring init: the configuration' init
step "sealring issue: account, order, http-01, certificate; both keys are made in the token" \
  sealring issue --name "$name"
step 'the certificate' certificate
step 'no key can leave the token: its own word for each private key in it' keys
step 'the chain, up to the root of the CA' chain
step 'sealring revoke' sealring revoke "$name"
step 'what the CA now says of the certificate' revoked
step 'sealring issue: a new certificate, with a new key' sealring issue --name "$name"
step 'what its privkey.pem holds instead of a key' reference
step 'sealring agent, in the background' agent
step "Debian's nginx, with an openssl.cnf by \`sealring init --openssl-conf\`" web_server
step "sealring doctor: the way from $web_user to the key" doctor
step 'curl, of whose request the handshake was signed in the token' fetch
printf '\nall done; look at it in %s\n' "${BED#"$PWD/"}" >&3
