"""forebay under load: started with a configuration, watched through /proc and /metrics, stopped, its exit checked."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MIB = 1 << 20


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Forebay:
    """The daemon with a configuration file of its own; `with` stops it."""

    def __init__(self, binary, config, listen, admin, env=None):
        self.listen, self.admin = listen, admin
        self.folder = tempfile.TemporaryDirectory(prefix="forebay-load-")
        self.config = Path(self.folder.name) / "forebay.yaml"
        self.config.write_text(config)
        self.log_path = Path(self.folder.name) / "log"
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [str(binary), "run", "-c", str(self.config)],
            stdout=self.log,
            stderr=self.log,
            env={**os.environ, **(env or {})},
        )
        for _ in range(300):
            if self.process.poll() is not None:
                raise SystemExit(f"forebay did not start:\n{self.log_text()}")
            try:
                self.fetch("/livez")
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("forebay does not answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def stop(self, limit=30):
        """Its exit status, negative for a signal."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(limit)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        return self.process.returncode

    def reload(self, config):
        self.config.write_text(config)
        self.process.send_signal(signal.SIGHUP)

    def log_text(self):
        return self.log_path.read_text(errors="replace")

    def fetch(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=10) as answer:
            return answer.read().decode()

    def metrics(self):
        """{'forebay_flights': 0.0, 'forebay_memory_bytes{kind="heads"}': 1.0, ...}"""
        lines = (line for line in self.fetch("/metrics").splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def memory(self):
        """(resident now, most that ever was) in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        values = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(values[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def charges(metrics):
    return {kind: int(metrics[f'forebay_memory_bytes{{kind="{kind}"}}']) for kind in ("heads", "bodies", "bookkeeping", "in_flight", "buffers")}


def program(name, folder):
    """One of the C++ programs beside this file, as `./dev bench` builds them."""
    path = Path(folder) / f"load_{name}"
    if not path.exists():
        raise SystemExit(f"{path} is missing; `./dev bench load-<name>` builds it")
    return str(path)
