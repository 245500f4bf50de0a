#!/usr/bin/env python3
"""Checks that the guide and the man page explain the settings of cpperond as the program does.
Usage: check_settings.py CPPEROND SOURCE_FOLDER [--write]; with --write it makes them do so."""
import pathlib
import subprocess
import sys

cpperond, source = sys.argv[1], pathlib.Path(sys.argv[2])
write = sys.argv[3:] == ["--write"]
# The file, how the program prints it, and the lines between which it stands.
PAGES = [
    ("docs/driver.md", "--markdown", "<!-- settings: begin -->\n", "<!-- settings: end -->\n"),
    ("docs/man/cpperond.1.in", "--man", '.\\" settings: begin\n', '.\\" settings: end\n'),
]

wrong = []
for name, option, begin, end in PAGES:
    page = source / name
    before, rest = page.read_text(encoding="utf-8").split(begin)
    explained, after = rest.split(end)
    told = subprocess.run([cpperond, "--help-settings", option], check=True, capture_output=True, text=True).stdout
    blank = "\n" if option == "--markdown" else ""
    if explained != blank + told + blank:
        wrong.append(name)
        if write:
            page.write_text(before + begin + blank + told + blank + end + after, encoding="utf-8")

if wrong and not write:
    sys.exit(f"{', '.join(wrong)} and cpperond do not say the same of its settings: "
             "python3 tests/docs/check_settings.py build/release/bin/cpperond . --write")
print(f"written: {wrong}" if wrong else "the pages say what the program says")
