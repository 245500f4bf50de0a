#!/usr/bin/env python3
"""Checks a man page against its program: its options; where it has commands, those, and the options of each.
tests/docs/check_settings.py looks at the settings of cpperond.
Usage: check_man_page.py MAN_PAGE PROGRAM"""
import pathlib
import re
import subprocess
import sys

page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").replace("\\-", "-").replace('"', "")
program = sys.argv[2]


def section(name: str) -> str:
    return "".join(re.findall(rf"^\.SH {name}\n(.*?)(?=^\.SH)", page, re.MULTILINE | re.DOTALL))


def usage(*command: str) -> str:
    return subprocess.run([program, *command, "--help"], check=True, capture_output=True, text=True).stdout


def options(text: str) -> set[str]:
    """`-d,--directory`, as the two spellings, of each option of a usage."""
    return {spelling for names in re.findall(r"^  (-[^\s\[{]+)", text, re.MULTILINE) for spelling in names.split(",")}


def mentioned(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", re.sub(r"\\f.|\.B[IR]* ", " ", text)))


common = mentioned(section("OPTIONS"))
documented = dict(re.findall(r"^\.SS (\S+)\n(.*?)(?=^\.SS|\Z)", section("COMMANDS"), re.MULTILINE | re.DOTALL))
commands = re.findall(r"^  ([a-z][\w-]*) {2,}\S", usage(), re.MULTILINE)
problems = [f"{name} is a command, but is not in the man page" for name in commands if name not in documented]
problems += [f"{name} is in the man page, but is no command" for name in documented if name not in commands]
# What is told of each command; of a program without commands, of itself.
told_of = {(name,): mentioned("\n".join(line for line in documented[name].splitlines() if line.startswith(".B")))
           for name in set(commands) & set(documented)} or {(): common}
for command, told in told_of.items():
    actual = options(usage(*command))
    name = " ".join((pathlib.Path(program).name, *command))
    problems += [f"{name}: {option} is an option, but is not in the man page" for option in actual - told - common]
    problems += [f"{name}: {option} is in the man page, but is no option" for option in told - actual]
    if len(actual) < 2:
        problems.append(f"{name}: has no more options than {actual}")

if problems:
    sys.exit("\n".join(sorted(problems)))
print(f"the man page has all options of {', '.join(sorted(commands)) or pathlib.Path(program).name}")
