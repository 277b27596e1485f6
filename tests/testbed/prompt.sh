#!/usr/bin/env bash
# Runs a command that asks for PINs and gives it the lines of its own standard input as the answers.
# usage: prompt.sh COMMAND... < ANSWERS
#
# PINs do not belong in arguments or the environment, which are for all to read. OpenSC reads them from any standard
# input, but only when its output is a terminal: so script(1) lends it one.
set -euo pipefail

exec 3<&0 </dev/null
SHELL=/bin/bash script --quiet --return --command "$(printf '%q ' "$@") <&3" /dev/null | tr -d '\r'
