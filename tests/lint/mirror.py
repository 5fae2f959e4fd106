#!/usr/bin/env python3
"""Checks that every src/<folder>/<stem>.cpp has its tests/unit/<folder>/<stem>_test.cpp.

mirror_allowed.txt names the exceptions, one a line: `<folder>/<stem> <reason>`; a line that is no longer needed fails.
"""

import tree

ALLOWED = "tests/lint/mirror_allowed.txt"


def read_allowed(root):
    """{stem: (line number, reason)} of the exceptions."""
    path = root / ALLOWED
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    allowed = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            stem, _, reason = line.partition(" ")
            allowed[stem] = (number, reason.strip())
    return allowed


def check(root):
    stems = {p.relative_to(root / "src").with_suffix("").as_posix() for p in (root / "src").rglob("*.cpp")}
    untested = sorted(s for s in stems if not (root / "tests/unit" / (s + "_test.cpp")).exists())
    allowed = read_allowed(root)
    found = ["src/%s.cpp:1: no tests/unit/%s_test.cpp" % (s, s) for s in untested if s not in allowed]
    for stem, (number, reason) in allowed.items():
        if stem not in untested:
            why = "has a test now" if stem in stems else "does not exist"
            found.append("%s:%d: %s %s; drop the line" % (ALLOWED, number, stem, why))
        elif not reason:
            found.append("%s:%d: %s needs a reason" % (ALLOWED, number, stem))
    return found


def self_test():
    tree.expect(check, {
        "src/base/clock.cpp": "",
        "tests/unit/base/clock_test.cpp": "",
        "src/app/main.cpp": "",
        ALLOWED: "# comment\napp/main nothing but a call\n",
    }, [])
    tree.expect(check, {
        "src/base/clock.cpp": "",
        "src/http/date.cpp": "",
        "tests/unit/http/date_test.cpp": "",
        "src/io/sleep.cpp": "",
        ALLOWED: "http/date reason\nio/gone reason\nio/sleep\n",
    }, [
        "src/base/clock.cpp:1: no tests/unit/base/clock_test.cpp",
        "mirror_allowed.txt:1: http/date has a test now",
        "mirror_allowed.txt:2: io/gone does not exist",
        "mirror_allowed.txt:3: io/sleep needs a reason",
    ])


if __name__ == "__main__":
    tree.main(check, self_test)
