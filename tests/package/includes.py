#!/usr/bin/python3
"""Which headers a public header may include: the layer diagram (docs/design.md), as a test.

    includes.py .../include/sealring HEADERS-OF-ALL-COMPONENTS
"""

import pathlib
import re
import sys

# The folder a header lies in, and what it may include: folders of our own ("." is core), and foreign headers.
LAYERS = {
    ".": ({".", "detail"}, r"openssl/\w+\.h"),
    "detail": ({".", "detail"}, r"openssl/\w+\.h"),
    "jose": ({".", "detail", "jose"}, r"openssl/\w+\.h"),
    "jose, reading": ({".", "detail", "jose", "jose, reading"}, r"boost/json/(?!src\.hpp)\w+\.hpp"),
    "x509": ({".", "detail", "x509"}, r"openssl/\w+\.h|arpa/inet\.h"),
    # the narrow headers of Boost.JSON: boost/json.hpp costs more, and boost/json/src.hpp would define the library twice
    "acme": ({".", "jose", "jose, reading", "x509", "acme"}, r"boost/version\.hpp|boost/json/(?!src\.hpp)\w+\.hpp"),
    "http": ({".", "acme", "http"}, r"curl/curl\.h|openssl/err\.h"),
}
READING = {"read_json", "read_jwk", "read_jwk_set", "read_hmac_key", "read_jws", "verify_jws"}  # of jose: all else has no JSON
# Those that need Asio, and include one another; no other header includes them.
ASIO = {"detail/asio.hpp", "offload.hpp", "batched.hpp", "acme/async_world.hpp", "acme/async_client.hpp",
        "acme/offloaded_solver.hpp", "http/curl_loop.hpp", "http/curl_asio.hpp"}
STANDARD = re.compile(r"[a-z_]+")
COSTLY = {"regex", "iostream", "iomanip", "filesystem"}  # measured, or known, to cost more than all of core


def layer(header):
    folder = str(header.parent.parent if header.suffix == ".ipp" else header.parent)  # bodies are of their header's layer
    return f"{folder}, reading" if folder == "jose" and header.stem in READING else folder


def faults(root, installed):
    for header in sorted([*root.rglob("*.hpp"), *root.rglob("*.ipp")]):
        inside = header.relative_to(root)
        text = header.read_text()
        if str(inside) == "src.hpp":
            bodies = [f"sealring/{one.relative_to(root)}" for one in sorted(root.rglob("*.ipp"))]
            if sorted(re.findall(r'#include "(.+)"', text)) != sorted(bodies):
                yield inside, "does not include every body, and nothing else"
            continue
        own_bodies = root / inside.parent / "impl" / f"{inside.stem}.ipp"
        if header.suffix == ".hpp" and own_bodies.exists():
            if not text.endswith(f'#ifndef SEALRING_COMPILED\n#include "sealring/{own_bodies.relative_to(root)}"\n#endif\n'):
                yield inside, "does not end with its bodies"
        if header.suffix == ".ipp" and not (root / inside.parent.parent / f"{inside.stem}.hpp").exists():
            yield inside, "is the bodies of no header"
        if "#pragma once" not in text:
            yield inside, "lacks #pragma once"
        if header.suffix == ".hpp" and f"sealring/{inside}" not in installed:
            yield inside, "is in no component, and would not be installed"
        if layer(inside) not in LAYERS:
            yield inside, "lies in no known layer"
            continue
        own, foreign = LAYERS[layer(inside)]
        if inside.name == "sealring.hpp":  # the umbrella
            own = LAYERS.keys() - {"http"}
        leaf = str(inside) in ASIO
        if leaf:
            own, foreign = own | {"detail"}, foreign + r"|asio/[\w/]+\.hpp"
        for kind, name in re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text, re.MULTILINE):
            if kind == '"':
                target = pathlib.PurePath(name)
                if target.parts[0] != "sealring" or not (root.parent / target).exists():
                    yield inside, f'"{name}" is not a header of ours, from the root'
                elif layer(target.relative_to("sealring")) not in own:
                    yield inside, f'"{name}" is of a layer it must not know'
                elif not leaf and str(target.relative_to("sealring")) in ASIO:
                    yield inside, f'"{name}" needs Asio, which only those named in this script may'
            elif STANDARD.fullmatch(name):
                if name in COSTLY:
                    yield inside, f"<{name}> costs every user too much"
            elif not re.fullmatch(foreign, name):
                yield inside, f"<{name}> is not among the foreign headers of its component"


def main():
    installed = re.findall(r'#include "(.+)"', pathlib.Path(sys.argv[2]).read_text())
    found = [f"{header}: {fault}" for header, fault in faults(pathlib.Path(sys.argv[1]), set(installed))]
    print("\n".join(found) or "every include is allowed")
    return 1 if found else 0


sys.exit(main())
