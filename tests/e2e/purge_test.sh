#!/usr/bin/env bash
# `forebay purge` against a running forebay, and what it says when there is none.
. "$(dirname "$0")/common.sh"

origin=$(free_port); port=$(free_port); admin=$(free_port)
cat >"$dir/servers.conf" <<CONF
server { listen 127.0.0.1:$origin; location / { add_header Cache-Control "max-age=600"; add_header Surrogate-Key "all"; return 200 "x"; } }
CONF
cat >"$dir/forebay.yaml" <<YAML
listen: [127.0.0.1:$port]
admin: { address: "127.0.0.1:$admin", token: s3cret }
purge: { allow: [127.0.0.1] }
events: { types: { changed: { prefixes: ["/{what}/"] } } }
upstreams: { app: { servers: ["http://127.0.0.1:$origin"] } }
YAML

status=0; said=$("$forebay" purge -c "$dir/forebay.yaml" --all 2>&1) || status=$?
expect "exit status without a daemon" 1 "$status"
contains "what it says then" "127.0.0.1:$admin cannot be reached.*" "$said"
status=0; said=$("$forebay" purge -c "$dir/forebay.yaml" 2>&1) || status=$?
expect "exit status without anything to purge" 2 "$status"
status=0; "$forebay" purge --all --soft --refresh >/dev/null 2>&1 || status=$?
expect "exit status of two modes" 2 "$status"

sed 's/{what}/{what/' "$dir/forebay.yaml" >"$dir/bad.yaml"
status=0; said=$("$forebay" check -c "$dir/bad.yaml" 2>&1) || status=$?
expect "exit status of check" 1 "$status"
contains "the bad template" 'events\.types\.changed\.prefixes\[0\]' "$said"

start_nginx
start_forebay run -c "$dir/forebay.yaml"
url=http://127.0.0.1:$port
fill() { for path in /a/1 /a/2 /b; do get -o /dev/null "$url$path"; done; }
is_hit() { field Cache-Status -H 'Cache-Control: only-if-cached' "$url$1" | grep -q 'forebay; hit'; }

fill
contains "a dry run" 'would purge 3 stored responses' "$("$forebay" purge -c "$dir/forebay.yaml" --all --dry-run)"
contains "a prefix" 'purged 2 stored responses \(hard, log position 1\)' "$("$forebay" purge -c "$dir/forebay.yaml" --prefix /a/)"
is_hit /b || fail "/b is still there"
is_hit /a/1 && fail "/a/1 is gone"
fill
contains "a URL, by flags" '"matched":1' "$("$forebay" purge --admin "127.0.0.1:$admin" --token s3cret --json "https://127.0.0.1:$port/b")"
echo s3cret >"$dir/token"
contains "a tag" 'purged 2 stored responses \(soft' "$("$forebay" purge --admin "127.0.0.1:$admin" --token-file "$dir/token" --tag all --soft)"

status=0; said=$("$forebay" purge --admin "127.0.0.1:$admin" --token wrong --all 2>&1) || status=$?
expect "exit status with the wrong token" 1 "$status"
contains "what it says then" 'token is missing or wrong' "$said"
status=0; said=$("$forebay" purge -c "$dir/forebay.yaml" --prefix 'a*' 2>&1) || status=$?
expect "exit status of a wrong prefix" 1 "$status"
contains "what it says then" 'prefixes\[0\]' "$said"

fill
contains "PURGE" '"matched":1' "$(get -X PURGE "$url/b")"
is_hit /b && fail "/b is gone"
contains "an event" '"type":"changed","purged":1' \
  "$(get -H 'Authorization: Bearer s3cret' -d '{"type": "changed", "what": "a"}' "http://127.0.0.1:$admin/events")"
is_hit /a/2 && fail "/a/2 is gone"
exit 0
