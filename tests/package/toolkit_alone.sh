#!/usr/bin/env bash
# Configures, builds and installs sealring without its agent, on a system that has nothing of what only the agent needs. To be
# quick, one of the static libraries, in one piece.
# usage: toolkit_alone.sh SOURCE FOLDER COMPILER
set -euo pipefail
# Of pkg-config's modules there is p11-kit's alone, which hsm needs.
modules=$(pkg-config --variable=pcfiledir p11-kit-1)
mkdir -p "$2/pkgconfig"
cp "$modules/p11-kit-1.pc" "$modules/libffi.pc" "$2/pkgconfig"
hidden=()
for package in CLI11 tomlplusplus Asio Catch2 Doxygen; do hidden+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON"); done

PKG_CONFIG_LIBDIR=$2/pkgconfig cmake --fresh -S "$1" -B "$2/build" -G Ninja "-DCMAKE_CXX_COMPILER=$3" -DCMAKE_UNITY_BUILD=ON \
  -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 -DSEALRING_AGENT=OFF -DBUILD_TESTING=OFF "${hidden[@]}"
cmake --build "$2/build" --target sealring_client
rm -rf "$2/stage"
for component in toolkit client; do cmake --install "$2/build" --component $component --prefix "$2/stage"; done
[[ ! -e $2/stage/bin && $(find "$2/stage" -name 'libsealring-*.a') == */libsealring-client.a ]]
