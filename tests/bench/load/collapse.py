#!/usr/bin/env python3
"""2,000 clients at once on one URL that is not stored and takes its origin two seconds; again, and the client that asked
first leaves; and again in four variants. The origin has to be asked once for each variant, and everybody has to get the
body while it arrives."""

import argparse
import subprocess
import sys

from harness import ROOT, Forebay, charges, free_ports, program

CONFIG = """
listen: [ 127.0.0.1:{listen} ]
admin: {{ address: "127.0.0.1:{admin}" }}
upstreams: {{ origin: {{ servers: ["http://127.0.0.1:{origin}"] }} }}
"""


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--forebay", default=ROOT / "build/release/forebay")
    options.add_argument("--programs", default=ROOT / "build/release/tests")
    options.add_argument("--clients", type=int, default=2000)
    options.add_argument("--bytes", type=int, default=5_000_000)
    options.add_argument("--seconds", type=float, default=2)
    options = options.parse_args()

    failed = 0
    cases = (("everybody stays", 0, 1), ("the first client leaves after 0.5 s", 0.5, 1), ("four variants", 0, 4))
    for name, leave, variants in cases:
        listen, admin, origin = free_ports(3)
        with Forebay(options.forebay, CONFIG.format(listen=listen, admin=admin, origin=origin), listen, admin) as forebay:
            print(f"--- {name}", flush=True)
            crowd = [program("crowd", options.programs), "--proxy", listen, "--origin", origin, "--leave", leave, "--variants", variants]
            crowd += ["--clients", options.clients, "--bytes", options.bytes, "--seconds", options.seconds]
            failed += subprocess.run([str(word) for word in crowd], timeout=240).returncode != 0
            metrics = forebay.metrics()
            print(f"forebay: {metrics['forebay_upstream_requests_total']:.0f} upstream requests, "
                  f"{metrics['forebay_collapsed_requests_total']:.0f} collapsed, {forebay.cpu_seconds():.1f} s of CPU, "
                  f"at most {forebay.memory()[1] / 1e6:.0f} MB resident, {charges(metrics)['in_flight']} bytes in flight at the end")
            code = forebay.stop()
            if code != 0:
                print(f"FAILED: forebay exited with {code}:\n{forebay.log_text()[-4000:]}")
                failed += 1
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
