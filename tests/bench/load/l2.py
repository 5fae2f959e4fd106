#!/usr/bin/env python3
"""Hits that come out of Redis, beside what the same Redis gives a client that speaks its protocol.

Memory keeps nothing, one worker, responses of 1 KB under many keys. In turn: wrk asks forebay, and redis-benchmark asks
Redis (GET of 1 KB), with the same number of connections; Redis has a CPU of its own that it shares with the load,
forebay and redis-benchmark the other one. Printed are the rates, their ratio of each round, and what a hit costs forebay and
Redis in CPU time (the scheduler's account). On a busy machine only the ratios say something, and these roughly.
"""

import argparse
import asyncio
import glob
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import ROOT, Forebay, free_ports

REDIS_CPU, SERVER_CPU = 1, 0
CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
workers: 1
cache:
  memory: {{ store: false }}
  redis: {{ url: "redis://127.0.0.1:{redis}", timeout: 5s, breaker: {{ slow: 5s }} }}
upstreams: {{ origin: {{ servers: ["http://127.0.0.1:{origin}"] }} }}
routes: [ {{ upstream: origin }} ]
"""
SCRIPT = """
local n, at = {keys}, 0
local requests = {{}}
init = function() for i = 1, n do requests[i] = wrk.format("GET", "/" .. i) end end
request = function() at = at % n + 1; return requests[at] end
done = function(s) io.write(string.format("%d %d\\n", s.requests,
  s.errors.status + s.errors.read + s.errors.write + s.errors.connect)) end
"""


async def serve(reader, writer):
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\nCache-Control: max-age=3600\r\n\r\n" + b"x" * 1024)
            await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    writer.close()


def cpu_ns(pid):
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        total += int(Path(path).read_text().split()[0])
    return total


def pinned(cpu):
    return lambda: os.sched_setaffinity(0, {cpu})


async def run_pinned(cpu, *command):
    process = await asyncio.create_subprocess_exec(*map(str, command), stdout=subprocess.PIPE, preexec_fn=pinned(cpu))
    output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    return output.decode()


async def fill(options, port, forebay):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for key in range(1, options.keys + 1):
        writer.write(f"GET /{key} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(1024)
    writer.close()
    while (await asyncio.to_thread(forebay.metrics))["forebay_redis_queued_bytes"] > 0:
        await asyncio.sleep(0.05)


async def ask_forebay(options, port, folder):
    """Requests a second. A key is asked for by one connection at a time, or forebay would read it once for all."""
    output = await run_pinned(REDIS_CPU, "wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "-s",
                              Path(folder) / "keys.lua", f"http://127.0.0.1:{port}")
    requests, errors = map(int, output.strip().splitlines()[-1].split())
    if errors:
        raise SystemExit(f"{errors} errors in {requests} requests")
    return requests


async def ask_redis(options, port, requests):
    output = await run_pinned(SERVER_CPU, "redis-benchmark", "-p", port, "-t", "get", "-d", 1024, "-r", options.keys, "-c",
                              options.connections, "-n", requests, "--csv")
    return float(output.strip().splitlines()[-1].split(",")[1].strip('"'))


async def measure(options, folder):
    listen, admin, redis, origin = free_ports(4)
    server = await asyncio.start_server(serve, "127.0.0.1", origin)
    data = subprocess.Popen(["redis-server", "--port", str(redis), "--save", "", "--dir", folder],
                            stdout=subprocess.DEVNULL, preexec_fn=pinned(REDIS_CPU))
    (Path(folder) / "keys.lua").write_text(SCRIPT.format(keys=options.keys))
    ratios = []
    try:
        config = CONFIG.format(listen=listen, admin=admin, redis=redis, origin=origin)
        with Forebay(options.forebay, config, listen, admin) as forebay:
            for task in os.listdir(f"/proc/{forebay.process.pid}/task"):
                os.sched_setaffinity(int(task), {SERVER_CPU})
            await run_pinned(SERVER_CPU, "redis-benchmark", "-p", redis, "-t", "set", "-d", 1024, "-r", options.keys, "-n",
                             options.keys * 20, "-q")
            await fill(options, listen, forebay)
            for number in range(options.rounds):
                before = cpu_ns(forebay.process.pid), cpu_ns(data.pid), forebay.metrics()
                began = time.monotonic()
                requests = await ask_forebay(options, listen, folder)
                rate = requests / (time.monotonic() - began)
                after = cpu_ns(forebay.process.pid), cpu_ns(data.pid), forebay.metrics()
                hits = 'forebay_redis_lookups_total{result="hit"}'
                share = (after[2][hits] - before[2][hits]) / requests
                plain = await ask_redis(options, redis, requests)
                alone = (cpu_ns(data.pid) - after[1]) / requests / 1000
                ratios.append(rate / plain)
                print(f"round {number + 1}: forebay {rate:8.0f}/s, Redis alone {plain:8.0f}/s, ratio {ratios[-1]:.2f}; "
                      f"per hit: forebay {(after[0] - before[0]) / requests / 1000:5.1f} us, Redis "
                      f"{(after[1] - before[1]) / requests / 1000:5.1f} us, alone {alone:5.1f} us; "
                      f"{share:.1%} of the requests from Redis")
    finally:
        server.close()
        data.send_signal(signal.SIGTERM)
        data.wait()
    middle = statistics.median(ratios)
    print(f"median ratio {middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    return middle


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--forebay", default=ROOT / "build/release/forebay")
    options.add_argument("--connections", type=int, default=50)
    options.add_argument("--keys", type=int, default=1000)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--least", type=float, default=0, help="the median ratio that counts as passed")
    options = options.parse_args()
    for tool in ("wrk", "redis-server", "redis-benchmark"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed; ./dev bench installs it")
    with tempfile.TemporaryDirectory(prefix="forebay-l2-") as folder:
        passed = asyncio.run(measure(options, folder)) >= options.least
    print("passed" if passed else "FAILED")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
