#!/usr/bin/env bash
# Files are checked as a whole, and reloaded while requests go on.
. "$(dirname "$0")/common.sh"

# Every mistake is told, with its line.
cat >"$dir/bad.yaml" <<'YAML'
listen:
  - address: 127.0.0.1
upstreams:
  app:
    servers: ["ftp://127.0.0.1"]
    queu: 3
cache:
  memory: { size: 12XB }
routes:
  - match: { paths: ["no-slash"] }
    upstream: missing
YAML
status=0; errors=$("$forebay" check -c "$dir/bad.yaml" 2>&1) || status=$?
expect "exit status of check" 1 "$status"
for line in 2 5 6 8 10 11; do contains "errors" "bad\.yaml:$line:" "$errors"; done
contains "the nearest name" 'queue' "$errors"

origin=$(free_port); port=$(free_port)
cat >"$dir/servers.conf" <<CONF
server { listen 127.0.0.1:$origin; location / { add_header Cache-Control "no-store"; return 200 "old"; } location /b/ { return 200 "new"; } }
CONF
# write_config PREFIX: requests for /x/... go to nginx, others have no route
write_config() {
  cat >"$dir/forebay.yaml" <<YAML
listen:
  - address: 127.0.0.1:$port
admin: { address: "" }
upstreams:
  app: { servers: ["http://127.0.0.1:$origin"] }
routes:
  - match: { paths: ["/a/**"] }
    upstream: app
$1
YAML
}
more='  - match: { paths: ["/b/**"] }
    upstream: app'
write_config ""
contains "check of a good file" 'ok \(1 upstreams, 1 routes, 1 listeners\)' "$("$forebay" check -c "$dir/forebay.yaml")"
start_nginx
start_forebay run -c "$dir/forebay.yaml"
url=http://127.0.0.1:$port
expect "before the reload" 404 "$(status_of "$url/b/x")"

# Requests go on while the configuration changes back and forth: none may fail.
(
  for _ in $(seq 15); do
    # many requests over one connection
    curl -sS --max-time 20 -o /dev/null -w '%{http_code}\n' "$url/a/[1-40]" 2>>"$dir/curl-errors" || echo "failed $?"
  done
) >"$dir/statuses" &
load=$!
for _ in $(seq 10); do
  write_config "$more"; kill -HUP "$forebay_pid"; sleep 0.05
  write_config ""; kill -HUP "$forebay_pid"; sleep 0.05
done
wait "$load"
expect "statuses during the reloads" "600 200" "$(grep -v '^$' "$dir/statuses" | sort | uniq -c | awk '{ print $1, $2 }')"

write_config "$more"
kill -HUP "$forebay_pid"
new_route() { [ "$(get "$url/b/x")" = new ]; }
until_true "the new route" new_route

# What is surely not meant is said, and taken all the same.
write_config "$more
    cache: { default_ttl: 2m, max_ttl: 1m }"
kill -HUP "$forebay_pid"
until_true "the warning" grep -q 'warning: routes\[[0-9]\].cache.default_ttl' "$dir/forebay.log"
write_config "$more"
kill -HUP "$forebay_pid"

# A bad file leaves the running configuration and says why.
echo "oops: 1" >>"$dir/forebay.yaml"
kill -HUP "$forebay_pid"
until_true "the complaint" grep -q "not taken" "$dir/forebay.log"
contains "the complaint" 'oops' "$(cat "$dir/forebay.log")"
expect "after a bad reload" new "$(get "$url/b/x")"

# SIGTERM during a slow download: it ends whole.
truncate -s 40M "$dir/large"
cat >"$dir/servers.conf" <<CONF
server { listen 127.0.0.1:$origin; location /a/ { alias $dir/; } }
CONF
kill -HUP "$nginx_pid"
whole() { [ "$(get -o /dev/null -w '%{size_download}' "$url/a/large")" = $((40 * 1024 * 1024)) ]; }
until_true "nginx's new configuration" whole
get -o /dev/null -w '%{size_download}' --limit-rate 40M "$url/a/large" >"$dir/downloaded" &
download=$!
sleep 0.3
kill -TERM "$forebay_pid"
wait "$download" || fail "the download was cut off"
expect "bytes of the download" $((40 * 1024 * 1024)) "$(cat "$dir/downloaded")"
status=0; wait "$forebay_pid" || status=$?
forebay_pid=
expect "exit status" 0 "$status"
