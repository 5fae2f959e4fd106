#!/usr/bin/env python3
"""A master of Redis is killed under load: behind sentinels, then in a cluster. Responses stand in Redis alone, so the hit ratio
tells what of it forebay uses. Prints how long Redis itself needs until a replica has taken over, and how long forebay needs
from then on until it hits as before."""

import argparse
import asyncio
import collections
import random
import sys
import time

from harness import Forebay, free_ports, ROOT
from redis_servers import Deployment
from torture import Connection

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
workers: 1
upstreams: {{ origin: {{ servers: ["http://127.0.0.1:{origin}"], max_connections: 64 }} }}
cache:
  memory: {{ store: false }}
  redis: {{ url: "{redis}" }}
routes: [ {{ match: {{ paths: ["/**"] }}, upstream: origin }} ]
"""
WINDOW = 0.25  # seconds over which a hit ratio is taken


async def serve(reader, writer):
    """1 KB for every path, to be stored for an hour."""
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: 1024\r\n\r\n" + b"x" * 1024)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
        pass  # the proxy left, or the run is over
    finally:
        writer.close()


class Node:
    """What Connection wants to know: a node that stays the same process."""

    life = 1


class Run:
    def __init__(self, options, port):
        self.options, self.port = options, port
        self.answers = collections.deque()  # (when, was a hit), the newest
        self.errors = collections.Counter()
        self.over = False

    async def client(self, seed):
        pick, connection = random.Random(seed), Connection(Node(), self.port)
        while not self.over:
            try:
                status, fields, _ = await asyncio.wait_for(connection.ask(f"GET /{pick.randrange(self.options.keys)}"), 20)
                if status != 200:
                    self.errors[f"status {status}"] += 1
                self.answers.append((time.monotonic(), "; hit" in fields.get("cache-status", "")))
                while len(self.answers) > 100_000:
                    self.answers.popleft()
            except (OSError, EOFError, asyncio.TimeoutError) as error:
                self.errors[type(error).__name__] += 1
        connection.drop()

    def ratio(self):
        since = time.monotonic() - WINDOW
        recent = [hit for when, hit in reversed(self.answers) if when >= since]
        return sum(recent) / max(1, len(recent))

    async def wait_for_ratio(self, least, limit):
        end = time.monotonic() + limit
        lowest = 1.0
        while time.monotonic() < end:
            await asyncio.sleep(0.05)
            ratio = self.ratio()
            lowest = min(lowest, ratio)
            if ratio >= least:
                return lowest
        raise SystemExit(f"the hit ratio is {self.ratio():.2f} after {limit} s")


async def warm(port, keys):
    connection = Connection(Node(), port)
    for n in range(keys):
        await connection.ask(f"GET /{n}")
    connection.drop()
    await asyncio.sleep(1)  # what is stored is written behind


async def run(options, kind, redis):
    origin = await asyncio.start_server(serve, "127.0.0.1", 0)
    listen, admin = free_ports(2)
    config = CONFIG.format(listen=listen, admin=admin, origin=origin.sockets[0].getsockname()[1], redis=redis.url)
    with Forebay(options.forebay, config, listen, admin):
        await redis.wait_until_whole()
        await warm(listen, options.keys)
        load = Run(options, listen)
        clients = [asyncio.create_task(load.client(i)) for i in range(options.clients)]
        await load.wait_for_ratio(0.99, 30)
        await asyncio.sleep(3)
        before, killed = load.ratio(), time.monotonic()
        failing = asyncio.create_task(redis.fail(options.away))
        await redis.taken_over.wait()
        taken_over = time.monotonic()
        lowest = min(load.ratio(), await load.wait_for_ratio(0.95 * before, 60))
        recovered = time.monotonic()
        print(f"{kind}: hit ratio {before:.3f} before, {lowest:.3f} at least seen after; a replica took over after {taken_over - killed:.1f} s, "
              f"hits as before {recovered - taken_over:.1f} s later; client errors: {dict(load.errors) or 0}", flush=True)
        await failing
        await redis.wait_until_whole()
        await load.wait_for_ratio(0.95 * before, 60)
        load.over = True
        await asyncio.gather(*clients)
        failed = bool(load.errors)
    origin.close()
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forebay", default=ROOT / "build/release/forebay")
    parser.add_argument("--kinds", default="sentinel,cluster")
    parser.add_argument("--keys", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--away", type=float, default=5, help="seconds until the killed server is back, as a replica")
    options = parser.parse_args()
    failed = False
    for kind in options.kinds.split(","):
        with Deployment(kind) as redis:
            failed |= asyncio.run(run(options, kind, redis))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
