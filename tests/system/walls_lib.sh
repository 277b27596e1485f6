# shellcheck shell=bash
# Sourced after lib.sh where the agent's three users are there (tests/testbed/users.sh): the layout of agent/systemd/tmpfiles.conf.

: "${home:?lib.sh comes first}"

home=$BED/etc
state=$BED/var
chmod 0711 "$BED"
chmod a+rX "$BED/ca" "$CA_FILE"
install -d -m 0755 "$home" "$home/conf.d" "$state"
install -d -m 0700 -o sealring-keeper -g sealring-keeper "$state/keeper"
install -d -m 0755 -o sealring -g sealring "$state/manager"
chown -R sealring-keeper "$BED/token"
install -m 0400 ${PIN_OWNER:+-o "$PIN_OWNER"} "$PIN_FILE" "$home/pin" # root's is handed to the keeper open
PIN_FILE=$home/pin
cat >"$home/sealring.toml" <<TOML
[hsm]
module = "$MODULE"
token = "$TOKEN"
pin-file = "$PIN_FILE"
environment = ["SOFTHSM2_CONF=$SOFTHSM2_CONF"]
[agent]
audit = "$state/keeper/audit.log"
[ca]
directory = "$DIRECTORY"
ca-file = "$CA_FILE"
contact = ["mailto:ops@example.test"]
agree-tos = true
[state]
store = "sqlite3://$state/manager/state.db"
live = "$state/manager/live"
keeper = "$state/keeper"
group = "nogroup"
[http-01]
listen = "$HTTP01"
TOML
