#!/usr/bin/env python3
"""A small memory budget under a flood of distinct responses: what forebay keeps resident, and whether it slows down once
it has to evict for each response. Fails when a body was wrong or more was resident than the budget and --slack."""

import argparse
import socket
import subprocess
import sys
import threading
import time

from harness import MIB, ROOT, Forebay, charges, free_ports, program

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
cache: {{ memory: {{ size: {budget}MiB }} }}
upstreams: {{ origin: {{ servers: ["http://127.0.0.1:{origin}"] }} }}
"""


def stall(port, first, count):
    """Clients that have asked for a response of their own and do not read it."""
    clients = []
    for n in range(first, first + count):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(f"GET /{n} HTTP/1.1\r\nHost: load.test\r\n\r\n".encode())
        clients.append(client)
        time.sleep(0.05)
    return clients


class Watch(threading.Thread):
    """Looks at memory every half second."""

    def __init__(self, forebay):
        super().__init__(daemon=True)
        self.forebay, self.over = forebay, threading.Event()
        self.most_resident = self.most_charged = 0

    def run(self):
        while not self.over.wait(0.5):
            self.most_resident = max(self.most_resident, self.forebay.memory()[0])
            self.most_charged = max(self.most_charged, sum(charges(self.forebay.metrics()).values()))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--forebay", default=ROOT / "build/release/forebay")
    options.add_argument("--programs", default=ROOT / "build/release/tests")
    options.add_argument("--budget", type=int, default=64, help="MiB")
    options.add_argument("--slack", type=int, default=64, help="MiB that may be resident beyond the budget")
    options.add_argument("--urls", type=int, default=1_000_000)
    options.add_argument("--least", type=int, default=100, help="size of the smallest body")
    options.add_argument("--max-size", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--connections", type=int, default=16)
    options.add_argument("--chunked", type=int, default=4, help="every so many bodies come in chunks; 0: none")
    options.add_argument("--stalled", type=int, default=0, help="clients beside them that ask and do not read")
    options = options.parse_args()

    listen, admin, origin = free_ports(3)
    config = CONFIG.format(listen=listen, admin=admin, origin=origin, budget=options.budget)
    failed = []
    with Forebay(options.forebay, config, listen, admin) as forebay:
        at_rest = forebay.memory()[0]
        print(f"{options.urls} URLs, bodies of {options.least} to {options.max_size} bytes (log-uniform, seed "
              f"{options.seed}), {options.connections} connections, budget {options.budget} MiB; "
              f"{at_rest / MIB:.1f} MiB resident at rest", flush=True)
        watch = Watch(forebay)
        watch.start()
        began = time.monotonic()
        flood = [program("flood", options.programs), "--proxy", listen, "--origin", origin, "--urls", options.urls]
        flood += ["--least", options.least, "--most", options.max_size, "--seed", options.seed]
        flood += ["--connections", options.connections, "--chunked", options.chunked]
        with subprocess.Popen([str(word) for word in flood], stdout=subprocess.PIPE, text=True) as run:
            time.sleep(0.5)  # the origin stands in the same program
            stalled = stall(listen, options.urls, options.stalled)
            for line in run.stdout:
                if "%:" in line:
                    line = f"{line.rstrip()}, {forebay.memory()[0] / MIB:6.1f} MiB resident\n"
                elif line.startswith("the last head"):
                    break
                print(line, end="", flush=True)
            run.stdout.read()
        if run.returncode != 0:
            failed.append(f"flood exited with {run.returncode}")
        for client in stalled:
            client.close()
        time.sleep(0.5 if stalled else 0)
        watch.over.set()
        watch.join()
        resident, most = forebay.memory()
        metrics = forebay.metrics()
        print(f"{time.monotonic() - began:.0f} s; resident: {resident / MIB:.1f} MiB at the end, {watch.most_resident / MIB:.1f} "
              f"the most seen, {most / MIB:.1f} VmHWM; {forebay.cpu_seconds():.0f} s of CPU")
        print(f"charged: {charges(metrics)}, at most {watch.most_charged / MIB:.2f} MiB seen; "
              f"{metrics['forebay_memory_entries']:.0f} entries, {metrics['forebay_memory_evictions_total']:.0f} evictions, "
              f"stored {metrics['forebay_stored_total']:.0f}, not stored {metrics['forebay_not_stored_total']:.0f}")
        if most > (options.budget + options.slack) * MIB:
            failed.append(f"more than {options.budget} + {options.slack} MiB was resident")
        if charges(metrics)["in_flight"] != 0:
            failed.append("something is still charged as in flight")
        code = forebay.stop()
        if code != 0:
            failed.append(f"forebay exited with {code}:\n{forebay.log_text()[-4000:]}")
    print("\n".join(f"FAILED: {what}" for what in failed) or "passed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
