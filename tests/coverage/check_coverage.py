#!/usr/bin/env python3
"""Checks docs/coverage.md: what it names must exist. Each row of its tables has what the existing clients call it, what
cpperon calls it (or `none:` and the reason), the header that declares it, and a test that shows it.
Usage: check_coverage.py SOURCE_FOLDER; prints each row that is wrong and exits 1."""
import pathlib
import re
import sys

COLUMNS = ["Theirs", "Ours", "Header", "Test"]
NOTHING = "–"
NAMESPACES = {"cpperon", "detail", "client", "logbuffer", "shm", "wire"}
TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P|TYPED_TEST)\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
QUOTED = re.compile(r"`([^`]+)`")


def rows(document: pathlib.Path):
    """Line number and cells of each row of the tables."""
    inside = False
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells == COLUMNS:
            inside = True
        elif not inside:
            yield number, None
        elif not all(set(cell) <= set("-: ") and cell for cell in cells):
            yield number, cells


def tests(root: pathlib.Path) -> set[str]:
    """`Suite.Name` of every test in the sources."""
    names: set[str] = set()
    for folder in ("cpperon", "tools", "tests"):
        for path in (root / folder).rglob("*_test.cpp"):
            names.update(".".join(found) for found in TEST.findall(path.read_text(encoding="utf-8")))
    return names


def declared(header: pathlib.Path) -> set[str]:
    """The words of a header that stand outside its comments."""
    code = re.sub(r"//[^\n]*", "", header.read_text(encoding="utf-8"))
    return set(re.findall(r"\w+", code))


def problems(root: pathlib.Path, cells: list[str], known_tests: set[str]):
    if len(cells) != len(COLUMNS) or not all(cells):
        yield f"a row has the {len(COLUMNS)} cells {', '.join(COLUMNS)}, none of them empty"
        return
    _, ours, header_cell, test_cell = cells
    if ours.startswith("none:"):
        if len(ours) < len("none: because"):
            yield "'none:' needs a reason"
    elif test_cell == NOTHING:
        yield "no test is named"

    words: set[str] = set()
    for header in QUOTED.findall(header_cell):
        if (root / header).is_file():
            words |= declared(root / header)
        else:
            yield f"there is no header {header}"
    for symbol in QUOTED.findall(ours):
        if symbol.startswith("cpperon::") and header_cell != NOTHING:
            for word in symbol.split("::"):
                if word not in NAMESPACES and word not in words:
                    yield f"{symbol}: no header of the row declares '{word}'"
        elif symbol.startswith("cpperon::") and symbol not in {"cpperon::client", "cpperon::client_shared"}:
            yield f"{symbol}: no header is named"

    for test in QUOTED.findall(test_cell):
        if not ((root / test).is_file() if "/" in test else test in known_tests):
            yield f"there is no test {test}"


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    document = root / "docs/coverage.md"
    known_tests = tests(root)
    count = 0
    wrong: list[str] = []
    for number, cells in rows(document):
        count += 1
        if cells is None:
            wrong.append(f"{document}:{number}: a table begins with {' | '.join(COLUMNS)}")
        else:
            wrong += [f"{document}:{number}: {problem}" for problem in problems(root, cells, known_tests)]
    if count == 0:
        wrong.append(f"{document}: has no rows")
    print("\n".join(wrong) if wrong else f"coverage: all that {count} rows name exists")
    return 1 if wrong else 0


sys.exit(main())
