#!/usr/bin/python3
"""Every type, concept, enumeration and header that the API reference shows has a word of explanation, and so has every
function of the classes that an integrator meets first.

    reference.py DIRECTORY-OF-DOXYGENS-XML
"""

import pathlib
import sys
import xml.etree.ElementTree as xml

FIRST_MET = {"sealring::acme::client", "sealring::client::connection", "sealring::hsm::token", "sealring::hsm::key"}
# What must be among what is shown: a reference that explains all of nothing is no reference.
SHOWN = FIRST_MET | {"sealring::signer", "sealring::basic_result", "sealring::acme::order", "sealring::http::client",
                     "sealring::hsm::signer", "sealring::client::client_signer", "sealring/acme/client.hpp"}


def explained(element):
    texts = (element.find(part) for part in ("briefdescription", "detaileddescription"))
    return any("".join(text.itertext()).strip() for text in texts if text is not None)


def needs_no_word(function):
    """Destructors, operators, what is deleted or as the language has it."""
    return function.findtext("name").startswith(("~", "operator")) or function.findtext("argsstring").endswith(("=delete", "=default"))


def things(folder):
    """What is to be explained: kind, name, element."""
    for file in sorted(folder.glob("*.xml")):
        for compound in xml.parse(file).iter("compounddef"):
            kind, name = compound.get("kind"), compound.findtext("compoundname")
            if kind == "file":
                name = compound.find("location").get("file").removeprefix("include/")
            if kind in {"class", "struct", "concept"} and compound.get("prot") != "private" or name.endswith(".hpp"):
                yield kind, name, compound
            for member in compound.iter("memberdef"):
                wanted = member.get("kind") == "enum" or (
                    name in FIRST_MET and member.get("kind") == "function" and not needs_no_word(member))
                if wanted and kind != "file" and member.get("prot") == "public":
                    yield member.get("kind"), f"{name}::{member.findtext('name')}", member


def main():
    all_of_them = list(things(pathlib.Path(sys.argv[1])))
    found = [f"{kind} {name} is not explained" for kind, name, element in all_of_them if not explained(element)]
    found += [f"{name} is not there" for name in sorted(SHOWN - {name for _, name, _ in all_of_them})]
    found += [f"{name} is a detail" for _, name, _ in all_of_them if "detail::" in name or "::v0" in name]
    print("\n".join(found) or f"{len(all_of_them)} types, headers and functions, and a word for each")
    return 1 if found else 0


sys.exit(main())
