#!/usr/bin/env python3
"""Checks that the tests that docs/ names exist: `Suite.Case` in a source under tests/, `cache-tests:id` as
one that passes.

In docs/http-clauses.md every row that says "done" has to name one.
"""

import json
import re

import tree

CASE = re.compile(r"^\s*TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)
NAMED = re.compile(r"`([A-Z][A-Za-z0-9]*\.[A-Z][A-Za-z0-9]*)`")
PUBLIC = re.compile(r"`cache-tests:([^`]+)`")
CLAUSES = "docs/http-clauses.md"
RESULTS = "tests/conformance/expected.json"


def cases(root):
    """Every Suite.Case of the GoogleTest sources."""
    found = set()
    for path in (root / "tests").rglob("*.cpp"):
        found.update("%s.%s" % match for match in CASE.findall(path.read_text(encoding="utf-8")))
    return found


def passing(root):
    """The ids of the public tests that are recorded as passing."""
    path = root / RESULTS
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name for name, result in results.items() if result == "pass"}


def faults(line, known, public, is_clause):
    """What is wrong with one line of a page."""
    named = NAMED.findall(line)
    ids = PUBLIC.findall(line)
    for name in named:
        if name not in known:
            yield "no test is called %s" % name
    for name in ids:
        if name not in public:
            yield "%s does not pass" % name
    cells = [cell.strip() for cell in line.split("|")]
    if is_clause and len(cells) == 7 and cells[4].startswith("done") and not named and not ids:
        yield "done, but no test is named"


def check(root):
    known, public = cases(root), passing(root)
    found = []
    for page in sorted((root / "docs").rglob("*.md")):
        where = page.relative_to(root).as_posix()
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            for fault in faults(line, known, public, where == CLAUSES):
                found.append("%s:%d: %s" % (where, number, fault))
    return found


def self_test():
    tests = {
        "tests/unit/a_test.cpp": "TEST(A, Holds) {}\nTEST_F(B, Holds) {}\n  TEST_P(C,\n       Holds) {}\n",
        RESULTS: '{"freshness-none": "pass", "age-parse": "fail"}',
    }
    tree.expect(check, {
        CLAUSES: "| §1 | MUST | this | done | `A.Holds`, `B.Holds`, `C.Holds` |\n"
                 "| §2 | MUST | that | done: so | `cache-tests:freshness-none` |\n"
                 "| §3 | MUST | those | n/a: no | |\n",
        "docs/page.md": "`cache.memory.size` is done, `README.md` and `Fields` name nothing\n",
        **tests,
    }, [])
    tree.expect(check, {
        CLAUSES: "| §1 | MUST | this | done | |\n| §2 | MUST | that | done | `A.Fails` |\n"
                 "| §3 | MUST | those | done | `cache-tests:age-parse` |\n",
        "docs/page.md": "see `D.Holds`\n",
        **tests,
    }, [
        CLAUSES + ":1: done, but no test is named",
        CLAUSES + ":2: no test is called A.Fails",
        CLAUSES + ":3: age-parse does not pass",
        "docs/page.md:1: no test is called D.Holds",
    ])


if __name__ == "__main__":
    tree.main(check, self_test)
