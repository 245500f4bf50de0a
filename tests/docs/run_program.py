#!/usr/bin/env python3
"""Runs a program from a guide: it must end with 0, and print what the guide says, if it does.
Usage: run_program.py PROGRAM [EXPECTED_OUTPUT]"""
import difflib
import pathlib
import subprocess
import sys


def main() -> int:
    run = subprocess.run([sys.argv[1]], stdout=subprocess.PIPE, text=True, timeout=120, check=False)
    print(run.stdout, end="")
    if run.returncode != 0:
        print(f"{sys.argv[1]} ended with {run.returncode}, 0 is expected", file=sys.stderr)
        return 1
    if len(sys.argv) > 2:
        expected = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
        difference = list(difflib.unified_diff(expected.splitlines(), run.stdout.splitlines(), "guide", "program", lineterm=""))
        if difference:
            print("\n".join(difference), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
