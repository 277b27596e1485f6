#!/usr/bin/env bash
# From a clean clone to a web server whose key never left the token: some steps, on this machine alone.
# usage: ./quickstart.sh
#
# Everything it makes is below build/: the program, and in build/quickstart a throw-away token, a CA (Pebble) and what
# sealring made with them, left there to be looked at. The servers run only as long as this script.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"

mkdir -p build
export LOG=$PWD/build/quickstart.log
: >"$LOG"
# shellcheck source=tests/testbed/step.sh
. tests/testbed/step.sh

compile() {
  cmake --preset release -DBUILD_TESTING=OFF
  cmake --build --preset release --target sealring sealring_provider
}

newer() { # not to have it is no failure: Debian's own stands in
  tests/testbed/newer.sh pebble build/testbed/pebble | show ||
    echo "no newer Pebble: Debian's own serves" | show
}

step 'install what is missing of the Debian packages' tests/testbed/packages.sh build run
step 'build sealring (Release) in build/release' compile
step 'unpack a newer Pebble in build/testbed' newer

export STEPS_DONE
exec tests/testbed/bed.sh --folder build/quickstart tests/testbed/tour.sh
