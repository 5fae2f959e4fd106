#!/usr/bin/env python3
"""Four processes that share a Redis, 1,000 clients on each, on one URL that is not stored and whose origin needs three
seconds; and again, and the process that fetches is killed half-way. The origin has to be asked once, or once more after
the loss, and everybody has to get the body while it arrives, but for the clients of the process that was killed."""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack

from harness import ROOT, Forebay, free_ports, program

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
upstreams: {{ origin: {{ servers: ["http://127.0.0.1:{origin}"] }} }}
cache:
  redis: {{ url: "redis://127.0.0.1:{redis}" }}
"""


class Redis:
    """A redis-server in an empty folder; `with` ends it."""

    def __init__(self, port):
        self.folder = tempfile.TemporaryDirectory(prefix="forebay-load-")
        words = ["redis-server", "--port", str(port), "--dir", self.folder.name, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("redis-server does not answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def events(metrics):
    prefix = 'forebay_redis_flights_total{event="'
    return {name[len(prefix):-2]: int(value) for name, value in metrics.items() if name.startswith(prefix) and value > 0}


def run(options, kill):
    ports = free_ports(2 + 2 * options.processes)
    origin, redis = ports[:2]
    pairs = list(zip(ports[2::2], ports[3::2]))
    with ExitStack() as stack:
        stack.enter_context(Redis(redis))
        nodes = []
        for listen, admin in pairs:
            config = CONFIG.format(listen=listen, admin=admin, origin=origin, redis=redis)
            nodes.append(stack.enter_context(Forebay(options.forebay, config, listen, admin)))
        while any(node.metrics()["forebay_redis_log_verified"] == 0 for node in nodes):
            time.sleep(0.1)
        crowd = [program("crowd", options.programs), "--proxy", pairs[0][0], "--origin", origin]
        for i, (listen, _) in enumerate(pairs[1:], 2):
            crowd += [f"--proxy-{i}", listen]
        crowd += ["--clients", options.clients * options.processes, "--bytes", options.bytes, "--seconds", options.seconds]
        if kill:
            crowd += ["--kill", nodes[0].process.pid, "--kill-after", options.seconds / 2]
        failed = subprocess.run([str(word) for word in crowd], timeout=240).returncode != 0
        for i, node in enumerate(nodes):
            if node.process.poll() is None:
                print(f"process {i + 1}: {events(node.metrics())}, {node.cpu_seconds():.1f} s of CPU")
                if node.stop() != 0:
                    print(f"FAILED: it exited with {node.process.returncode}:\n{node.log_text()[-4000:]}")
                    failed = True
        return failed


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--forebay", default=ROOT / "build/release/forebay")
    options.add_argument("--programs", default=ROOT / "build/release/tests")
    options.add_argument("--processes", type=int, default=4)
    options.add_argument("--clients", type=int, default=1000, help="of each process")
    options.add_argument("--bytes", type=int, default=500_000)
    options.add_argument("--seconds", type=float, default=3)
    options = options.parse_args()
    failed = 0
    for name, kill in (("all stay", False), ("the process that fetches is killed half-way", True)):
        print(f"--- {name}", flush=True)
        failed += run(options, kill)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
