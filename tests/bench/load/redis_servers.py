"""Real redis-servers on free ports, and what goes wrong with them: one, a master with replica and sentinels, a cluster."""

import asyncio
import subprocess
import tempfile
import time
from pathlib import Path

from harness import free_ports


class Server:
    """One process, which is killed as by a crash and comes back with what its append-only file has."""

    def __init__(self, folder, port, *arguments, sentinel=None):
        self.port = port
        self.folder = Path(folder) / str(port)
        self.folder.mkdir()
        self.log = open(self.folder / "log", "ab")
        self.arguments = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.folder), *arguments]
        if sentinel:
            (self.folder / "sentinel.conf").write_text(sentinel)
            self.arguments = [str(self.folder / "sentinel.conf"), *self.arguments, "--sentinel"]
        self.start()

    def start(self):
        self.process = subprocess.Popen(["redis-server", *self.arguments], stdout=self.log, stderr=self.log)
        for _ in range(200):
            if self.ask("PING").startswith(("PONG", "LOADING")):
                return
            time.sleep(0.05)
        raise SystemExit(f"redis-server does not answer: {(self.folder / 'log').read_text()[-2000:]}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_up(self):
        return self.process.poll() is None

    def ask(self, *words):
        run = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, timeout=10)
        return run.stdout.strip()


class One:
    """A single server with an append-only file."""

    def __init__(self, folder, port):
        self.servers = [Server(folder, port, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec")]
        self.url = f"redis://127.0.0.1:{port}"

    async def fail(self, pause):
        """Away for so many seconds."""
        await asyncio.to_thread(self.servers[0].kill)
        await asyncio.sleep(pause)
        await asyncio.to_thread(self.servers[0].start)

    async def wait_until_whole(self):
        pass


class Sentinels:
    """A master, a replica and three sentinels. Who fails comes back as the other's replica."""

    def __init__(self, folder, *ports):
        self.taken_over = asyncio.Event()  # by a replica
        common = ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec")
        first, second, *watchers = ports
        self.servers = [Server(folder, first, *common), Server(folder, second, *common, "--replicaof", "127.0.0.1", str(first))]
        self.sentinels = [
            Server(folder, port, sentinel=f"sentinel monitor main 127.0.0.1 {first} 2\nsentinel down-after-milliseconds main 800\n"
                   "sentinel failover-timeout main 3000\n")
            for port in watchers
        ]
        self.url = "redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port in watchers) + "/main"

    def master(self):
        port = int((self.sentinels[0].ask("SENTINEL", "get-master-addr-by-name", "main").split() or ["", "0"])[1])
        return next((s for s in self.servers if s.port == port), None)

    async def fail(self, pause):
        old = await asyncio.to_thread(self.master)
        if not old or not old.is_up():
            return
        await asyncio.to_thread(old.kill)
        for _ in range(400):
            await asyncio.sleep(0.05)
            now = await asyncio.to_thread(self.master)
            if now and now is not old and "role:master" in await asyncio.to_thread(now.ask, "INFO", "replication"):
                break
        self.taken_over.set()
        await asyncio.sleep(pause)
        await asyncio.to_thread(old.start)

    async def wait_until_whole(self):
        """A replica that is up to date: a failure before that would lose everything."""
        for _ in range(300):
            info = await asyncio.to_thread(lambda: (m := self.master()) and m.is_up() and m.ask("INFO", "replication") or "")
            if "state=online" in info:
                return
            await asyncio.sleep(0.1)
        states = [f"{s.port}: {s.is_up() and s.ask('INFO', 'replication')}" for s in self.servers]
        seen = [s.ask("SENTINEL", "get-master-addr-by-name", "main").split() for s in self.sentinels]
        raise SystemExit("the replica does not come up:\n" + "\n".join(states) + f"\nthe sentinels see {seen}")


class RedisCluster:
    """Three masters with a replica each. The one that fails has the invalidation log every other time."""

    def __init__(self, folder, *ports):
        self.taken_over = asyncio.Event()  # by a replica
        common = ("--save", "", "--appendonly", "yes", "--cluster-enabled", "yes", "--cluster-node-timeout", "1000",
                  "--cluster-replica-validity-factor", "0")
        self.servers = [Server(folder, port, *common, "--cluster-port", str(bus)) for port, bus in zip(ports[:6], ports[6:])]
        made = subprocess.run(["redis-cli", "--cluster", "create", *(f"127.0.0.1:{p}" for p in ports[:6]), "--cluster-replicas", "1",
                               "--cluster-yes"], capture_output=True, text=True, timeout=60)
        if made.returncode != 0:
            raise SystemExit("no cluster: " + made.stdout[-2000:])
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{p}" for p in ports[:3])
        self.turn = 0

    def nodes(self):
        """[(port, is a master, is well)] as the first that answers sees them."""
        for server in self.servers:
            if server.is_up():
                lines = [line.split() for line in server.ask("CLUSTER", "NODES").splitlines()]
                return [(int(w[1].split("@")[0].rsplit(":", 1)[1]), "master" in w[2], "fail" not in w[2] and w[7] == "connected")
                        for w in lines if len(w) > 7]
        return []

    def masters(self):
        ports = {port for port, is_master, is_well in self.nodes() if is_master and is_well}
        return [s for s in self.servers if s.port in ports and s.is_up()]

    async def fail(self, pause):
        masters = await asyncio.to_thread(self.masters)
        self.turn += 1
        old = masters[self.turn % len(masters)]
        await asyncio.to_thread(old.kill)
        for _ in range(400):
            await asyncio.sleep(0.05)
            if len(await asyncio.to_thread(self.masters)) >= 3:
                break
        self.taken_over.set()
        await asyncio.sleep(pause)
        await asyncio.to_thread(old.start)

    async def wait_until_whole(self):
        for _ in range(300):
            nodes = await asyncio.to_thread(self.nodes)
            if len(nodes) == 6 and all(is_well for _, _, is_well in nodes) and all(
                    "master_link_status:down" not in s.ask("INFO", "replication") for s in self.servers):
                return
            await asyncio.sleep(0.1)
        raise SystemExit("the cluster does not come to rest")


KINDS = {"one": (One, 1), "sentinel": (Sentinels, 5), "cluster": (RedisCluster, 12)}


class Deployment:
    """`with` starts one of KINDS and ends all of its processes."""

    def __init__(self, kind):
        self.kind = kind
        self.folder = tempfile.TemporaryDirectory(prefix="forebay-redis-")

    def __enter__(self):
        make, ports = KINDS[self.kind]
        self.servers = make(self.folder.name, *free_ports(ports))
        return self.servers

    def __exit__(self, *_):
        for server in self.servers.servers + getattr(self.servers, "sentinels", []):
            if server.is_up():
                server.kill()
        self.folder.cleanup()
