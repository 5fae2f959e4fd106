#!/usr/bin/env python3
"""Ranges of a large file that is not in the cache, at an origin that sends slowly. The first byte of a range from the middle
may take no longer than one slice's fetch, and clients whose ranges overlap must not make any slice be fetched twice."""

import argparse
import asyncio
import re
import sys
import time
from collections import Counter

from harness import ROOT, Forebay, free_ports

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
upstreams: {{ origin: {{ servers: ["http://127.0.0.1:{origin}"] }} }}
cache: {{ memory: {{ size: 256MiB }} }}
routes: [ {{ upstream: origin, cache: {{ slice: {slice}KiB }} }} ]
"""
BLOCK = 64 * 1024


def content(first, last):
    """Bytes of the file: each group of eight says where it stands."""
    begin = first // 8 * 8
    text = b"".join(b"%08x" % (at // 8) for at in range(begin, last + 1, 8))
    return text[first - begin:last + 1 - begin]


class Origin:
    """Sends `rate` bytes a second on each connection."""

    def __init__(self, size, rate):
        self.size, self.rate, self.asked, self.sent = size, rate, Counter(), 0

    async def serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                found = re.search(rb"\r\nRange: bytes=(\d+)-(\d+)\r\n", head)
                first, last = (int(found[1]), min(int(found[2]), self.size - 1)) if found else (0, self.size - 1)
                self.asked[(first, last)] += 1
                status = b"206 Partial Content\r\nContent-Range: bytes %d-%d/%d" % (first, last, self.size) if found else b"200 OK"
                writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\nCache-Control: max-age=600\r\nETag: \"1\"\r\n\r\n"
                             % (status, last - first + 1))
                for at in range(first, last + 1, BLOCK):
                    block = content(at, min(at + BLOCK - 1, last))
                    writer.write(block)
                    await writer.drain()
                    self.sent += len(block)
                    await asyncio.sleep(len(block) / self.rate)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


async def fetch(port, first, last):
    """Asks for a range; returns the seconds until its first byte and whether every byte was right."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    writer.write(b"GET /film HTTP/1.1\r\nHost: a\r\nRange: bytes=%d-%d\r\n\r\n" % (first, last))
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(1)
    waited = time.monotonic() - began
    body += await reader.readexactly(last - first)
    writer.close()
    return waited, head.startswith(b"HTTP/1.1 206 ") and body == content(first, last)


async def run(options):
    listen, admin, port = free_ports(3)
    size, slice_bytes = options.size << 20, options.slice << 10
    origin = Origin(size, options.rate << 20)
    server = await asyncio.start_server(origin.serve, "127.0.0.1", port)
    config = CONFIG.format(listen=listen, admin=admin, origin=port, slice=options.slice)
    with Forebay(options.forebay, config, listen, admin) as forebay:
        middle = size // 2 + 12345
        waited, right = await fetch(listen, middle, middle + 99)
        one_slice = slice_bytes / origin.rate
        print(f"{options.size} MiB in slices of {options.slice} KiB at {options.rate} MiB/s a connection: first byte of a cold "
              f"range from the middle after {waited * 1000:.0f} ms; a slice takes {one_slice * 1000:.0f} ms")
        span = 12 * slice_bytes
        starts = [size // 4 + i * slice_bytes // 2 for i in range(options.clients)]
        answers = await asyncio.gather(*(fetch(listen, start, start + span - 1) for start in starts))
        code = await asyncio.to_thread(forebay.stop)
    server.close()
    repeated = {asked: times for asked, times in origin.asked.items() if times > 1}
    wrong = sum(not right for _, right in answers) + (not right)
    print(f"{options.clients} clients with overlapping ranges of {span >> 20} MiB: {len(origin.asked)} slices fetched, "
          f"{len(repeated)} of them more than once, {wrong} wrong bodies, slowest first byte "
          f"{max(wait for wait, _ in answers) * 1000:.0f} ms, origin sent {origin.sent >> 20} MiB")
    return code == 0 and not repeated and not wrong and waited <= one_slice * 1.5 + 0.1


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--forebay", default=ROOT / "build/release/forebay")
    options.add_argument("--size", type=int, default=1024, help="of the file, MiB")
    options.add_argument("--slice", type=int, default=1024, help="KiB")
    options.add_argument("--rate", type=int, default=4, help="of the origin, MiB a second on each connection")
    options.add_argument("--clients", type=int, default=2)
    options = options.parse_args()
    passed = asyncio.run(run(options))
    print("passed" if passed else "FAILED")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
