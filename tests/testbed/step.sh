# shellcheck shell=bash
# Sourced. A numbered line for each thing done; its output goes to $LOG, and what the reader should see to standard
# output 3. The first failure ends the script with the end of the log.

exec 3>&1
: "${STEPS_DONE:=0}"
doing=

step() { # TEXT COMMAND...
  STEPS_DONE=$((STEPS_DONE + 1))
  doing=$1
  printf '%2d  %s\n' "$STEPS_DONE" "$1" | tee -a "$LOG" >&3
  "${@:2}" >>"$LOG" 2>&1
  doing=
}

show() { sed 's/^/    /' >&3; }

explain_failure() {
  local status=$?
  if ((status)) && [[ $doing ]]; then
    { printf '\nstep %d failed: %s\nthe end of %s:\n' "$STEPS_DONE" "$doing" "$LOG"; tail -n 15 "$LOG" | sed 's/^/  | /'; } >&2
  fi
}
trap explain_failure EXIT
