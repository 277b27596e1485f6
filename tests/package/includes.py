#!/usr/bin/python3
"""Which headers a public header may include: the layer diagram (docs/design.md), as a test.

    includes.py .../include/sealring
"""

import pathlib
import re
import sys

# The folder a header lies in, and what it may include: folders of our own ("." is core), and foreign headers.
LAYERS = {
    ".": ({".", "detail"}, r"openssl/\w+\.h"),
    "detail": ({".", "detail"}, r"openssl/\w+\.h"),
    "jose": ({".", "detail", "jose"}, r"openssl/\w+\.h"),
    "x509": ({".", "detail", "x509"}, r"openssl/\w+\.h|arpa/inet\.h"),
    # the narrow headers of Boost.JSON: boost/json.hpp costs more, and boost/json/src.hpp would define the library twice
    "acme": ({".", "jose", "x509", "acme"}, r"boost/version\.hpp|boost/json/(?!src\.hpp)\w+\.hpp"),
    "http": ({".", "acme", "http"}, r"curl/curl\.h"),
}
STANDARD = re.compile(r"[a-z_]+")
COSTLY = {"regex", "iostream", "iomanip", "filesystem"}  # measured, or known, to cost more than all of core


def faults(root):
    for header in sorted(root.rglob("*.hpp")):
        inside = header.relative_to(root)
        text = header.read_text()
        if "#pragma once" not in text:
            yield inside, "lacks #pragma once"
        if str(inside.parent) not in LAYERS:
            yield inside, "lies in no known layer"
            continue
        own, foreign = LAYERS[str(inside.parent)]
        if inside.name == "sealring.hpp":  # the umbrella
            own = LAYERS.keys() - {"http"}
        for kind, name in re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text, re.MULTILINE):
            if kind == '"':
                target = pathlib.PurePath(name)
                if target.parts[0] != "sealring" or not (root.parent / target).exists():
                    yield inside, f'"{name}" is not a header of ours, from the root'
                elif str(target.parent.relative_to("sealring")) not in own:
                    yield inside, f'"{name}" is of a layer it must not know'
            elif STANDARD.fullmatch(name):
                if name in COSTLY:
                    yield inside, f"<{name}> costs every user too much"
            elif not re.fullmatch(foreign, name):
                yield inside, f"<{name}> is not among the foreign headers of its component"


def main():
    found = [f"{header}: {fault}" for header, fault in faults(pathlib.Path(sys.argv[1]))]
    print("\n".join(found) or "every include is allowed")
    return 1 if found else 0


sys.exit(main())
