#!/usr/bin/env python3
"""Runs the commands of `cpperon` as an operator does, on drivers that live and die, and checks what they print and how they
end. Each case stands alone.

    run_tools.py --bin build/release/bin            all cases
    run_tools.py --bin build/release/bin driver     one of them
    run_tools.py --list                             their names

Exit status: 0 all passed, 1 something failed, 77 all were skipped."""
from __future__ import annotations

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exporting  # noqa: E402
import looking  # noqa: E402
import trying  # noqa: E402
import watching  # noqa: E402
from stage import main  # noqa: E402

# Each module has the cases of some commands.
CASES = {**exporting.CASES, **looking.CASES, **trying.CASES, **watching.CASES}

if __name__ == "__main__":
    sys.exit(main(__doc__, CASES))
