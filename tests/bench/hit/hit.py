#!/usr/bin/env python3
"""CPU time per memory hit: forebay beside a bare epoll server, nginx, HAProxy and Varnish, in one run.

Each server is pinned to one CPU and wrk to another; each serves the same body of an nginx origin out of its cache. CPU
time is the scheduler's account of the server's threads (/proc/PID/task/*/schedstat), so what other processes do does
not count. Rounds go through the servers in turn; the median counts, and its ratio to the floor.

  hit.py --forebay BINARY --floor BINARY [--seconds 4] [--rounds 3] [--only NAME ...] [--json FILE]
"""
import argparse
import glob
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SERVER_CPU, LOAD_CPU = 0, 1
BODIES = {"1k": 1024, "100k": 100 * 1024}
BROWSER_FIELDS = [
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language: en-US,en;q=0.5",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Referer: http://localhost/index.html",
    "DNT: 1",
    "Upgrade-Insecure-Requests: 1",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
    "Priority: u=0, i",
    "X-Request-Id: 0123456789abcdef0123456789abcdef",
]  # and Host: 13


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process):
    for _ in range(200):
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} ended early")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{process.args[0]} does not listen on {port}")


class Lab:
    """Starts servers and ends them; everything lives in one temporary folder."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.redis = None  # its port, when it runs

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def start(self, command, port, cpu=SERVER_CPU):
        log = open(os.path.join(self.folder, os.path.basename(command[0]) + ".log"), "a")
        process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        self.processes.append(process)
        wait_for(port, process)
        return process

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)

    def stop_all(self):
        for process in list(self.processes):
            self.stop(process)

    def origin(self):
        port = free_port()
        root = os.path.join(self.folder, "www")
        os.makedirs(root)
        for name, size in BODIES.items():
            with open(os.path.join(root, name), "w") as file:
                file.write("x" * size)
        conf = self.write("origin.conf", f"""daemon off; master_process off; pid {self.folder}/origin.pid;
error_log {self.folder}/origin.err; events {{}}
http {{ access_log off; server {{ listen 127.0.0.1:{port}; root {root}; default_type text/plain;
  add_header Cache-Control "max-age=3600"; }} }}""")
        self.start(["nginx", "-p", self.folder, "-c", conf], port, LOAD_CPU)
        return port


def start_floor(lab, args, origin, body):
    port = free_port()
    return lab.start([args.floor, str(port), str(BODIES[body])], port), port


def start_forebay(lab, args, origin, body, cache="{}"):
    port, admin = free_port(), free_port()
    conf = lab.write("forebay.yaml", f"""workers: 1
listen: ["127.0.0.1:{port}"]
admin: {{ address: "127.0.0.1:{admin}" }}
upstreams: {{ app: {{ servers: ["http://127.0.0.1:{origin}"] }} }}
cache: {cache}
""")
    return lab.start([args.forebay, "run", "-c", conf], port), port


def start_forebay_lru(lab, args, origin, body):
    return start_forebay(lab, args, origin, body, "{ memory: { eviction: lru } }")


def start_forebay_redis(lab, args, origin, body):
    """Redis is configured, follows the invalidation log and has what memory has; the hits are memory's."""
    if not lab.redis:
        lab.redis = free_port()
        lab.start(["redis-server", "--port", str(lab.redis), "--bind", "127.0.0.1", "--save", "", "--dir", lab.folder], lab.redis, LOAD_CPU)
    return start_forebay(lab, args, origin, body, f'{{ redis: {{ url: "redis://127.0.0.1:{lab.redis}" }} }}')


def start_nginx(lab, args, origin, body):
    port = free_port()
    conf = lab.write("nginx.conf", f"""daemon off; master_process off; pid {lab.folder}/nginx.pid;
error_log {lab.folder}/nginx.err; events {{}}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  proxy_cache_path {lab.folder}/nginx-cache keys_zone=c:10m use_temp_path=off; proxy_temp_path {lab.folder}/nginx-tmp;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{origin}; proxy_cache c; }} }} }}""")
    return lab.start(["nginx", "-p", lab.folder, "-c", conf], port), port


def start_haproxy(lab, args, origin, body):
    port = free_port()
    conf = lab.write("haproxy.cfg", f"""global
  nbthread 1
  tune.bufsize 262144
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
cache c
  total-max-size 64
  max-object-size 200000
  max-age 3600
frontend f
  bind 127.0.0.1:{port}
  http-request cache-use c
  http-response cache-store c
  default_backend b
backend b
  http-request cache-use c
  http-response cache-store c
  server s 127.0.0.1:{origin}
""".replace("""  http-request cache-use c
  http-response cache-store c
  default_backend b""", "  default_backend b"))
    return lab.start(["haproxy", "-db", "-f", conf], port), port


def start_varnish(lab, args, origin, body):
    port = free_port()
    workdir = os.path.join(lab.folder, "varnish")
    os.makedirs(workdir, exist_ok=True)
    vcl = lab.write("varnish.vcl", f"""vcl 4.1;
backend default {{ .host = "127.0.0.1"; .port = "{origin}"; }}
""")
    return lab.start(["varnishd", "-F", "-n", workdir, "-a", f"127.0.0.1:{port}", "-f", vcl, "-s", "malloc,64m"], port), port


VARIANTS = {"forebay-lru": start_forebay_lru, "forebay-redis": start_forebay_redis}  # only where they are named
SERVERS = {"floor": start_floor, "forebay": start_forebay, **VARIANTS, "haproxy": start_haproxy, "nginx": start_nginx,
           "varnish": start_varnish}


TOOLS = {"floor": None, "forebay": None, "forebay-lru": None, "forebay-redis": "redis-server", "varnish": "varnishd"}


def family(pid):
    """The process and its descendants (Varnish works in a child)."""
    pids = [pid]
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as file:
                fields = file.read().rsplit(")", 1)[1].split()
            if int(fields[1]) in pids:
                pids.append(int(path.split("/")[2]))
        except OSError:
            pass
    return pids


def cpu_ns(pids):
    total = 0
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            try:
                with open(path) as file:
                    total += int(file.read().split()[0])
            except OSError:
                pass
    return total


def wrk(lab, port, body, fields, seconds):
    headers = [part for field in (BROWSER_FIELDS if fields == 13 else []) for part in ("-H", field)]
    script = lab.write("count.lua", "done = function(s) io.write(string.format('%d %d\\n', s.requests, "
                       "s.errors.status + s.errors.read + s.errors.write + s.errors.connect)) end\n")
    command = ["taskset", "-c", str(LOAD_CPU), "wrk", "-t1", "-c64", f"-d{seconds}s", "-s", script, *headers,
               f"http://127.0.0.1:{port}/{body}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    requests, errors = output.strip().splitlines()[-1].split()
    return int(requests), int(errors)


def measure(lab, process, port, body, fields, seconds):
    wrk(lab, port, body, fields, 1)  # fills the cache, warms everything up
    pids = family(process.pid)
    before, began = cpu_ns(pids), time.monotonic()
    requests, errors = wrk(lab, port, body, fields, seconds)
    elapsed = time.monotonic() - began
    if errors or not requests:
        sys.exit(f"{errors} errors in {requests} requests to {process.args[0]}")
    return (cpu_ns(pids) - before) / requests / 1000, requests / elapsed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--forebay", required=True)
    parser.add_argument("--floor", required=True)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=list(SERVERS))
    parser.add_argument("--bodies", nargs="*", default=list(BODIES))
    parser.add_argument("--fields", nargs="*", type=int, default=[1, 13])
    parser.add_argument("--json")
    args = parser.parse_args()
    names = [n for n in SERVERS if (n in args.only if args.only else n not in VARIANTS)]
    for tool in ["wrk", "taskset"] + [TOOLS.get(n, n) for n in names if TOOLS.get(n, n)]:
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed; ./dev bench installs it")

    results = {}
    folder = tempfile.mkdtemp(prefix="forebay-bench-")
    os.chmod(folder, 0o755)
    lab = Lab(folder)
    try:
        origin = lab.origin()
        for _ in range(args.rounds):
            for body in args.bodies:
                for name in names:
                    process, port = SERVERS[name](lab, args, origin, body)
                    for fields in args.fields:
                        results.setdefault((body, fields, name), []).append(
                            measure(lab, process, port, body, fields, args.seconds))
                    lab.stop(process)
    finally:
        lab.stop_all()
        shutil.rmtree(folder, ignore_errors=True)

    print(f"{'body':>5} {'fields':>6} {'server':>13} {'cpu us/req':>11} {'min':>7} {'max':>7} {'req/s':>8} {'x floor':>8}")
    table = []
    for body in args.bodies:
        for fields in args.fields:
            floor = statistics.median(c for c, _ in results[body, fields, "floor"]) if "floor" in names else None
            for name in names:
                cpu = [c for c, _ in results[body, fields, name]]
                rate = statistics.median(r for _, r in results[body, fields, name])
                median = statistics.median(cpu)
                ratio = median / floor if floor else float("nan")
                table.append({"body": body, "fields": fields, "server": name, "cpu_us": median, "rps": rate,
                              "ratio": ratio})
                print(f"{body:>5} {fields:>6} {name:>13} {median:>11.2f} {min(cpu):>7.2f} {max(cpu):>7.2f} "
                      f"{rate:>8.0f} {ratio:>8.2f}")
    if args.json:
        with open(args.json, "w") as file:
            json.dump(table, file, indent=1)


if __name__ == "__main__":
    main()
