#!/usr/bin/env bash
# Runs a command where the users of the agent's roles exist, without adding any to this machine.
# usage: users.sh COMMAND...
#
# In a mount namespace of its own /etc/passwd and /etc/group are copies with `sealring-keeper` and `sealring` added; whoever
# looks users up in them sees the two, and nobody outside sees any of it. A user that is there already is taken as it is.
# Ends with 77 where such a namespace cannot be had, or other users cannot be become: that takes root.
set -euo pipefail

if (( ! $# )) || [[ $1 == --* ]]; then
  sed -n 's/^# usage: /usage: /p' "$0" >&2
  exit 2
fi

if [[ ${1-} != "$$" ]]; then
  if (( EUID != 0 )) || ! unshare --mount --propagation private true 2>/dev/null ||
    ! setpriv --reuid 1 --regid 1 --clear-groups true 2>/dev/null; then
    echo 'users.sh: skipped: other users, and a mount namespace for them, take root' >&2
    exit 77
  fi
  # exec keeps the process's number, a word that no caller can have meant.
  exec unshare --mount --propagation private bash "$0" "$$" "$@"
fi
shift

missing=()
for name in sealring-keeper sealring; do
  getent passwd "$name" >/dev/null || missing+=("$name")
done
(( ${#missing[@]} )) || exec "$@"

copy=$(mktemp -d "${TMPDIR:-/tmp}/sealring-users.XXXXXX")
trap 'rm -rf "$copy"' EXIT
cp /etc/passwd /etc/group "$copy"

number=64900
free_number() { # sets it to one that neither a user nor a group has
  while getent passwd "$((--number))" || getent group "$number"; do :; done >/dev/null
}

for name in "${missing[@]}"; do
  free_number
  group=$(getent group "$name" | cut -d: -f3 || true)
  [[ $group ]] || echo "$name:x:$number:" >>"$copy/group"
  echo "$name:x:$number:${group:-$number}::/nonexistent:/usr/sbin/nologin" >>"$copy/passwd"
done

chmod 0644 "$copy/passwd" "$copy/group"
mount --bind "$copy/passwd" /etc/passwd
mount --bind "$copy/group" /etc/group
rm -rf "$copy"  # the mounts keep the files
trap - EXIT

exec "$@"
