#!/usr/bin/env python3
"""One request to a keeper, written from agent/wire/frame.hpp and message.hpp alone: a stranger's view of the wire.

usage: ask.py ADDRESS hello|list
       ask.py ADDRESS sign KEY TEXT [--zero] [--random N]    TEXT, a zero octet, N random ones
       ask.py ADDRESS digest|generate|retire-current KEY
Prints the status, and the refusal's text; exits 0 if the status is ok."""

import hashlib
import os
import socket
import struct
import sys

OPERATIONS = {"hello": 1, "describe": 2, "sign": 3, "digest": 4, "generate": 16, "adopt": 17, "retire": 18, "list": 19,
              "statistics": 21, "approve": 32, "finish": 33}
STATUS = ["ok", "denied", "unavailable", "bad_request", "unsupported", "operator_needed", "key_changed", "failed", "too_large"]


def ask(connection, operation, key, body):
    payload = struct.pack(">BBIB", 1, OPERATIONS[operation], 1, len(key)) + key.encode() + body
    connection.sendall(struct.pack(">I", len(payload)) + payload)
    answer = connection.makefile("rb")
    (size,) = struct.unpack(">I", answer.read(4))
    reply = answer.read(size)
    return reply[7], reply[8:]


def read_field(data, offset):
    (size,) = struct.unpack_from(">H", data, offset)
    return data[offset + 2 : offset + 2 + size], offset + 2 + size


def describe(connection, key):
    status, body = ask(connection, "describe", key, b"")
    if status != 0:
        return b"", 1
    _, offset = read_field(body, 0)
    _, offset = read_field(body, offset)
    spki, offset = read_field(body, offset)
    return spki, body[offset + 2]


def current_id(connection, key):
    """The id of the key in use, from the first page of the list."""
    status, body = ask(connection, "list", "", struct.pack(">I", 0))
    offset = 4
    (count,) = struct.unpack_from(">H", body, offset)
    offset += 2
    for _ in range(count):
        fields = []
        for _ in range(7):
            field, offset = read_field(body, offset)
            fields.append(field)
        state, offset = body[offset], offset + 2
        if fields[0].decode() == key and state == 2:
            return bytes.fromhex(fields[2].decode())
    return bytes(16)


def main():
    address, operation, *rest = sys.argv[1:]
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(5)
    connection.connect("\0" + address[1:] if address.startswith("@") else address)
    key = rest[0] if rest else ""
    if operation == "hello":
        body = b"\1"
    elif operation == "list":
        body = struct.pack(">I", 0)
    elif operation == "generate":
        body = os.urandom(16)
    elif operation == "retire-current":
        operation, body = "retire", current_id(connection, key)
    else:
        spki, algorithm = describe(connection, key)
        payload = os.urandom(32)
        if operation == "sign":
            payload = rest[1].encode() + (b"\0" if "--zero" in rest else b"")
            if "--random" in rest:
                payload += os.urandom(int(rest[rest.index("--random") + 1]))
        body = hashlib.sha256(spki).digest() + bytes([algorithm]) + struct.pack(">H", len(payload)) + payload
    status, body = ask(connection, operation, key, body)
    print(STATUS[status], body.decode("utf-8", "replace") if status else "")
    sys.exit(0 if status == 0 else 1)


if __name__ == "__main__":
    main()
