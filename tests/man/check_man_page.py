#!/usr/bin/env python3
"""Checks the man page of cpperond against the program: its options, its properties, and their defaults.
Usage: check_man_page.py MAN_PAGE CPPEROND"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

UNITS = {"k": 2**10, "m": 2**20, "g": 2**30, "ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}
# What depends on the machine or is said in words, and what is printed without being a setting.
NOT_COMPARED = {"aeron.dir", "aeron.print.configuration", "aeron.untethered.linger.timeout", "aeron.cnc.version"}

page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
cpperond = sys.argv[2]
environment = {name: value for name, value in os.environ.items() if not name.startswith(("AERON_", "CPPERON_"))}
problems = []


def plain(troff: str) -> str:
    return troff.replace("\\-", "-").replace('"', "").strip()


def base_units(value: str) -> str:
    match = re.fullmatch(r"(\d+)([kmg]|ns|us|ms|s)", value)
    return str(int(match[1]) * UNITS[match[2]]) if match else value


def settings_of_the_program() -> dict[str, str]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        command = [cpperond, f"-Daeron.dir={folder}/driver", "-Daeron.print.configuration=true"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as driver:
            lines = []
            for line in driver.stdout:
                lines.append(line.strip())
                if line.startswith("}"):
                    break
            driver.terminate()
    return dict(line.split("=", 1) for line in lines if "=" in line)


documented = {}
for name, default in re.findall(r"^\.BR ((?:aeron|cpperon)\.\S+)(?: \" = ([^\"]*)\")?$", page, re.MULTILINE):
    documented[plain(name)] = plain(default)
actual = settings_of_the_program()
for name in sorted(actual.keys() - documented.keys() - {"aeron.cnc.version"}):
    problems.append(f"{name} is a property, but is not in the man page")
for name in sorted(documented.keys() - actual.keys()):
    problems.append(f"{name} is in the man page, but is no property")
for name in sorted((documented.keys() & actual.keys()) - NOT_COMPARED):
    if actual[name].strip() not in (documented[name], base_units(documented[name])):
        problems.append(f"{name} is {actual[name]} by default, but the man page says {documented[name]}")

usage = subprocess.run([cpperond, "--help"], check=True, capture_output=True, text=True).stdout
for option in re.findall(r"^  (-\S.*?)(?:\s{2,}|$| name)", usage, re.MULTILINE):
    for spelling in option.split(","):
        if spelling.strip() not in plain(page):
            problems.append(f"{spelling} is an option, but is not in the man page")

print("\n".join(problems) if problems else f"the man page has all {len(documented)} properties")
sys.exit(1 if problems else 0)
