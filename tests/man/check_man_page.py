#!/usr/bin/env python3
"""Checks that the man page of cpperond has the options of the program; tests/docs/check_settings.py looks at the settings.
Usage: check_man_page.py MAN_PAGE CPPEROND"""
import pathlib
import re
import subprocess
import sys

page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").replace("\\-", "-").replace('"', "")
usage = subprocess.run([sys.argv[2], "--help"], check=True, capture_output=True, text=True).stdout
options = re.search(r"\nOptions:\n(.*?)\n\n", usage, re.DOTALL)
spellings = re.findall(r"(?<=[ ,])(--?\w[\w-]*)(?=[ ,\n])", " ".join(re.findall(r"^  (-.*)$", options[1], re.MULTILINE)) + "\n")
missing = [spelling for spelling in spellings if not re.search(rf"(?<![\w-]){re.escape(spelling)}(?![\w-])", page)]
if len(spellings) < 6 or missing:
    sys.exit(f"of the options {spellings} the man page lacks {missing}")
print(f"the man page has all of {spellings}")
