# shellcheck shell=bash
# Sourced after lib.sh: runs operations, and holds what was seen to work to the list of what there is.

: "${tests:?lib.sh comes first}"

serve_web_root() { # for http-01
  export WEB_ROOT=$BED/www
  : "${HTTP01_PORT:=5002}"
  mkdir "$WEB_ROOT"
  /usr/bin/python3 -m http.server "$HTTP01_PORT" --bind 127.0.0.1 --directory "$WEB_ROOT" >"$BED/www.log" 2>&1 &
  web=$!
  trap 'kill "$web" 2>/dev/null || true' EXIT
  until (: <"/dev/tcp/127.0.0.1/$HTTP01_PORT") 2>/dev/null; do
    kill -0 "$web" || fail 'no web server'
    sleep 0.05
  done
}

run_operations() { # LIST SERVER
  "$OPERATIONS" "$1" >"$BED/done" || { cat "$BED/done"; fail "$1: after these, on $2"; }
  diff -u "$tests/operations/$1.txt" "$BED/done" >&2 || fail "$1: not the operations of the list, on $2"
  sed "s/^/$2: /" "$BED/done"
  echo "$(wc -l <"$BED/done") operations on $2"
}
