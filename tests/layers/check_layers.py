#!/usr/bin/env python3
"""Checks that each room of the library includes only itself and the rooms to its left, and that headers stand alone
on the standard library. Usage: check_layers.py SOURCE_FOLDER; prints each line that breaks a rule and exits 1."""
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
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
EXCEPTION_KEYWORD = re.compile(r"^(?!\s*//)[^\"]*\b(throw|try|catch|typeid|dynamic_cast)\b(?!_)[^\"]*$")
THIRD_PARTY = ("fmt/", "CLI/", "nlohmann/", "gtest/", "gmock/", "rapidcheck", "benchmark/")


def broken_lines(library: pathlib.Path):
    for path in sorted(library.rglob("*.[hc]pp")):
        relative = path.relative_to(library)
        if len(relative.parts) < 2 or path.stem.endswith("_test"):
            continue
        room = relative.parts[0]
        if room not in ALLOWED:
            yield f"{path}: '{room}' is not a room; the rooms are {', '.join(ALLOWED)}"
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        if path.suffix == ".hpp" and "#pragma once" not in lines:
            yield f"{path}: has no '#pragma once'"
        for number, line in enumerate(lines, 1):
            if path.suffix == ".hpp" and EXCEPTION_KEYWORD.match(line.split("//")[0]):
                yield f"{path}:{number}: a header must do without exceptions and run-time types: {line.strip()}"
            found = INCLUDE.match(line)
            if not found:
                continue
            target = found.group(2)
            if target.startswith("cpperon/"):
                other = target.split("/")[1]
                if other != room and other not in ALLOWED[room]:
                    yield f"{path}:{number}: {room} may not include {target}"
            elif path.suffix == ".hpp" and (found.group(1) == '"' or target.startswith(THIRD_PARTY)):
                yield f"{path}:{number}: a header may include only cpperon/ and the standard library, not {target}"


def main() -> int:
    library = pathlib.Path(sys.argv[1]) / "cpperon"
    broken = list(broken_lines(library))
    print("\n".join(broken) if broken else "layers: every include goes left")
    return 1 if broken else 0


sys.exit(main())
