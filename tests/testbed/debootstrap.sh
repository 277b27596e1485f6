#!/usr/bin/env bash
# The proof that a clean clone needs nothing but a Debian base and git: runs the two commands in a fresh root.
# usage: debootstrap.sh FOLDER [COMMAND...]      (as root; default: ./quickstart.sh ./test.sh)
#
# FOLDER is kept: a second call makes a new clone in the same root, in which the packages then are already installed.
# To begin with none of them, remove it first.
set -euo pipefail

folder=$(realpath -m "${1:?usage: debootstrap.sh FOLDER [COMMAND...]}")
shift
(($#)) || set -- ./quickstart.sh ./test.sh
here=$(dirname "$(realpath "$0")")
repository=$(git -C "$here" rev-parse --show-toplevel)
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")

make_root() {
  command -v debootstrap >/dev/null || { echo 'debootstrap.sh: needs the package debootstrap' >&2; return 1; }
  rm -rf --one-file-system "$folder.new"
  debootstrap --variant=minbase --include=git "$release" "$folder.new" "$("$here/archive.sh" | head -n 1)" >"$folder.log" ||
    { tail -n 5 "$folder.log" >&2; return 1; }
  # The host's way to Debian, and nobody else's archive: release, updates, security; and its proxy.
  # shellcheck disable=SC2016 # apt is to fill these in
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' 'Component: main' | sort -u >"$folder.new/etc/apt/sources.list"
  apt-config dump | grep -Ei '^Acquire::[a-z]+::Proxy' >"$folder.new/etc/apt/apt.conf.d/proxy" || true
  mv "$folder.new" "$folder"
}

# Its mounts are in a namespace of their own and go with it: nothing can be left mounted below the folder.
in_root() {
  # shellcheck disable=SC2016 # the inner shell fills these in
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1; shift
    mount --bind "$root" "$root" # chroot into a mount point: only there may a test bed make namespaces in turn
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"' bash "$folder" "$@" </dev/null
}

[[ -d $folder ]] || make_root
cp /etc/resolv.conf "$folder/etc/resolv.conf"
rm -rf "$folder/root/sealring"
git clone --quiet --no-hardlinks "$repository" "$folder/root/sealring"

for command in "$@"; do
  started=$SECONDS
  in_root bash -c "cd /root/sealring && $command"
  printf '== %s: %d s\n' "$command" $((SECONDS - started))
done
