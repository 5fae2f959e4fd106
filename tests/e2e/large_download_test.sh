#!/usr/bin/env bash
# Half a gigabyte goes through in bounded memory.
. "$(dirname "$0")/common.sh"

origin=$(free_port); port=$(free_port)
cat >"$dir/servers.conf" <<CONF
server { listen 127.0.0.1:$origin; root $dir/www; add_header Cache-Control "max-age=300"; }
CONF
mkdir -p "$dir/www"
truncate -s 500M "$dir/www/large"
start_nginx
start_forebay run --upstream "http://127.0.0.1:$origin" --listen "127.0.0.1:$port" --admin "127.0.0.1:$(free_port)"

peak() { awk '/VmHWM/ { print $2 }' "/proc/$forebay_pid/status"; }  # in kB
before=$(peak)
for _ in 1 2; do
  size=$(get --max-time 60 -o /dev/null -w '%{size_download}' "http://127.0.0.1:$port/large")
  expect "bytes received" $((500 * 1024 * 1024)) "$size"
done
after=$(peak)
echo "peak memory: $before kB before, $after kB after"
[ $((after - before)) -lt $((150 * 1024)) ] || fail "memory grew from $before to $after kB"
expect "requests that nginx saw" 2 "$(requests_seen '/large ')"

# A client that gives up in the middle, and one that reads slowly.
curl -sS --max-time 1 --limit-rate 1M -o /dev/null "http://127.0.0.1:$port/large" 2>/dev/null && fail "it cannot have had everything"
[ $(($(peak) - before)) -lt $((150 * 1024)) ] || fail "memory grew from $before to $(peak) kB"
expect "afterwards" 404 "$(status_of "http://127.0.0.1:$port/missing")"
