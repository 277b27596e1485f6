#!/usr/bin/env bash
# A full disk under the audit log: no signature is released that it does not have, the refusals say what to do, and with room
# again there is service again.
# usage: CLIENTS=keeper_clients bed.sh --no-pebble full_disk.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

disk=$BED/disk
mkdir "$disk"
if [[ ! ${SEALRING_OWN_MOUNTS-} ]]; then
  unshare --mount mount -t tmpfs none "$disk" 2>/dev/null || { echo 'SKIPPED: this user may not mount'; exit 77; }
  rmdir "$disk"
  SEALRING_OWN_MOUNTS=1 exec unshare --mount "$0"
fi
mount -t tmpfs -o size=512k none "$disk"

configure
sed -i "s|^listen = .*|&\naudit = \"$disk/audit.log\"|" "$home/sealring.toml"
begin

signed() { sealring audit show --json | grep -c '"operation": *"sign-message".*"decision": *"allowed"' || true; }
sum=0
for round in 1 2; do
  dd if=/dev/zero of="$disk/filler" bs=4k count=$((round == 1 ? 64 : 32)) status=none
  clients fill >"$BED/out"
  released=$(sed -n 's/ released$//p' "$BED/out")
  (( released > 0 )) || { cat "$BED/out" >&2; fail 'nothing was signed before the disk was full'; }
  grep -q 'refused: .*make room on its disk' "$BED/out" || { cat "$BED/out" >&2; fail 'the refusal does not say what to do'; }
  (( sum += released ))
  echo "round $round: $released signatures released"
  rm "$disk/filler"
  clients once # there is room again
  (( ++sum ))
done
stop_agent
[[ $(signed) == "$sum" ]] || fail "$sum signatures were released, and the log has $(signed)"
sealring audit verify >"$BED/out" || { cat "$BED/out" >&2; fail 'the audit log does not verify'; }
echo "$sum released, $sum in the log"
