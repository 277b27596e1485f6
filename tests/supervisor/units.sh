#!/bin/sh
# units.sh UNITS PROGRAM: are the units well written, and is the service at least as closed as we say?
set -eu
units=$1 program=$2
# Tenths, on a scale from 0 (closed) to 10. step-ca's unit, the strictest found elsewhere, has 21 with a user of its own. Ours must
# be root to give its children theirs, which alone counts 8 (User=, CAP_SETUID, CAP_KILL), to let one of them bind port 80 (1),
# and to give privkey.pem to root (3);
# all that step-ca closes, it closes.
limit=25

if ! command -v systemd-analyze >/dev/null; then
  echo "skipped: systemd-analyze (package systemd) is not there"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$units"/sealring.service "$units"/sealring.socket "$units"/sealring-control.socket "$work"
# The program need not be installed; man pages and other units need not either.
sed -i -e "s|^ExecStart=/usr/bin/sealring|ExecStart=$program|" -e '/^Documentation=/d' "$work/sealring.service"

said=$(SYSTEMD_UNIT_PATH="$work:" systemd-analyze verify --man=no --recursive-errors=no "$work"/sealring.service "$work"/*.socket 2>&1) || {
  echo "$said"
  exit 1
}
if [ -n "$said" ]; then
  echo "verify: $said"
  exit 1
fi
systemd-analyze security --offline=true --no-pager --threshold="$limit" "$work/sealring.service"

# What step-ca's unit has, but for RemoveIPC=, which does not apply to root.
for closed in NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes RestrictNamespaces=yes \
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6" PrivateTmp=yes ProtectClock=yes ProtectControlGroups=yes \
  ProtectKernelTunables=yes ProtectKernelLogs=yes ProtectKernelModules=yes LockPersonality=yes RestrictSUIDSGID=yes \
  RestrictRealtime=yes PrivateDevices=yes SystemCallArchitectures=native MemoryDenyWriteExecute=yes; do
  grep -qx "$closed" "$work/sealring.service" || { echo "sealring.service lacks $closed"; exit 1; }
done

# No more of root than the roles need: agent/supervisor/users.cpp.
grep -qx 'CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_KILL CAP_CHOWN CAP_NET_BIND_SERVICE' "$work/sealring.service" ||
  { echo 'sealring.service has other capabilities'; exit 1; }

command -v systemd-sysusers >/dev/null || exit 0
mkdir -p "$work/root/etc"
systemd-sysusers --root="$work/root" - <"$units/sysusers.conf"
for user in sealring sealring-keeper; do
  grep -q "^$user:" "$work/root/etc/passwd" || { echo "sysusers.conf makes no user $user"; exit 1; }
done
systemd-tmpfiles --root="$work/root" --create - <"$units/tmpfiles.conf"
keeper=$(grep '^sealring-keeper:' "$work/root/etc/passwd" | cut -d: -f3)
found=$(stat -c '%a %u' "$work/root/var/lib/sealring/keeper")
[ "$found" = "700 $keeper" ] || [ "$(id -u)" != 0 ] || { echo "the keeper's folder is $found"; exit 1; }
