#!/usr/bin/env bash
# Unpacks a package from a later Debian suite into a folder; nothing is installed.
# usage: newer.sh pebble|pkcs11-provider FOLDER
#
# FOLDER/suite says where it came from; a second call does nothing. Exits 1 when no suite has it (or none is
# within reach): the caller then does without, and says so.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
package=${1:?usage: newer.sh PACKAGE FOLDER}
folder=$(realpath -m "${2:?usage: newer.sh PACKAGE FOLDER}")
case $package in
  pebble) suites=(sid trixie) ;;                     # ARI, profiles and dns-account-01 came after Debian 12's
  pkcs11-provider) suites=(bookworm-backports) ;;    # Debian 12 itself has none
  *) echo "newer.sh: no suite is known for $package" >&2; exit 2 ;;
esac

[[ -e $folder/suite ]] && { cat "$folder/suite"; exit; }

# An apt of our own: it shares nothing with the system's but the settings (a proxy, say).
state=$folder.apt
trap 'rm -rf "$state"' EXIT
rm -rf "$folder" "$state"
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
touch "$state/status"
cat >"$state/apt.conf" <<END
#clear APT::Update;                     // the system's hooks: they are not about this update
#clear DPkg::Post-Invoke;
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";     // nothing is installed, so only the suite's version is a candidate
Dir::Cache "$state/cache";
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "root";              // _apt may not enter the folders above this one
Acquire::Check-Valid-Until "false";     // an unstable suite's Release file may be past its date; signatures still count
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "2";
END

own_apt() { apt-get -q -c "$state/apt.conf" "$@"; }

# Whatever mirror it is, the signature must be Debian's.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

unpack_from() { # SUITE ARCHIVE
  echo "deb [signed-by=$keyring] $2 $1 main" >"$state/sources.list"
  own_apt update --error-on=any && (cd "$state" && own_apt download "$package") &&
    dpkg-deb -x "$state/$package"_*.deb "$folder"
}

for suite in "${suites[@]}"; do
  while read -r archive; do
    if unpack_from "$suite" "$archive" >>"$state/log" 2>&1; then
      echo "$package $(dpkg-deb -f "$state/$package"_*.deb Version) from Debian $suite" | tee "$folder/suite"
      exit
    fi
  done < <("$here/archive.sh")
done
echo "newer.sh: no newer $package to be had from ${suites[*]}:" >&2
grep '^[EW]:' "$state/log" >&2 || true
exit 1
