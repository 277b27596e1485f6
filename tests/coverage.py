#!/usr/bin/python3
"""The part of tests/coverage.sh that reads what gcov says.

    coverage.py FOLDER FLOOR <FILES     FILES: the names of .gcda files, each with a NUL behind it
"""

import collections
import json
import pathlib
import subprocess
import sys


def runs_of_lines(files):
    """How often each line of each source was run: most often, since every program compiles a header anew."""
    runs = collections.defaultdict(lambda: collections.defaultdict(int))
    for file in files:
        said = subprocess.run(["gcov", "--json-format", "--stdout", file], check=True, capture_output=True, text=True)
        for document in said.stdout.splitlines():
            for source in json.loads(document)["files"]:
                lines = runs[source["file"]]
                for line in source["lines"]:
                    lines[line["line_number"]] = max(lines[line["line_number"]], line["count"])
    return runs


def ranges(numbers):
    """[1, 2, 3, 7] as "1-3 7"."""
    spans = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def main():
    folder, floor = pathlib.Path(sys.argv[1]), float(sys.argv[2])
    runs = runs_of_lines(name for name in sys.stdin.read().split("\0") if name)
    lines = run = 0
    unseen = []
    for header in sorted(folder.rglob("*.?pp")):
        counts = runs.get(str(header))
        name = str(header.relative_to(folder))
        if not counts:
            unseen.append(name)
            continue
        missed = sorted(number for number, count in counts.items() if count == 0)
        lines += len(counts)
        run += len(counts) - len(missed)
        print(f"{name:36} {len(counts) - len(missed):4} of {len(counts):4}  {ranges(missed)}".rstrip())
    print("no line of code in what the tests compile:", ", ".join(unseen))
    percent = 100 * run / max(lines, 1)
    print(f"{run} of {lines} lines: {percent:.1f} %, of which the floor is {floor:g} %")
    return percent < floor


sys.exit(main())
