#!/usr/bin/env bash
# From a clean clone to a certificate whose keys never left the token: a dozen steps, on this machine alone.
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
  cmake --build --preset release --target sealring
}

newer() { # not to have them is no failure: each has something to stand in
  tests/testbed/newer.sh pebble build/testbed/pebble | show ||
    echo "no newer Pebble: Debian's own serves" | show
  tests/testbed/newer.sh pkcs11-provider build/testbed/pkcs11-provider | show ||
    echo 'no pkcs11-provider: no TLS server can use the token, so a bare signature will be checked' | show
}

step 'install what is missing of the Debian packages' tests/testbed/packages.sh build run
step 'build sealring (Release) in build/release' compile
step 'unpack a newer Pebble and a TLS provider in build/testbed' newer

export STEPS_DONE
exec tests/testbed/bed.sh --folder build/quickstart tests/testbed/tour.sh
