"""What the lint scripts share: finding the repository, its sources, and running as a check with a self-test."""

import re
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*(<([^>]+)>|"([^"]+)")')


def sources(root, suffixes=(".cpp", ".hpp")):
    """Every file of src/ and include/forebay/ with one of the suffixes, in a stable order."""
    files = [f for top in ("src", "include/forebay") for f in (root / top).rglob("*")]
    return sorted(f for f in files if f.suffix in suffixes and f.is_file())


def folder_of(root, path):
    """The layer folder a source belongs to: src/<folder>/... or include/forebay/<folder>/..."""
    parts = path.relative_to(root).parts
    return parts[1] if parts[0] == "src" else parts[2]


def includes(path):
    """Yields (line number, included path, whether in angle brackets)."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match.group(2) or match.group(3), match.group(2) is not None


def made_up(files):
    """A temporary tree with the given {path: text}; use as a context manager, gives its name."""
    directory = tempfile.TemporaryDirectory()
    for name, text in files.items():
        path = Path(directory.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def expect(check, files, wanted):
    """Self-test: the check's findings in a made-up tree must be as many as wanted and contain each in turn."""
    with made_up(files) as name:
        found = check(Path(name))
    ok = len(found) == len(wanted) and all(text in line for text, line in zip(wanted, found))
    if not ok:
        sys.exit("self-test failed\n  wanted: %s\n  found:  %s" % (wanted, found))


def main(check, self_test):
    """Runs the check over the repository, or its self-test; the exit status says whether it found anything."""
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    found = check(REPOSITORY)
    for line in found:
        print(line)
    sys.exit(1 if found else 0)
