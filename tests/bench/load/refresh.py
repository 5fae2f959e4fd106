#!/usr/bin/env python3
"""Clients that poll one key with a short lifetime at a slow origin. With early refresh nobody but the first may wait for the
origin, and the origin may not be asked much more often than once a lifetime."""

import argparse
import asyncio
import sys
import time

from harness import ROOT, Forebay, free_ports

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
upstreams: {{ origin: {{ servers: ["http://127.0.0.1:{origin}"] }} }}
routes: [ {{ upstream: origin, cache: {{ early_refresh: {beta} }} }} ]
"""


class Origin:
    def __init__(self, delay, ttl):
        self.delay, self.ttl, self.requests = delay, ttl, 0

    async def serve(self, reader, writer):
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                await asyncio.sleep(self.delay)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Control: max-age=%d\r\n\r\nhello" % self.ttl)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


async def poll(port, until, pause, waits):
    """Asks again and again on one connection; notes how long each answer took and whether it was a hit."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        began = time.monotonic()
        writer.write(b"GET /polled HTTP/1.1\r\nHost: a\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(5) == b"hello"
        waits.append((time.monotonic() - began, b"forebay; hit" in head))
        await asyncio.sleep(pause)
    writer.close()


async def run(options):
    listen, admin, port = free_ports(3)
    origin = Origin(options.delay, options.ttl)
    server = await asyncio.start_server(origin.serve, "127.0.0.1", port)
    config = CONFIG.format(listen=listen, admin=admin, origin=port, beta=options.beta)
    with Forebay(options.forebay, config, listen, admin) as forebay:
        first = []
        waits = []
        await poll(listen, time.monotonic() + 0.001, 0, first)
        asked_before = origin.requests
        until = time.monotonic() + options.seconds
        await asyncio.gather(*(poll(listen, until, options.pause, waits) for _ in range(options.clients)))
        code = await asyncio.to_thread(forebay.stop)
    server.close()
    misses = [wait for wait, hit in waits if not hit]
    per_ttl = (origin.requests - asked_before) * options.ttl / options.seconds
    print(f"{len(waits)} requests of {options.clients} clients, {len(misses)} of them waited for the origin, "
          f"slowest answer {max(wait for wait, _ in waits) * 1000:.0f} ms")
    print(f"{origin.requests} upstream requests: {per_ttl:.2f} per lifetime of {options.ttl} s")
    return code == 0 and not misses and per_ttl <= options.most


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--forebay", default=ROOT / "build/release/forebay")
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--pause", type=float, default=0.1, help="between two requests of a client")
    options.add_argument("--ttl", type=int, default=2)
    options.add_argument("--delay", type=float, default=0.3, help="what the origin takes")
    options.add_argument("--beta", type=int, default=100, help="early_refresh")
    options.add_argument("--most", type=float, default=1.3, help="upstream requests per lifetime")
    options = options.parse_args()
    passed = asyncio.run(run(options))
    print("passed" if passed else "FAILED")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
