#!/usr/bin/env python3
"""Checks the links between the documents: each leads to a file that exists and, where it says so, to a heading in it.
Links to other hosts are left alone. Usage: check_links.py SOURCE_FOLDER; prints each broken link and exits 1."""
import functools
import pathlib
import re
import sys
import urllib.parse

LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HTML_LINK = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=\"([^\"]+)\"")
FENCE = re.compile(r"\s*(?:```|~~~)")
SKIPPED = {"build", "node_modules", "data"}


def documents(root: pathlib.Path):
    for path in sorted(root.rglob("*.md")):
        parts = path.relative_to(root).parts
        if not any(part in SKIPPED or part.startswith(".") for part in parts[:-1]):
            yield path


def prose(document: pathlib.Path):
    """Numbered lines outside code blocks, without code in them."""
    in_code = False
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        if FENCE.match(line):
            in_code = not in_code
        elif not in_code:
            yield number, re.sub(r"`[^`]*`", "", line)


@functools.cache
def anchors(document: pathlib.Path) -> frozenset[str]:
    """What headings are called in links, as code hosts make it of them."""
    found: dict[str, int] = {}
    in_code = False
    for line in document.read_text(encoding="utf-8").splitlines():
        if FENCE.match(line):
            in_code = not in_code
        elif not in_code and (heading := re.match(r"#{1,6}\s+(.*?)\s*#*$", line)):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            repeated = found.get(slug, 0)
            found[slug] = repeated + 1
            if repeated:
                found[f"{slug}-{repeated}"] = 1
    return frozenset(found)


def problem(document: pathlib.Path, target: str, root: pathlib.Path) -> str | None:
    if re.match(r"[a-z][a-z+.-]*:", target):
        return None
    path, _, anchor = target.partition("#")
    goal = document if not path else (document.parent / urllib.parse.unquote(path)).resolve()
    if not goal.exists():
        return "there is no such file"
    if goal != root and root not in goal.parents:
        return "that is outside of the repository"
    if anchor and anchor not in anchors(goal):
        return f"there is no heading '#{anchor}' in it"
    return None


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    links = broken = 0
    for document in documents(root):
        for number, line in prose(document):
            for target in LINK.findall(line) + HTML_LINK.findall(line):
                links += 1
                if what := problem(document, target, root):
                    broken += 1
                    print(f"{document.relative_to(root)}:{number}: '{target}': {what}")
    if links == 0:
        print(f"no links found below {root}: is that the folder of the project?")
        return 1
    print(f"{links} links, {broken} of them broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
