#!/usr/bin/env python3
"""Checks the man page of cpperon against the program: its commands, and the options of each.
Usage: check_tools_man_page.py MAN_PAGE CPPERON"""
import pathlib
import re
import subprocess
import sys

page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").replace("\\-", "-").replace('"', "")
cpperon = sys.argv[2]
problems = []


def usage(*command: str) -> str:
    return subprocess.run([cpperon, *command, "--help"], check=True, capture_output=True, text=True).stdout


def options(text: str) -> set[str]:
    """`-d,--directory`, as the two spellings, of each option of a usage."""
    return {spelling for names in re.findall(r"^  (-[^\s\[{]+)", text, re.MULTILINE) for spelling in names.split(",")}


def mentioned(section: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", re.sub(r"\\f.|\.B[IR]* ", " ", section)))


common = mentioned(page.split(".SH OPTIONS")[1].split(".SH COMMANDS")[0])
documented = dict(re.findall(r"^\.SS (\S+)\n(.*?)(?=^\.S[SH])", page.split(".SH COMMANDS")[1], re.MULTILINE | re.DOTALL))
commands = re.findall(r"^  ([a-z][\w-]*) {2,}\S", usage(), re.MULTILINE)
problems += [f"{name} is a command, but is not in the man page" for name in commands if name not in documented]
problems += [f"{name} is in the man page, but is no command" for name in documented if name not in commands]
for name in set(commands) & set(documented):
    actual = options(usage(name))
    told = mentioned("\n".join(line for line in documented[name].splitlines() if line.startswith(".B")))
    problems += [f"{name}: {option} is an option, but is not in the man page" for option in actual - told - common]
    problems += [f"{name}: {option} is in the man page, but is no option" for option in told - actual]

print("\n".join(sorted(problems)) if problems else f"the man page has all {len(commands)} commands")
sys.exit(1 if problems or not commands else 0)
