"""Files that reference drivers left behind; tests/data/README.md tells of them."""
from __future__ import annotations

import gzip
import pathlib

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"


def golden(name: str) -> bytes:
    return gzip.decompress((DATA / f"{name}.gz").read_bytes())
