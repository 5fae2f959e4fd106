#!/usr/bin/env bash
# One of the load programs, as `./dev bench load-<name>` calls it; arguments go to it (--help lists them).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
name=${1:-}
[ -n "$name" ] && [ -x "$name.py" ] || {
  echo "usage: ./dev bench load-collapse|load-overhead|load-budget|load-soak|load-refresh|load-slices|load-torture [args]" >&2
  exit 2
}
shift
exec python3 "$name.py" "$@"
