#!/usr/bin/env python3
"""Makes a source file of each C++ block in the guides, so that the compiler reads them too.

A fenced block tagged `cpp` that has a `main` is a whole program and is taken as it is. Any other one is a fragment: its
`#include` lines come first, then prelude.hpp, and the rest becomes the body of a function. A comment on a line before
the block says more:

    <!-- snippet: needs aeron, publication -->   the fragment uses these; prelude.hpp says what they are
    <!-- snippet: declarations -->               types and functions rather than statements
    <!-- snippet: run -->                        a whole program that is built, run, and must end with 0
    <!-- snippet: output -->                     before a block with another tag: what the program before it prints

Code that is not to be compiled has another tag.

Usage: extract_snippets.py SOURCE_FOLDER OUTPUT_FOLDER. Prints one line per snippet, `object;FILE`,
`program;NAME;FILE` or `program;NAME;FILE;EXPECTED_OUTPUT`, and exits 1 where a comment or a block is malformed."""
import dataclasses
import pathlib
import re
import sys

NEEDS = {
    "aeron": "cpperon::Aeron& aeron",
    "claim": "cpperon::BufferClaim& claim",
    "counter": "cpperon::Counter& counter",
    "directory": "const std::string& directory",
    "driver": "cpperon::EmbeddedDriver& driver",
    "exclusive": "cpperon::ExclusivePublication& exclusive",
    "idle": "cpperon::IdleStrategy& idle",
    "image": "const cpperon::Image& image",
    "message": "std::span<const std::byte> message",
    "publication": "cpperon::Publication& publication",
    "running": "const std::atomic<bool>& running",
    "subscription": "cpperon::Subscription& subscription",
}
COMMENT = re.compile(r"<!--\s*snippet:\s*(.*?)\s*-->")
FENCE = re.compile(r"(\s*)(```+|~~~+)\s*(\w*)\s*$")


class Malformed(Exception):
    """Says where, and what is wrong."""


@dataclasses.dataclass
class Block:
    document: pathlib.Path
    line: int  # of the first line of code
    tag: str
    directive: str
    code: list[str]

    def wrong(self, what: str) -> Malformed:
        return Malformed(f"{self.document}:{self.line}: {what}")


def blocks(document: pathlib.Path):
    """The fenced blocks of a document, with the comment before each."""
    directive = closing = ""
    block = None
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if block is not None:
            if fence and not fence[3] and fence[2] == closing:
                yield block
                block = None
            else:
                block.code.append(line)
        elif fence:
            closing = fence[2]
            block = Block(document, number + 1, fence[3], directive, [])
            directive = ""
        elif comment := COMMENT.fullmatch(line.strip()):
            directive = comment[1]
        elif line.strip() and directive:
            raise Malformed(f"{document}:{number}: no block follows the comment 'snippet: {directive}'")
    if block is not None:
        raise block.wrong("the block is not closed")


def is_program(block: Block) -> bool:
    return any(re.match(r"int main\(", line) for line in block.code)


def parameters(block: Block) -> str:
    if not block.directive:
        return ""
    if not block.directive.startswith("needs "):
        raise block.wrong(f"'{block.directive}' is unknown: needs ..., declarations, run and output are allowed")
    names = [name.strip() for name in block.directive.removeprefix("needs ").split(",")]
    for name in names:
        if name not in NEEDS:
            raise block.wrong(f"needs '{name}', which is not one of {', '.join(NEEDS)}")
    return ", ".join("[[maybe_unused]] " + NEEDS[name] for name in names)


def translation_unit(block: Block) -> str:
    """Line numbers in it are those of the document."""
    place = lambda index: f'#line {block.line + index} "{block.document}"'
    if is_program(block):
        return "\n".join([place(0), *block.code, ""])
    is_include = [line.startswith("#include") for line in block.code]
    head = [line for line, include in zip(block.code, is_include) if include]
    body = ["" if include else line for line, include in zip(block.code, is_include)]
    opening, closing = [], []
    if block.directive != "declarations":
        opening = ["void snippet(" + parameters(block) + ");", "void snippet(" + parameters(block) + ") {"]
        closing = ["}"]
    return "\n".join([*head, '#include "prelude.hpp"', *opening, place(0), *body, *closing, ""])


def write(path: pathlib.Path, text: str) -> None:
    """Leaves a file alone that is right already, so that nothing is built again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def snippets(document: pathlib.Path, name: str, output: pathlib.Path):
    program = None
    count = 0
    for block in blocks(document):
        if block.tag != "cpp":
            if block.directive == "output":
                if program is None:
                    raise block.wrong("there is no program before this output")
                expected = output / f"{program[1]}.txt"
                write(expected, "\n".join([*block.code, ""]))
                program = (*program, str(expected))
            elif block.directive:
                raise block.wrong(f"the block after 'snippet: {block.directive}' is tagged '{block.tag}', not 'cpp'")
            continue
        if program is not None:
            yield program
            program = None
        count += 1
        source = output / f"{name}_{count}.cpp"
        write(source, translation_unit(block))
        if block.directive == "run":
            if not is_program(block):
                raise block.wrong("only a program, with a main of its own, can be run")
            program = ("program", f"guide_{name.removeprefix('docs_')}_{count}", str(source))
        else:
            yield ("object", str(source))
    if program is not None:
        yield program


def main() -> int:
    root, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    documents = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    try:
        for document in documents:
            name = "_".join(document.relative_to(root).with_suffix("").parts)
            for snippet in snippets(document, name, output):
                print(";".join(snippet))
    except Malformed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
