#!/usr/bin/env python3
"""Checks that each room of the library includes only itself and the rooms to its left, and that the headers that are
installed need each other and the standard library alone, and neither exceptions nor run-time types.
Usage: check_layers.py SOURCE_FOLDER; prints each line that breaks a rule and exits 1."""
import pathlib
import re
import sys

CORE = {"base", "shm", "logbuffer", "command", "uri"}
ALLOWED = {
    "base": set(),
    "shm": {"base"},
    "logbuffer": {"base"},
    "command": {"base"},
    "uri": {"base"},
    "wire": {"base", "logbuffer"},
    "net": {"base", "uri", "logbuffer", "wire"},
    "client": CORE,
    "driver": CORE | {"wire", "net"},
}
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
EXCEPTIONS = re.compile(r"\b(throw|try|catch|typeid|dynamic_cast)\b")


def includes(path: pathlib.Path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1)


def rooms(root: pathlib.Path):
    for path in sorted((root / "cpperon").rglob("*.[hc]pp")):
        relative = path.relative_to(root / "cpperon")
        if len(relative.parts) < 2 or path.stem.endswith("_test"):
            continue  # the umbrella header and tests may know every room
        room = relative.parts[0]
        if room not in ALLOWED:
            yield f"{path}: '{room}' is not a room; the rooms are {', '.join(ALLOWED)}"
            continue
        if path.suffix == ".hpp" and "#pragma once" not in path.read_text(encoding="utf-8").splitlines():
            yield f"{path}: has no '#pragma once'"
        for number, target in includes(path):
            if target.startswith("cpperon/") and target.split("/")[1] not in ALLOWED[room] | {room}:
                yield f"{path}:{number}: {room} may not include {target}"


def public_headers(root: pathlib.Path):
    """The list that is installed is closed: what a listed header includes is listed, or is of the standard library."""
    listing = root / "cmake/CpperonPublicHeaders.cmake"
    listed = re.findall(r"^ +(cpperon/[^\s)]+)", listing.read_text(encoding="utf-8"), re.MULTILINE)
    if "cpperon/cpperon.hpp" not in listed:
        yield f"{listing}: cpperon/cpperon.hpp is not listed, so users get nothing"
    if listed != sorted(set(listed)):
        yield f"{listing}: the headers are not in order, or one stands twice"
    for path in map(root.joinpath, listed):
        if not path.is_file():
            yield f"{listing}: there is no {path.relative_to(root)}"
            continue
        for number, target in includes(path):
            if target.startswith("cpperon/"):
                if target not in listed:
                    yield f"{path}:{number}: a public header includes {target}, which is not public: add it to {listing}"
            elif "/" in target or target.endswith((".h", ".hpp")):
                yield f"{path}:{number}: a public header may include only cpperon/ and the standard library, not {target}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = re.sub(r'"[^"]*"', '""', line.split("//")[0])
            if EXCEPTIONS.search(code):
                yield f"{path}:{number}: a public header must do without exceptions and run-time types: {line.strip()}"


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    broken = [*rooms(root), *public_headers(root)]
    print("\n".join(broken) if broken else "layers: every include goes left")
    return 1 if broken else 0


sys.exit(main())
