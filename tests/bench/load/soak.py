#!/usr/bin/env python3
"""Minutes of everything at once: hits, misses, variants, invalidation by POST, ranges of sizes, chunks, clients that vanish,
an upstream that resets, truncates and stalls, a reload every second. Each body says which resource, variant and version
it is, so that a wrong, mixed or silently truncated one is seen. Afterwards nothing may be left over."""

import argparse
import asyncio
import collections
import random
import re
import socket
import sys
import time

from harness import Forebay, charges, free_ports, ROOT

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
workers: 2
drain_timeout: 10s
timeouts: {{ write: 5s, idle: {idle} }}
upstreams:
  origin:
    servers: ["http://127.0.0.1:{origin}"]
    max_connections: {connections}
    timeouts: {{ between_bytes: 1s, first_byte: 2s }}
cache:
  memory: {{ size: {memory}, max_body: 1MiB }}
  collapsing: {{ max_wait: 5s, uncacheable_memo: {memo} }}
routes:
  - {{ match: {{ paths: ["/plain/**"] }}, upstream: origin }}
  - {{ match: {{ paths: ["/**"] }}, upstream: origin, cache: {{ default_ttl: {ttl} }} }}
"""
INVALID = ("cache: { memory: { size: lots } }", "upstreams: [", "listen: [ 127.0.0.1:1 ]\nupstream: {}")
KINDS = ("plain", "vary", "short", "private", "nothing")


def unit_of(path, variant, version):
    """What a body repeats, followed by its total length and an `end`."""
    return f"{path};{variant};{version};".encode()


def make_body(path, variant, version, size):
    unit = unit_of(path, variant, version)
    if size == 0:
        return b""
    return (unit * (size // len(unit) + 1))[: max(size, len(unit))]


class Origin:
    """Resources /<kind>/<n>; POST makes a new version. Misbehaves at random."""

    def __init__(self, seed, trouble):
        self.random, self.trouble = random.Random(seed), trouble
        self.versions = collections.Counter()
        self.counts = collections.Counter()
        self.size_seed = seed

    def size(self, path, version):
        pick = random.Random(f"{self.size_seed}{path}{version}")
        kind = pick.random()
        if kind < 0.05:
            return 0
        return int(10 ** pick.uniform(1, 6.3 if kind > 0.9 else 4.7))

    async def serve(self, reader, writer):
        try:
            while await self.exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the proxy left, or the run is over
        finally:
            writer.close()

    async def exchange(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        fields = {k.lower(): v for k, v in re.findall(r"^([\w-]+): *(.*?)\r$", head, re.M)}
        if "content-length" in fields:
            await reader.readexactly(int(fields["content-length"]))
        elif fields.get("transfer-encoding") == "chunked":
            while int(await reader.readline(), 16):
                pass
            await reader.readline()
        self.counts[method] += 1
        path = target
        if method == "POST":
            self.versions[path] += 1
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
            return True
        return await self.answer(path, method, fields, writer)

    async def answer(self, path, method, fields, writer):
        version = self.versions[path]
        kind = path.split("/")[1]
        variant = fields.get("x-variant", "none") if kind == "vary" else "-"
        tag = f'"{version}-{variant}"'
        control = {"plain": "max-age=60", "vary": "max-age=60", "short": "max-age=1", "private": "private", "nothing": "no-store"}[kind]
        head = f"Cache-Control: {control}\r\nETag: {tag}\r\nX-Version: {version}\r\n"
        if kind == "vary":
            head += "Vary: X-Variant\r\n"
        if fields.get("if-none-match") == tag:
            self.counts["304"] += 1
            writer.write(f"HTTP/1.1 304 Not Modified\r\n{head}\r\n".encode())
            await writer.drain()
            return True
        body = make_body(path, variant, version, self.size(path, version))
        luck = self.random.random() / self.trouble if self.trouble else 1
        if luck < 0.01:
            self.counts["reset before the head"] += 1
            return self.reset(writer)
        if luck < 0.02:
            self.counts["stalled before the head"] += 1
            await asyncio.sleep(3)
            return False
        chunked = self.random.random() < 0.5
        head += "Transfer-Encoding: chunked\r\n" if chunked else f"Content-Length: {len(body)}\r\n"
        writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode())
        if method == "HEAD":
            await writer.drain()
            return True
        pieces = self.random.randint(1, 8)
        cut = self.random.randrange(pieces) if luck < 0.06 and body else -1
        step = len(body) // pieces + 1
        for i in range(pieces):
            piece = body[i * step : (i + 1) * step]
            if i == cut:
                piece = piece[: len(piece) // 2]
            if piece:
                writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if chunked else piece)
            if i == cut:
                return await self.misbehave(writer, luck)
            if self.random.random() < 0.2:
                await writer.drain()
                await asyncio.sleep(self.random.random() * 0.05)
        if chunked:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def misbehave(self, writer, luck):
        await writer.drain()
        if luck < 0.035:
            self.counts["truncated"] += 1
        elif luck < 0.05:
            self.counts["reset in the body"] += 1
            self.reset(writer)
        else:
            self.counts["stalled in the body"] += 1
            await asyncio.sleep(3)
        return False

    @staticmethod
    def reset(writer):
        writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()
        return False


class Truncated(Exception):
    """The connection ended before the message did, as it must when the upstream broke off."""


class Client:
    def __init__(self, soak, seed):
        self.soak, self.random = soak, random.Random(seed)
        self.reader = self.writer = None

    async def run(self, until):
        while time.monotonic() < until:
            try:
                await asyncio.wait_for(self.exchange(), 40)
            except Truncated:
                self.soak.counts["visibly truncated"] += 1
                self.drop()
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                # between two requests: a keep-alive connection that forebay closed as we asked
                self.soak.counts["connection gone: " + type(error).__name__] += 1
                self.drop()
            except asyncio.TimeoutError:
                self.soak.fault("no answer within 40 s")
                self.drop()
        self.drop()

    def drop(self):
        if self.writer:
            self.writer.transport.abort()
        self.reader = self.writer = None

    async def exchange(self):
        pick = self.random
        if not self.writer:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.soak.listen, limit=1 << 20)
        kind = pick.choices(KINDS, (50, 25, 10, 5, 5))[0]
        path = f"/{kind}/{int(pick.paretovariate(0.8)) % 400}"
        variant = pick.choice(("a", "b", "c"))
        method = pick.choices(("GET", "HEAD", "POST"), (95, 2, 3))[0]
        request = f"{method} {path} HTTP/1.1\r\nHost: soak.test\r\nX-Variant: {variant}\r\n"
        before = self.soak.acknowledged[path]
        if method == "POST":
            body = b"x" * pick.choice((0, 10, 5000))
            request += f"Content-Length: {len(body)}\r\n\r\n" + body.decode()
        else:
            request += "\r\n"
        self.writer.write(request.encode())
        self.soak.counts["requests"] += 1
        luck = pick.random()
        if luck < 0.01:
            self.soak.counts["vanished before the answer"] += 1
            return self.drop()
        status, fields = await self.head()
        self.soak.counts[f"status {status}"] += 1
        self.soak.counts["Cache-Status " + re.sub(r"ttl=-?\d+", "ttl=N", fields.get("cache-status", "none"))] += 1
        if method == "POST" and status == 204:
            # the origin counted this one, so it has at least this version from now on
            self.soak.acknowledged[path] = max(self.soak.acknowledged[path], before + 1)
        if luck < 0.03 and method == "GET":
            self.soak.counts["vanished within the answer"] += 1
            return self.drop()
        if method == "HEAD" or status in (204, 304):
            return
        slow = luck > 0.995
        body = await self.body(fields, slow)
        if status == 200:
            self.check(path, variant if kind == "vary" else "-", before, body, int(fields["x-version"]))
        elif status < 500:
            self.soak.fault(f"status {status} for {path}")
        if fields.get("connection") == "close":
            self.drop()

    async def head(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        return int(head[9:12]), {k.lower(): v for k, v in re.findall(r"^([\w-]+): *(.*?)\r$", head, re.M)}

    async def body(self, fields, slow):
        try:
            if fields.get("transfer-encoding") == "chunked":
                parts = []
                while size := int((await self.reader.readuntil(b"\r\n")), 16):
                    parts.append(await self.reader.readexactly(size))
                    await self.reader.readexactly(2)
                    if slow:
                        await asyncio.sleep(0.2)
                await self.reader.readexactly(2)
                return b"".join(parts)
            if slow:
                await asyncio.sleep(1)
            return await self.reader.readexactly(int(fields["content-length"]))
        except (ConnectionError, asyncio.IncompleteReadError):
            raise Truncated from None

    def check(self, path, variant, before, body, version):
        self.soak.counts["bodies checked"] += 1
        self.soak.counts["bytes checked"] += len(body)
        if body != make_body(path, variant, version, self.soak.origin.size(path, version)):
            self.soak.fault(f"{path} variant {variant} version {version}: {len(body)} bytes that begin {body[:80]!r}")
        if version < before:
            self.soak.fault(f"{path}: version {version} after an acknowledged POST made {before}")


class Soak:
    def __init__(self, options):
        self.options = options
        self.listen, self.admin, self.origin_port = free_ports(3)
        self.origin = Origin(options.seed, options.trouble)
        self.counts = collections.Counter()
        self.acknowledged = collections.Counter()  # POSTs answered before: no older version may be seen
        self.faults = []

    def fault(self, what):
        self.faults.append(what)
        print("FAULT:", what, flush=True)

    def config(self, i):
        odd = i % 2
        return CONFIG.format(
            listen=self.listen, admin=self.admin, origin=self.origin_port, idle="30s" if odd else "20s",
            connections=200 if odd else 256, memory="16MiB" if odd else "20MiB", memo="2s" if odd else "1s", ttl="30s" if odd else "10s",
        )

    async def reload(self, forebay, until):
        i = 0
        while time.monotonic() < until:
            await asyncio.sleep(1)
            i += 1
            invalid = i % 7 == 0
            forebay.reload(random.Random(i).choice(INVALID) if invalid else self.config(i))
            self.counts["reloads, invalid" if invalid else "reloads"] += 1
            if forebay.process.poll() is not None:
                return self.fault(f"forebay ended with {forebay.process.returncode}")

    async def watch(self, forebay, until):
        while time.monotonic() < until:
            await asyncio.sleep(self.options.seconds / 6)
            if forebay.process.poll() is None:
                metrics = await asyncio.to_thread(forebay.metrics)
                print(f"{self.counts['requests']} requests, {forebay.memory()[0] >> 20} MiB resident, {forebay.descriptors()} "
                      f"descriptors, charged {charges(metrics)}", flush=True)

    async def settle(self, forebay):
        """Nothing may be under way a while after the last client has gone."""
        names = ("forebay_flights", "forebay_waiting", "forebay_exchanges", "forebay_connections", "forebay_upstream_queued")
        for _ in range(40):
            metrics = await asyncio.to_thread(forebay.metrics)
            left = {name: metrics[name] for name in names if metrics[name] != 0}
            if charges(metrics)["in_flight"] != 0:
                left["in_flight"] = charges(metrics)["in_flight"]
            if not left:
                break
            await asyncio.sleep(0.5)
        if left:
            self.fault(f"left over: {left}")
        return metrics

    async def run(self):
        server = await asyncio.start_server(self.origin.serve, "127.0.0.1", self.origin_port, backlog=1000)
        with Forebay(self.options.forebay, self.config(0), self.listen, self.admin) as forebay:
            descriptors = forebay.descriptors()
            until = time.monotonic() + self.options.seconds
            clients = [Client(self, self.options.seed * 1000 + i).run(until) for i in range(self.options.clients)]
            await asyncio.gather(*clients, self.reload(forebay, until), self.watch(forebay, until))
            if forebay.process.poll() is None:
                metrics = await self.settle(forebay)
                upstream = int(metrics["forebay_upstream_connections"])
                if forebay.descriptors() > descriptors + upstream + 2:
                    self.fault(f"{forebay.descriptors()} descriptors, {descriptors} at the start and {upstream} upstream now")
                print(f"at the end: {forebay.descriptors()} descriptors ({descriptors} at the start), {upstream} upstream connections, "
                      f"{forebay.memory()[0] >> 20} MiB resident, {forebay.memory()[1] >> 20} at most")
                for name in sorted(metrics):
                    if name.endswith("_total") or "_total{" in name:
                        print(f"  {name} {metrics[name]:.0f}")
            code = await asyncio.to_thread(forebay.stop)
            if code != 0:
                self.fault(f"forebay exited with {code}")
            log = forebay.log_text()
            if code != 0 or "Sanitizer" in log or "runtime error" in log:
                self.fault("the log says:\n" + log[-8000:])
        server.close()
        for title, counts in (("clients", self.counts), ("origin", self.origin.counts)):
            print(title)
            for name, count in sorted(counts.items()):
                print(f"  {name}: {count}")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--forebay", default=ROOT / "build/release/forebay")
    options.add_argument("--seconds", type=float, default=180)
    options.add_argument("--clients", type=int, default=64)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--trouble", type=float, default=1, help="times as often does the upstream misbehave; 0: never")
    soak = Soak(options.parse_args())
    asyncio.run(soak.run())
    print(f"FAILED: {len(soak.faults)} faults" if soak.faults else "passed")
    sys.exit(1 if soak.faults else 0)


if __name__ == "__main__":
    main()
