#!/usr/bin/env python3
"""Purges by key, tag and pattern, and by unsafe requests, at several nodes that share one Redis, while clients fetch, nodes are
restarted and Redis fails. The checker knows when each version was born: a client that asks a node after that node has
acknowledged a purge must not get what the purge was about. When the last fault is over all nodes have to agree."""

import argparse
import asyncio
import collections
import json
import random
import re
import signal
import sys
import time

from harness import Forebay, free_ports, ROOT
from redis_servers import Deployment, KINDS

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
workers: 1
drain_timeout: 3s
purge: {{ allow: [127.0.0.1] }}
upstreams:
  origin:
    servers: ["http://127.0.0.1:{origin}"]
    max_connections: {connections}
cache:
  memory: {{ size: 16MiB, max_body: 64KiB }}
  {redis}
routes:
  - {{ match: {{ paths: ["/**"] }}, upstream: origin, cache: {{ keep: 60s }} }}
"""
TAGS, GROUPS = 41, 37


def path_of(n):
    return f"/g/{n % GROUPS}/{n}"


class Origin:
    """Resource n has the version `versions[n]`, and takes it when the request comes, not when the answer goes."""

    def __init__(self, resources):
        self.versions = [1] * resources
        self.counts = collections.Counter()
        self.busy = self.most_busy = 0
        self.random = random.Random(7)

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.busy += 1
                self.most_busy = max(self.most_busy, self.busy)
                try:
                    await self.answer(head, reader, writer)
                finally:
                    self.busy -= 1
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the proxy left, or the run is over
        finally:
            writer.close()

    async def answer(self, head, reader, writer):
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        n = int(target.rsplit("/", 1)[1])
        self.counts[method] += 1
        if method == "POST":
            await reader.readexactly(int(re.search(r"^content-length: *(\d+)", head, re.M | re.I)[1]))
            self.versions[n] += 1
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            return await writer.drain()
        version = self.versions[n]
        await asyncio.sleep(self.random.choice((0, 0, 0.002, 0.01, 0.05)))
        fields = f'ETag: "{version}"\r\nCache-Control: max-age=3600\r\nSurrogate-Key: t{n % TAGS} all\r\n'
        if f'If-None-Match: "{version}"' in head:
            self.counts["304"] += 1
            writer.write(f"HTTP/1.1 304 Not Modified\r\n{fields}\r\n".encode())
        else:
            body = body_of(n, version)
            writer.write(f"HTTP/1.1 200 OK\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()


def body_of(n, version):
    return f"{n};{version};".encode() * (5 + n % 50)


class Connection:
    """Keep-alive to one of a node's ports, made anew when it broke or the node is another process."""

    def __init__(self, node, port):
        self.node, self.port, self.life = node, port, 0
        self.reader = self.writer = None

    async def ask(self, head, body=b""):
        """(status, fields, body); OSError or EOFError when there is no whole answer."""
        try:
            if self.life != self.node.life:
                self.drop()
                self.life = self.node.life
            if not self.writer:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            fresh = f"Content-Length: {len(body)}\r\n" if body else ""
            self.writer.write(f"{head} HTTP/1.1\r\nHost: t\r\n{fresh}\r\n".encode() + body)
            answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = int(answer[9:12])
            fields = {k.lower(): v for k, v in re.findall(r"^([\w-]+): *(.*?)\r$", answer, re.M)}
            content = await self.reader.readexactly(int(fields.get("content-length", 0)))
            if fields.get("connection") == "close":
                self.drop()
            return status, fields, content
        except BaseException:
            self.drop()
            raise

    def drop(self):
        if self.writer:
            self.writer.transport.abort()
        self.reader = self.writer = None


class Node:
    def __init__(self, options, origin_port, redis):
        self.options, self.origin_port, self.redis = options, origin_port, redis
        self.listen, self.admin = free_ports(2)
        self.floor = [1] * options.resources  # acknowledged here: older versions must not be seen
        self.acknowledged = []  # [(when, resources, versions)] that may not have been written to the shared log yet
        self.life = 0
        self.up = False
        self.process = None

    def start(self):
        redis = f"redis: {{ url: \"{self.redis.url}\", max_unverified: 3s, breaker: {{ max_pause: 1s }} }}" if self.redis else ""
        config = CONFIG.format(listen=self.listen, admin=self.admin, origin=self.origin_port, redis=redis,
                               connections=self.options.connections)
        self.process = Forebay(self.options.forebay, config, self.listen, self.admin)
        self.life += 1
        self.up = True

    def note(self, resources, versions):
        for n, version in zip(resources, versions):
            self.floor[n] = max(self.floor[n], version)
        self.acknowledged.append((time.monotonic(), resources, versions))

    def forget_unwritten(self):
        """A node that is killed takes with it what it has acknowledged and could not share."""
        self.floor = list(self.shared_floor)
        self.acknowledged.clear()

    async def observe(self):
        """Moves what is in the shared log by now to where a restart cannot reach it."""
        self.shared_floor = [1] * self.options.resources
        while True:
            await asyncio.sleep(0.2)
            if not self.up:
                continue
            before, life = time.monotonic(), self.life
            try:
                metrics = await asyncio.to_thread(self.process.metrics)
            except OSError:
                continue
            if life != self.life or not self.up or metrics.get("forebay_redis_log_unwritten", 0) > 0:
                continue
            kept = []
            for entry in self.acknowledged:
                if entry[0] > before:
                    kept.append(entry)
                    continue
                for n, version in zip(entry[1], entry[2]):
                    self.shared_floor[n] = max(self.shared_floor[n], version)
            self.acknowledged = kept


class Torture:
    def __init__(self, options):
        self.options = options
        self.counts = collections.Counter()
        self.faults = []
        self.origin = Origin(options.resources)
        self.random = random.Random(options.seed)
        self.purges = 0
        self.started = time.monotonic()
        self.over = False

    def fault(self, what):
        self.faults.append(what)
        if len(self.faults) <= 20:
            print(f"FAULT at {time.monotonic() - self.started:.2f} s: {what}", flush=True)

    def note_client_error(self, what):
        self.counts["client errors"] += 1
        self.counts[f"client error: {what}"] += 1
        if self.options.strict:
            self.fault(what)

    def go_on(self):
        return not self.over and self.purges < self.options.purges and time.monotonic() - self.started < self.options.seconds

    async def fetch(self, node, connection, n):
        floor = node.floor[n]
        life = node.life
        try:
            status, fields, body = await asyncio.wait_for(connection.ask(f"GET {path_of(n)}"), 20)
        except (OSError, EOFError, asyncio.TimeoutError) as error:
            if life == node.life and node.up:
                self.note_client_error(f"{type(error).__name__} from a node that runs")
            return None
        if status != 200:
            self.note_client_error(f"status {status}, {fields.get('proxy-status')}")
            return None
        version = int(body.split(b";")[1])
        self.counts["bodies checked"] += 1
        self.counts["hits" if "; hit" in fields.get("cache-status", "") else "not hits"] += 1
        if body != body_of(n, version):
            self.fault(f"{path_of(n)}: {len(body)} bytes that begin {body[:40]!r}")
        if version < floor and life == node.life:
            self.fault(f"node {self.nodes.index(node)}, {path_of(n)}: version {version} after a purge of everything before {floor}; "
                       f"{fields.get('cache-status')} age {fields.get('age')}")
        return version

    async def client(self, node, seed):
        pick = random.Random(seed)
        connection = Connection(node, node.listen)
        while self.go_on():
            if not node.up:
                await asyncio.sleep(0.05)
                continue
            await self.fetch(node, connection, int(pick.paretovariate(0.6)) % self.options.resources)
        connection.drop()

    def choose(self, pick):
        """(kind, resources it is about, request on the listener or None, members for the admin API)"""
        n = int(pick.paretovariate(0.6)) % self.options.resources
        kind = pick.choices(("key", "tag", "pattern", "unsafe"), (55, 25, 15, 5))[0]
        if kind in ("key", "unsafe"):
            return kind, [n], {"urls": [f"http://t{path_of(n)}"]}
        if kind == "tag":
            return kind, list(range(n % TAGS, self.options.resources, TAGS)), {"tags": [f"t{n % TAGS}"]}
        return kind, list(range(n % GROUPS, self.options.resources, GROUPS)), {"patterns": [f"/g/{n % GROUPS}/*"]}

    async def purger(self, node, seed):
        pick = random.Random(seed)
        plain, admin = Connection(node, node.listen), Connection(node, node.admin)
        while self.go_on():
            if not node.up:
                await asyncio.sleep(0.05)
                continue
            kind, resources, members = self.choose(pick)
            everywhere = kind != "unsafe" and self.options.redis != "none" and pick.random() < 0.002
            life = node.life
            if kind != "unsafe":
                for n in resources:
                    self.origin.versions[n] += 1
            versions = [self.origin.versions[n] for n in resources]
            try:
                if kind == "unsafe":
                    versions = [v + 1 for v in versions]
                    answer = await asyncio.wait_for(plain.ask(f"POST {path_of(resources[0])}", b"x"), 20)
                elif kind == "key" and not everywhere:
                    answer = await asyncio.wait_for(plain.ask(f"PURGE {path_of(resources[0])}"), 20)
                else:
                    if pick.random() < 0.2:
                        members["mode"] = "soft"
                    members |= {"wait": "all", "timeout": "2s"} if everywhere else {}
                    answer = await asyncio.wait_for(admin.ask("POST /purge", json.dumps(members).encode()), 20)
            except (OSError, EOFError, asyncio.TimeoutError) as error:
                if life == node.life and node.up:
                    self.counts[f"purges without answer: {type(error).__name__}"] += 1
                continue
            if answer[0] not in (200, 202, 204):
                self.counts[f"purges answered with {answer[0]}"] += 1
                continue
            if life != node.life:
                continue
            self.purges += 1
            self.counts[f"purges by {kind}"] += 1
            node.note(resources, versions)
            if everywhere and json.loads(answer[2])["everywhere"]:
                self.counts["purges acknowledged by all nodes"] += 1
                for other in self.nodes:
                    for n, version in zip(resources, versions):
                        if other.up:
                            other.floor[n] = max(other.floor[n], version)
            await asyncio.sleep(self.options.pause)
        plain.drop()
        admin.drop()

    async def restart_nodes(self):
        while self.go_on():
            await asyncio.sleep(self.random.uniform(3, 8))
            node = self.random.choice(self.nodes)
            how = self.random.choice((signal.SIGTERM, signal.SIGKILL))
            node.up = False
            node.process.process.send_signal(how)
            await asyncio.to_thread(node.process.process.wait)
            log = node.process.log_text()
            if "Sanitizer" in log or "runtime error" in log or (how == signal.SIGTERM and node.process.process.returncode != 0):
                self.fault(f"a node ended with {node.process.process.returncode}:\n{log[-4000:]}")
            node.process.folder.cleanup()
            node.forget_unwritten()
            await asyncio.to_thread(node.start)
            self.counts[f"nodes restarted by {how.name}"] += 1

    async def fail_redis(self, redis):
        while self.go_on():
            await asyncio.sleep(self.random.uniform(2, 6))
            await redis.wait_until_whole()
            await redis.fail(self.random.uniform(0.2, 4))
            self.counts["failures of Redis"] += 1

    async def report(self):
        last = collections.Counter()
        while not self.over:
            await asyncio.sleep(5)
            now = collections.Counter(self.counts)
            gone = now - last
            print(f"{time.monotonic() - self.started:5.0f} s: {self.purges} purges, {now['bodies checked']} bodies checked, hit ratio "
                  f"{gone['hits'] / max(1, gone['bodies checked']):.2f}, {now['client errors']} client errors, {len(self.faults)} faults", flush=True)
            last = now

    async def converge(self):
        """Each node has to have what every purge that any node has acknowledged, and not lost by being killed, was about."""
        required = [max(floors) for floors in zip(*(node.floor for node in self.nodes))]
        start = time.monotonic()
        for _ in range(200):
            asked = time.monotonic()
            behind = sum(await asyncio.gather(*(self.count_behind(node, required) for node in self.nodes)))
            if behind == 0:
                print(f"all nodes agree when asked {asked - start:.1f} s after the last fault")
                return
            await asyncio.sleep(0.1)
        self.fault(f"{behind} resources are behind {time.monotonic() - start:.0f} s after the last fault")

    async def count_behind(self, node, required):
        connection = Connection(node, node.listen)
        versions = [await self.fetch(node, connection, n) for n in range(len(required))]
        connection.drop()
        return sum(version is None or version < floor for version, floor in zip(versions, required))

    async def run(self, redis):
        server = await asyncio.start_server(self.origin.serve, "127.0.0.1", 0, backlog=1000)
        port = server.sockets[0].getsockname()[1]
        self.nodes = [Node(self.options, port, redis) for _ in range(self.options.nodes)]
        try:
            for node in self.nodes:
                await asyncio.to_thread(node.start)
            self.started = time.monotonic()
            watching = [asyncio.create_task(node.observe()) for node in self.nodes] + [asyncio.create_task(self.report())]
            tasks = [self.client(node, f"{self.options.seed} {i}") for node in self.nodes for i in range(self.options.clients)]
            tasks += [self.purger(node, f"purger {self.options.seed} {i}") for node in self.nodes for i in range(self.options.purgers)]
            if "nodes" in self.options.faults:
                tasks.append(self.restart_nodes())
            if "redis" in self.options.faults and redis:
                tasks.append(self.fail_redis(redis))
            await asyncio.gather(*tasks)
            if redis:
                await redis.wait_until_whole()
            await self.converge()
            self.over = True
            for task in watching:
                task.cancel()
            self.count_redis()
        finally:
            for node in self.nodes:
                if node.process and node.process.process.poll() is None:
                    if await asyncio.to_thread(node.process.stop) != 0:
                        self.fault("a node did not end well:\n" + node.process.log_text()[-4000:])
            server.close()
        for title, counts in (("clients", self.counts), ("origin", self.origin.counts)):
            print(title)
            for name, count in sorted(counts.items()):
                print(f"  {name}: {count}")
        most = self.options.nodes * self.options.connections
        print(f"  most requests at once at the origin: {self.origin.most_busy} (cap {most})")
        if self.origin.most_busy > most:
            self.fault("more requests at once at the origin than the cap")

    def count_redis(self):
        for node in self.nodes:
            for name, value in node.process.metrics().items():
                if name.startswith(("forebay_redis_lookups_total", "forebay_redis_log", "forebay_redis_stores_total")) and value:
                    self.counts[name] += int(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forebay", default=ROOT / "build/release/forebay")
    parser.add_argument("--redis", choices=[*KINDS, "none"], default="one")
    parser.add_argument("--faults", default="nodes,redis", help="what fails: nodes, redis, both, or neither")
    parser.add_argument("--strict", action="store_true", help="a client error counts as a fault")
    parser.add_argument("--purges", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=900, help="at most")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--clients", type=int, default=6, help="at each node")
    parser.add_argument("--purgers", type=int, default=4, help="at each node")
    parser.add_argument("--pause", type=float, default=0, help="of a purger after each purge, seconds")
    parser.add_argument("--resources", type=int, default=400)
    parser.add_argument("--connections", type=int, default=32, help="the cap of each node towards the origin")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torture = Torture(options)
    if options.redis == "none":
        asyncio.run(torture.run(None))
    else:
        with Deployment(options.redis) as redis:
            asyncio.run(torture.run(redis))
    print(f"FAILED: {len(torture.faults)} faults" if torture.faults else "passed")
    sys.exit(1 if torture.faults else 0)


if __name__ == "__main__":
    main()
