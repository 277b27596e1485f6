#!/usr/bin/env bash
# Which lines of the toolkit's headers its tests run: a table by header, and the lines that none runs. Fails below the floor.
# usage: tests/coverage.sh [PERCENT]      90, unless said otherwise
#
# Only what is compiled counts: templates as far as they are instantiated, and inline functions as far as a test's file calls
# them (or, with KEEP=1 in the environment and four times the time to compile, all). Headers that no test includes are named.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

floor=${1:-90}
build=$PWD/build/coverage
tests=(-L toolkit -R '^(unit|verify|fuzz): ')  # none that compiles, or needs the agent
flags="--coverage -fprofile-abs-path -fprofile-update=atomic${KEEP:+ -fkeep-inline-functions}"

cmake -S . -B "$build" -G Ninja -DBUILD_TESTING=ON -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=g++ \
  -DCMAKE_CXX_FLAGS="$flags" >/dev/null
# The programs that the tests run, or give to a stranger's program. ctest tells of those that are not built yet by complaining.
mapfile -t programs < <(cd "$build" && ctest -N -V "${tests[@]}" 2>&1 | grep -oE "$build/bin/[a-z0-9_]+" | sort -u)
cmake --build "$build" --target "${programs[@]##*/}"
find "$build" -name '*.gcda' -delete
(cd "$build" && ctest "${tests[@]}" --output-on-failure >coverage.log) || { cat "$build/coverage.log"; exit 1; }
find "$build" -name '*.gcda' -print0 | tests/coverage.py "$PWD/include/sealring" "$floor"
