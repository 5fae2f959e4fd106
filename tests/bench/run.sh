#!/usr/bin/env bash
# The hit benchmark, as `./dev bench` calls it; arguments go to hit.py (see its head).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec python3 tests/bench/hit/hit.py --forebay build/release/forebay --floor build/release/tests/epoll_floor "$@"
