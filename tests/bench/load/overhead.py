#!/usr/bin/env python3
"""What a stored response costs beside its own bytes: many small distinct ones through the daemon, with room for all of
them. Resident growth and forebay's own charge, per response, less the body, and less the head and the key."""

import argparse
import subprocess
import sys
import time

from harness import MIB, ROOT, Forebay, charges, free_ports, program

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
cache: {{ memory: {{ size: {budget}MiB }} }}
upstreams: {{ origin: {{ servers: ["http://127.0.0.1:{origin}"] }} }}
"""
# Written per request, not stored.
PER_REQUEST = ("age:", "cache-status:", "connection:", "transfer-encoding:")


def flood(options, listen, origin, urls):
    """Returns the length of a stored head."""
    words = [program("flood", options.programs), "--proxy", listen, "--origin", origin, "--urls", urls]
    words += ["--least", options.size, "--most", options.size, "--chunked", options.chunked]
    run = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True)
    progress, _, head = run.stdout.partition("the last head:\n")
    print(progress, end="")
    if run.returncode != 0:
        raise SystemExit("FAILED: flood")
    stored = [line for line in head.splitlines() if line and not line.lower().startswith(PER_REQUEST)]
    if not any(line.lower().startswith("content-length:") for line in stored):
        stored.append(f"Content-Length: {options.size}")  # known when it is stored, not yet when it is passed on
    return sum(len(line) + 2 for line in stored)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--forebay", default=ROOT / "build/release/forebay")
    options.add_argument("--programs", default=ROOT / "build/release/tests")
    options.add_argument("--urls", type=int, default=500_000)
    options.add_argument("--size", type=int, default=1024)
    options.add_argument("--chunked", type=int, default=0, help="every so many bodies come in chunks; 0: none")
    options.add_argument("--goal", type=int, default=350, help="bytes per response")
    options = options.parse_args()

    budget = max(64, 4 * options.urls * (options.size + 1024) // MIB)
    listen, admin, origin = free_ports(3)
    with Forebay(options.forebay, CONFIG.format(listen=listen, admin=admin, origin=origin, budget=budget), listen, admin) as forebay:
        time.sleep(0.5)
        resident = forebay.memory()[0]
        before = charges(forebay.metrics())
        head = flood(options, listen, origin, options.urls)
        time.sleep(1)
        metrics = forebay.metrics()
        entries = int(metrics["forebay_memory_entries"])
        after = charges(metrics)
        grown = (forebay.memory()[0] - resident) / entries
        charged = {kind: (after[kind] - before[kind]) / entries for kind in after}
        key = sum(len(f"http://load.test:80/{n}") for n in range(options.urls)) / options.urls
        code = forebay.stop()

    total = sum(charged.values())
    print(f"{entries} responses of {options.size} bytes, heads of {head}, keys of {key:.1f} on the average")
    print(f"resident growth per response: {grown:.1f} bytes; charged: {total:.1f} "
          f"({', '.join(f'{kind} {value:.1f}' for kind, value in charged.items())})")
    print(f"less head and body:           {grown - head - options.size:.1f} resident, {total - head - options.size:.1f} charged")
    print(f"less head, body and key:      {grown - head - options.size - key:.1f} resident, {total - head - options.size - key:.1f} charged")
    passed = entries == options.urls and grown - head - options.size <= options.goal and code == 0
    print("passed" if passed else f"FAILED: {entries} entries, goal {options.goal} bytes, exit {code}")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
