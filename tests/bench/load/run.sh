#!/usr/bin/env bash
# One of the load programs, as `./dev bench load-<name>` calls it; arguments go to it (--help lists them). With
# --names: what they are called there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
names() {
  local program
  for program in *.py; do
    [ ! -x "$program" ] || printf 'load-%s ' "${program%.py}"
  done
}
name=${1:-}
if [ "$name" = --names ]; then
  names
  exit
fi
[ -n "$name" ] && [ -x "$name.py" ] || {
  echo "usage: ./dev bench NAME [args]; NAME is one of: $(names)" >&2
  exit 2
}
shift
exec python3 "$name.py" "$@"
