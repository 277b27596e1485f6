#!/usr/bin/env bash
# Prints the addresses of the archives this machine takes its own release from, one a line.
# apt reads its sources itself, in whichever form and file they are written.
set -euo pipefail

# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# The code name is known once `apt-get update` has run; until then there is what the source entry says.
# shellcheck disable=SC2016 # apt is to fill these in
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME)' 'Created-By: Packages' 'Component: main' |
  awk -v release="$release" '($2 == release || $3 == release) && !seen[$1]++ { print $1 }'
