# Sourced by the end-to-end tests: `forebay` and an nginx on free ports of 127.0.0.1, in a directory of their own that
# goes away with them. Everything runs as whoever runs the test.
set -euo pipefail
forebay=$1
dir=$(mktemp -d "${TMPDIR:-/tmp}/forebay-e2e-XXXXXX")
nginx_pid=
forebay_pid=

stop() {  # stop PID: ends it and waits
  [ -n "$1" ] || return 0
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

clean_up() {
  local status=$?
  if [ "$status" -ne 0 ]; then
    echo "--- forebay's output"; cat "$dir/forebay.log" 2>/dev/null || true
    echo "--- nginx's errors"; cat "$dir/error.log" 2>/dev/null || true
  fi
  stop "$forebay_pid"
  stop "$nginx_pid"
  rm -rf "$dir"
}
trap clean_up EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

# expect WHAT WANTED GOT
expect() { [ "$2" = "$3" ] || fail "$1: wanted \"$2\", got \"$3\""; }

# contains WHAT PATTERN TEXT (an extended regular expression)
contains() { grep -qE -- "$2" <<<"$3" || fail "$1: nothing like \"$2\" in: $3"; }

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# until_true WHAT COMMAND...: tries for ten seconds
until_true() {
  local what=$1; shift
  for _ in $(seq 200); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.05
  done
  fail "$what: not within ten seconds"
}

# start_nginx: serves $dir/www as $dir/servers.conf says; its own settings stand in $dir/nginx.conf.
start_nginx() {
  mkdir -p "$dir/www" "$dir/tmp"
  cat >"$dir/nginx.conf" <<CONF
$([ "$(id -u)" -eq 0 ] && echo "user $(id -un) $(id -gn);")
daemon off;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/error.log warn;
events { worker_connections 512; }
http {
  log_format short '\$request_method \$request_uri \$status';
  access_log $dir/access.log short;
  client_body_temp_path $dir/tmp/body;
  proxy_temp_path $dir/tmp/proxy;
  fastcgi_temp_path $dir/tmp/fastcgi;
  uwsgi_temp_path $dir/tmp/uwsgi;
  scgi_temp_path $dir/tmp/scgi;
  include $dir/servers.conf;
}
CONF
  PATH=$PATH:/usr/sbin nginx -c "$dir/nginx.conf" -p "$dir" -e "$dir/error.log" &
  nginx_pid=$!
  until_true "nginx starts" test -s "$dir/nginx.pid"
}

stop_nginx() { stop "$nginx_pid"; nginx_pid=; }

# requests_seen PATTERN: how many lines of nginx's access log match
requests_seen() { grep -cE -- "$1" "$dir/access.log" || true; }

# start_forebay ARGS...: `forebay ARGS`, and waits until it is ready
start_forebay() {
  "$forebay" "$@" >"$dir/forebay.log" 2>&1 &
  forebay_pid=$!
  until_true "forebay starts" grep -q "forebay: ready" "$dir/forebay.log"
}

get() { curl -sS --max-time 20 "$@"; }
status_of() { get -o /dev/null -w '%{http_code}' "$@"; }
# field NAME URL...: a field of the response's head
field() { local name=$1; shift; get -o /dev/null -D - "$@" | tr -d '\r' | sed -n "s/^$name: //Ip"; }
