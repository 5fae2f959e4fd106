#!/usr/bin/env python3
"""Checks file lengths: a header has at most 150 lines, a .cpp at most 500.

A file above its cap is split, or says why not in a comment: `// budget: <reason>`.
"""

import re

import tree

CAPS = {".hpp": 150, ".cpp": 500}
EXCUSE = re.compile(r"//\s*budget:\s*\S")


def check(root):
    found = []
    for path in tree.sources(root):
        text = path.read_text(encoding="utf-8")
        lines, cap = len(text.splitlines()), CAPS[path.suffix]
        if lines > cap and not EXCUSE.search(text):
            where = path.relative_to(root).as_posix()
            found.append("%s:%d: %d lines, the cap is %d" % (where, cap + 1, lines, cap))
    return found


def self_test():
    tree.expect(check, {
        "src/base/a.cpp": "\n" * 500,
        "src/base/b.cpp": "// budget: one table\n" + "\n" * 600,
        "include/forebay/base/a.hpp": "\n" * 150,
    }, [])
    tree.expect(check, {
        "src/base/a.cpp": "\n" * 501,
        "src/base/b.cpp": "// budget:\n" + "\n" * 600,
        "include/forebay/base/a.hpp": "\n" * 151,
    }, [
        "include/forebay/base/a.hpp:151: 151 lines, the cap is 150",
        "src/base/a.cpp:501: 501 lines, the cap is 500",
        "src/base/b.cpp:501: 601 lines",
    ])


if __name__ == "__main__":
    tree.main(check, self_test)
