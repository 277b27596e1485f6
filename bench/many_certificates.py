#!/usr/bin/env python3
"""A store and a keeper's book with many certificates in them, as an agent that has been at work for long would have them.

usage: many_certificates.py FOLDER NUMBER      (FOLDER has sealring.toml, and state.db with its tables)
Writes conf.d/many.toml, the records, and live/NAME with its archive. The certificates are real, and of a CA that is made for
the purpose; nothing of them is due. Their keys have the ids that many_keys gives, and are not those of the certificates.
"""
import datetime
import json
import os
import sqlite3
import sys
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder, number = sys.argv[1], int(sys.argv[2])
directory = next(line.split('"')[1] for line in open(folder + "/sealring.toml") if line.startswith("directory"))
now = int(time.time())
begin, end = now - 86400, now + 89 * 86400

ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench CA")])
key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
database = sqlite3.connect(folder + "/state.db")
os.makedirs(folder + "/conf.d", exist_ok=True)
os.makedirs(folder + "/live", exist_ok=True)
with open(folder + "/conf.d/many.toml", "w") as entries:
    for i in range(number):
        name = f"host{i}.test"
        leaf = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(0x4000000000000000 + i)
            .not_valid_before(datetime.datetime.utcfromtimestamp(begin))
            .not_valid_after(datetime.datetime.utcfromtimestamp(end))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
            .add_extension(key_id, critical=False)
            .sign(ca_key, hashes.SHA256())
        )
        serial = format(leaf.serial_number, "x")
        generation = f"{folder}/archive/{name}/{serial}"
        os.makedirs(generation)
        with open(generation + "/cert.pem", "wb") as out:
            out.write(leaf.public_bytes(serialization.Encoding.PEM))
        os.symlink(f"../archive/{name}/{serial}", f"{folder}/live/{name}")
        entries.write(f'[[certificate]]\nname = "{name}"\ndomains = ["{name}"]\n')
        database.execute(
            "INSERT INTO certificate (name, serial, generation, domains, directory, key_label, key_id, key_type, not_before,"
            " not_after, issued_at, status) VALUES (?, ?, 1, ?, ?, ?, ?, 'p256', ?, ?, ?, 'issued')",
            (name, serial, name, directory, f"{name}-{i:08x}", f"{i:032x}", begin, end, begin),
        )
        database.execute(
            "INSERT INTO upkeep (name, serial, explanation_url, renew_at, ask_at, failures, trouble, portal, deployed_at,"
            " deploy_trouble, checked_at, valid_scts, unknown_scts, bad_scts, watch_trouble)"
            " VALUES (?, ?, '', ?, ?, 0, '', '', ?, '', ?, 0, 0, 0, '')",
            (name, serial, now + 59 * 86400, now + 86400, begin, now),
        )
database.commit()
keys = [
    {"name": f"host{i}.test", "label": f"host{i}.test-{i:08x}", "id": f"{i:032x}", "state": "current", "since": begin}
    for i in range(number)
]
os.makedirs(folder + "/keeper", mode=0o700, exist_ok=True)
with open(os.open(folder + "/keeper/book.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as book:
    json.dump({"keys": keys, "accounts": [], "approvals": [], "next_approval": 1}, book)
