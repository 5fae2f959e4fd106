#!/usr/bin/env bash
# Upstreams behind TLS and behind a Unix socket.
. "$(dirname "$0")/common.sh"

port=$(free_port); origin=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Test authority" \
  -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=origin" \
  -keyout "$dir/server.key" -out "$dir/server.csr" 2>/dev/null
openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 2 \
  -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:origin.example") -out "$dir/server.pem" 2>/dev/null
cat >"$dir/servers.conf" <<CONF
server {
  listen 127.0.0.1:$origin ssl;
  ssl_certificate $dir/server.pem;
  ssl_certificate_key $dir/server.key;
  add_header Cache-Control "max-age=300";
  location / { return 200 "\$scheme \$host \$ssl_server_name"; }
}
server {
  listen unix:$dir/origin.sock;
  location / { return 200 "unix \$host"; }
}
CONF
start_nginx

cat >"$dir/forebay.yaml" <<YAML
listen:
  - address: 127.0.0.1:$port
  - address: unix:$dir/forebay.sock
admin: { address: "" }
upstreams:
  good: { servers: ["https://127.0.0.1:$origin"], tls: { ca_file: $dir/ca.pem } }
  named: { servers: ["https://127.0.0.1:$origin"], tls: { ca_file: $dir/ca.pem, server_name: origin.example } }
  unknown_authority: { servers: ["https://127.0.0.1:$origin"] }
  wrong_name: { servers: ["https://127.0.0.1:$origin"], tls: { ca_file: $dir/ca.pem, server_name: other.example } }
  careless: { servers: ["https://127.0.0.1:$origin"], tls: { verify: false } }
  socket: { servers: ["unix:$dir/origin.sock"] }
routes:
  - { match: { paths: ["/good/**"] }, upstream: good }
  - { match: { paths: ["/named/**"] }, upstream: named }
  - { match: { paths: ["/unknown/**"] }, upstream: unknown_authority }
  - { match: { paths: ["/wrong/**"] }, upstream: wrong_name }
  - { match: { paths: ["/careless/**"] }, upstream: careless }
  - { match: { paths: ["/socket/**"] }, upstream: socket }
YAML
start_forebay run -c "$dir/forebay.yaml"
url=http://127.0.0.1:$port

expect "own authority" "https 127.0.0.1 " "$(get "$url/good/a")"
contains "second request" '^forebay; hit' "$(field Cache-Status "$url/good/a")"
expect "server name" "https 127.0.0.1 origin.example" "$(get "$url/named/a")"
expect "no verification" "https 127.0.0.1 " "$(get "$url/careless/a")"
for path in unknown wrong; do
  expect "$path" 502 "$(status_of "$url/$path/a")"
  contains "$path" '^forebay; error=tls_certificate_error' "$(field Proxy-Status "$url/$path/a")"
done
expect "Unix socket upstream" "unix a.example" "$(get -H 'Host: a.example' "$url/socket/a")"
expect "Unix socket listener" "unix a.example" "$(get --unix-socket "$dir/forebay.sock" http://a.example/socket/b)"
