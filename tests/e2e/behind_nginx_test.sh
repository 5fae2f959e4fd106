#!/usr/bin/env bash
# The program between curl and nginx: what is stored, validated, told apart, and what remains when nginx dies.
. "$(dirname "$0")/common.sh"

origin=$(free_port); port=$(free_port); admin=$(free_port)
cat >"$dir/servers.conf" <<CONF
server {
  listen 127.0.0.1:$origin;
  root $dir/www;
  location /fresh/ { add_header Cache-Control "max-age=300"; }
  location /short/ { add_header Cache-Control "max-age=1"; }
  location /vary/ { add_header Cache-Control "max-age=300"; add_header Vary "Accept-Language"; return 200 "for \$http_accept_language"; }
  location /private/ { add_header Cache-Control "private"; }
  location /post/ { return 200 "posted"; }
}
CONF
mkdir -p "$dir/www/fresh" "$dir/www/short" "$dir/www/private"
echo fresh >"$dir/www/fresh/a"
echo short >"$dir/www/short/a"
echo private >"$dir/www/private/a"
start_nginx
start_forebay run --upstream "http://127.0.0.1:$origin" --listen "127.0.0.1:$port" --admin "127.0.0.1:$admin"
url=http://127.0.0.1:$port

# The second request is a hit, and nginx has seen one.
expect "first body" fresh "$(get "$url/fresh/a")"
expect "second body" fresh "$(get "$url/fresh/a")"
contains "second request" '^forebay; hit; ttl=' "$(field Cache-Status "$url/fresh/a")"
contains "age" '^[0-9]+$' "$(field Age "$url/fresh/a")"
expect "requests that nginx saw" 1 "$(requests_seen '^GET /fresh/a ')"

# Clients' conditions and HEAD are answered from the store.
tag=$(field ETag "$url/fresh/a")
expect "If-None-Match" 304 "$(status_of -H "If-None-Match: $tag" "$url/fresh/a")"
expect "another tag" 200 "$(status_of -H 'If-None-Match: "x"' "$url/fresh/a")"
expect "HEAD" 200 "$(status_of -I "$url/fresh/a")"
contains "length of a HEAD" '^6$' "$(field Content-Length -I "$url/fresh/a")"
expect "requests that nginx still saw" 1 "$(requests_seen '/fresh/a ')"

# A stale response is validated with nginx's own validators.
get "$url/short/a" >/dev/null
sleep 2.1
contains "validated" 'fwd=stale; fwd-status=304' "$(field Cache-Status "$url/short/a")"
expect "validations that nginx saw" 1 "$(requests_seen '^GET /short/a 304')"

# Variants.
for language in de en de en; do
  expect "variant $language" "for $language" "$(get -H "Accept-Language: $language" "$url/vary/a")"
done
expect "variants that nginx saw" 2 "$(requests_seen '/vary/a ')"

# Private responses and POST are not stored.
get "$url/private/a" "$url/private/a" >/dev/null
expect "private requests that nginx saw" 2 "$(requests_seen '/private/a ')"
expect "POST" posted "$(get -d x "$url/post/a")"

# A pipelined burst over one connection, and many at once for something new.
echo new >"$dir/www/fresh/new"
seq 50 | xargs -P 10 -I{} curl -sS --max-time 20 -o /dev/null "$url/fresh/new"
expect "requests for what many wanted" 1 "$(requests_seen '/fresh/new ')"

# Operators' side.
"$forebay" healthcheck --admin "127.0.0.1:$admin" || fail "healthcheck of a running forebay"
contains "metrics" '^forebay_requests_total\{result="hit"\} [1-9]' "$(get "http://127.0.0.1:$admin/metrics")"
expect "livez" 200 "$(status_of "http://127.0.0.1:$admin/livez")"

# Without nginx: hits for what is fresh, 502 for the rest.
stop_nginx
expect "fresh without nginx" fresh "$(get "$url/fresh/a")"
expect "not stored without nginx" 502 "$(status_of "$url/private/a")"
contains "why" '^forebay; error=connection_refused' "$(field Proxy-Status "$url/private/a")"

# SIGTERM drains and exits with 0.
kill -TERM "$forebay_pid"
status=0; wait "$forebay_pid" || status=$?
forebay_pid=
expect "exit status after SIGTERM" 0 "$status"
! "$forebay" healthcheck --admin "127.0.0.1:$admin" 2>/dev/null || fail "healthcheck of a forebay that is gone"
