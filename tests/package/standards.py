#!/usr/bin/python3
"""docs/standards.md: which header implements which section, which test shows it, and which runs it on a server, from their
comments.

    standards.py ROOT           prints the table
    standards.py ROOT FILE      says whether FILE is that table
"""

import collections
import pathlib
import re
import sys

HEAD = """\
# Which section is where

From the comments of the headers, by `python3 tests/package/standards.py . > docs/standards.md`; a test checks that this is what
it makes. A header's test is the one of its name, else those of the headers that include it; beside it stand the tests that
name the section themselves. Those in `system/` run it against a server: Pebble, and the scripted CA where that has not got it;
`operations/*.txt` list what runs where. A section that is named without a document is of the one that the header's first lines
name, in `acme/` and in the operations else of RFC 8555.
"""

DOCUMENT = r"RFC \d{4,5}|draft-[a-z]+(?:-[a-z]+)+(?:-\d\d)?"
NUMBER = r"\d+(?:\.\d+)*"
CITED = re.compile(rf"(?:({DOCUMENT})(?:,)? )?[Ss]ections? ({NUMBER}(?:(?:, and|,| and| to) {NUMBER})*)(?: of ({DOCUMENT}))?")
COMMENT = re.compile(r"(?:^|\s)//[/<!]*(.*)$")


def comments(text):
    """Each block of comment lines as one line."""
    block = []
    for line in text.splitlines() + [""]:
        found = COMMENT.search(line)
        if found:
            block.append(found[1].strip())
        elif block:
            yield " ".join(block)
            block = []


def citations(text, usual):
    """(document, section) of everything that a text names; a document alone has the section "all"."""
    found = set()
    for document, sections, after in CITED.findall(text):
        of = document or after or usual
        if of:
            found |= {(of, section) for section in re.findall(NUMBER, sections)}
    whole = set(re.findall(DOCUMENT, text)) - {document for document, _ in found}
    return found | {(document, "all") for document in whole}


def cited_by(files, inside):
    """What files cite, as one: in their comments, and explicitly in the names of their tests."""
    text = "\n\n".join(file.read_text() for file in files)
    blocks = list(comments(text))
    first = re.search(DOCUMENT, blocks[0]) if blocks else None
    usual = first[0] if first else "RFC 8555" if {"acme", "operations"} & set(inside.parts) else None
    cited = set().union(*(citations(block, usual) for block in blocks))
    cited |= {one for name in re.findall(r'TEST_CASE\("(.*?)"', text) for one in citations(name, None)}
    # A document that is cited by its sections anywhere in a file needs no line for itself.
    by_section = {document for document, section in cited if section != "all"}
    return {one for one in cited if one[1] != "all" or one[0] not in by_section}


class Sources:
    def __init__(self, root):
        self.include, self.tests = root / "include" / "sealring", root / "tests"
        headers = (path.relative_to(self.include) for path in self.include.rglob("*.hpp"))
        self.headers = sorted(header for header in headers if header.name not in {"sealring.hpp", "src.hpp"})  # of all, no code
        self.includers = collections.defaultdict(set)
        for header in self.headers:
            for file in self.files_of(header):
                for name in re.findall(r'#include "sealring/(.*hpp)"', file.read_text()):
                    self.includers[pathlib.PurePath(name)].add(header)

    def files_of(self, header):
        bodies = self.include / header.parent / "impl" / f"{header.stem}.ipp"
        return [self.include / header, *([bodies] if bodies.exists() else [])]

    def tests_of(self, header):
        """Its own, or those of the nearest that include it."""
        level, seen = {header}, set()
        while level:
            own = {pathlib.PurePath("unit", one.with_suffix(".cpp")) for one in level}
            own = {one for one in own if (self.tests / one).exists()}
            if own:
                return own
            seen |= level
            level = {above for one in level for above in self.includers[one]} - seen
        return set()

    def rows(self):
        """(document, section): its headers, and its tests."""
        rows = collections.defaultdict(lambda: (set(), set()))
        for header in self.headers:
            for one in cited_by(self.files_of(header), header):
                rows[one][0].add(header)
                rows[one][1].update(self.tests_of(header))
        for test in sorted([*self.tests.glob("unit/**/*.cpp"), *self.tests.glob("system/**/*.cpp")]):
            inside = test.relative_to(self.tests)
            for one in cited_by([test], inside):
                if one in rows:
                    rows[one][1].add(inside)
        return rows


def in_order(section):
    return [int(number) for number in section.split(".")] if section != "all" else []


def links(paths, folder):
    return " ".join(f"[`{path}`](../{folder}/{path})" for path in sorted(paths))


def table(root):
    rows = Sources(root).rows()
    lines = [HEAD]
    for document in sorted({document for document, _ in rows}, key=lambda name: (name[0] != "R", name)):
        lines += [f"## {document}", "", "| section | header | test | on a server |", "|---|---|---|---|"]
        for section in sorted((section for of, section in rows if of == document), key=in_order):
            headers, tests = rows[document, section]
            served = {test for test in tests if test.parts[0] == "system"}
            cells = [section, links(headers, "include/sealring"), links(tests - served, "tests"), links(served, "tests")]
            lines.append("| " + " | ".join(cells).rstrip() + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    made = table(pathlib.Path(sys.argv[1]))
    if len(sys.argv) == 2:
        print(made, end="")
        return 0
    current = pathlib.Path(sys.argv[2]).read_text() == made
    print("current" if current else f"{sys.argv[2]} is not what tests/package/standards.py makes: make it anew")
    return 0 if current else 1


sys.exit(main())
