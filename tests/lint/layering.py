#!/usr/bin/env python3
"""Checks the #include lines of src/ and include/ against the layers and the fences around libraries."""

import re

import tree

LEVEL = {
    "base": 0,
    "http": 1, "observe": 1,
    "cache": 2, "io": 2,
    "tier": 3, "upstream": 3, "flight": 3,
    "proxy": 4,
    "server": 5, "admin": 5,
    "config": 6,
    "app": 7,
}
PURE = ("http", "cache")  # no Asio, sockets, files, threads or logging
ASIO = ("io", "tier", "upstream", "flight", "proxy", "server", "admin", "app")

# (what is included, where it may be, the rule)
FENCES = [
    (r"boost/(asio|beast)(/|\.hpp)", r"(src|include/forebay)/(%s)/" % "|".join(ASIO), "Asio and Beast from io upward"),
    (r"hiredis/", r"src/tier/redis_", "hiredis only in src/tier/redis_*"),
    (r"yaml-cpp/", r"src/config/", "yaml-cpp only in src/config"),
    (r"spdlog/", r"src/observe/log[^/]*\.cpp$", "spdlog only in src/observe/log*.cpp"),
    (r"prometheus/", r"src/observe/", "prometheus-cpp only in src/observe"),
    (r"CLI/", r"src/app/", "CLI11 only in src/app"),
    (r"(zlib\.h|zstd[^/]*\.h|brotli/.*)$", r"src/http/", "zlib, brotli and zstd only in src/http"),
    (r"(thread|future|fstream|filesystem|sys/.*|netinet/.*|arpa/.*|openssl/.*|forebay/observe/log\.hpp)$",
     r"(?!(src|include/forebay)/(%s)/)" % "|".join(PURE), "http and cache are pure"),
]

# Beast's field names and message parser know no I/O: one file below io may bridge to them.
BRIDGED = re.compile(r"boost/beast/http/(field|basic_parser)\.hpp$")


def layer_fault(folder, target, header):
    """Why a source of `folder` may not include `target`'s public `header`, or None."""
    if target not in LEVEL:
        return "no such folder: %s" % target
    if folder == target:
        return None
    if folder == "config":
        allowed = target == "base" or header == "settings.hpp" or (target, header) == ("cache", "policy.hpp")
        return None if allowed else "config includes only base, */settings.hpp and cache/policy.hpp"
    if LEVEL[target] < LEVEL[folder]:
        return None
    kind = "its sibling" if LEVEL[target] == LEVEL[folder] else "the higher layer"
    return "%s may not include %s %s" % (folder, kind, target)


def private_fault(root, path, folder, included):
    """Why `path` may not include the quoted, private header, or None."""
    where = path.relative_to(root)
    owner = included.split("/")[0] if "/" in included else folder
    if owner in LEVEL and owner != folder:
        return "%s is private to %s" % (included, owner)
    if where.parts[0] == "include":
        return "a public header may not include the private %s" % included
    return None


def fence_fault(where, included):
    for what, place, rule in FENCES:
        if re.match(what, included) and not re.match(place, where):
            return rule
    return None


def check(root):
    found = []
    bridges = {}
    for path in tree.sources(root):
        folder = tree.folder_of(root, path)
        where = path.relative_to(root).as_posix()
        if folder not in LEVEL:
            found.append("%s:1: no such layer: %s" % (where, folder))
            continue
        for number, included, angled in tree.includes(path):
            fault = None
            if included.startswith("forebay/"):
                parts = included.split("/")
                fault = layer_fault(folder, parts[1], parts[-1])
            elif not angled:
                fault = private_fault(root, path, folder, included)
            if not fault:
                fault = fence_fault(where, included)
                if fault and folder == "http" and BRIDGED.match(included):
                    fault = None
                    bridges.setdefault(path.stem, "%s:%d" % (where, number))
            if fault:
                found.append("%s:%d: %s" % (where, number, fault))
    for place in list(bridges.values())[1:]:
        found.append("%s: one file below io may include Beast, another does already" % place)
    return found


def self_test():
    tree.expect(check, {
        "src/base/clock.cpp": '#include "forebay/base/clock.hpp"\n#include <chrono>\n',
        "src/http/field_names.cpp": "#include <boost/beast/http/field.hpp>\n",
        "src/tier/redis_tier.cpp": '#include <hiredis/read.h>\n#include "entry_codec.hpp"\n#include "tier/breaker.hpp"\n'
                                   '#include "forebay/cache/key.hpp"\n#include <boost/asio/post.hpp>\n',
        "src/observe/log.cpp": "#include <spdlog/logger.h>\n",
        "include/forebay/config/config.hpp": '#include "forebay/server/settings.hpp"\n'
                                             '#include "forebay/cache/policy.hpp"\n',
    }, [])
    tree.expect(check, {
        "include/forebay/base/a.hpp": '#include "forebay/http/method.hpp"\n',
        "include/forebay/http/a.hpp": '\n#include "forebay/observe/metrics.hpp"\n',
        "include/forebay/io/a.hpp": '#include "private.hpp"\n',
        "src/cache/a.cpp": "#include <thread>\n#include <boost/asio/post.hpp>\n",
        "src/cache/b.cpp": "#include <zlib.h>\n#include <brotli/encode.h>\n",
        "src/config/a.cpp": '#include "forebay/server/listener.hpp"\n',
        "src/flight/a.cpp": '#include "tier/entry_codec.hpp"\n#include <hiredis/read.h>\n',
        "src/http/one.cpp": "#include <boost/beast/http/field.hpp>\n",
        "src/http/two.cpp": "#include <boost/beast/http/field.hpp>\n",
        "src/observe/metrics.cpp": "#include <spdlog/spdlog.h>\n",
        "src/tier/memory_tier.cpp": "#include <hiredis/read.h>\n",
        "src/util/a.cpp": "",
    }, [
        "include/forebay/base/a.hpp:1: base may not include the higher layer http",
        "include/forebay/http/a.hpp:2: http may not include its sibling observe",
        "include/forebay/io/a.hpp:1: a public header may not include the private private.hpp",
        "src/cache/a.cpp:1: http and cache are pure",
        "src/cache/a.cpp:2: Asio and Beast from io upward",
        "src/cache/b.cpp:1: zlib, brotli and zstd only in",
        "src/cache/b.cpp:2: zlib, brotli and zstd only in",
        "src/config/a.cpp:1: config includes only",
        "src/flight/a.cpp:1: tier/entry_codec.hpp is private to tier",
        "src/flight/a.cpp:2: hiredis only in",
        "src/observe/metrics.cpp:1: spdlog only in",
        "src/tier/memory_tier.cpp:1: hiredis only in",
        "src/util/a.cpp:1: no such layer: util",
        "src/http/two.cpp:1: one file below io may include Beast",
    ])


if __name__ == "__main__":
    tree.main(check, self_test)
