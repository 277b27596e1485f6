#!/usr/bin/env python3
"""Runs a command where a system journal listens: systemd-journald's native protocol, and nothing else of it.

usage: unshare --mount fake_journal.py FILE COMMAND...    hides /run; FILE gets what `journalctl -o cat` would print
"""
import os
import socket
import subprocess
import sys
import threading

SOCKET = "/run/systemd/journal/socket"


def fields(datagram):
    """FIELD=text and a newline, or FIELD, a newline, eight octets of length, little-endian, the value, and a newline."""
    found = {}
    while datagram:
        head, _, rest = datagram.partition(b"\n")
        name, equals, value = head.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[9 + size :]
        found[name.decode()] = value.decode()
        datagram = rest
    return found


def listen(journal, out):
    while datagram := journal.recv(1 << 20):
        entry = fields(datagram)
        complete = {"MESSAGE", "PRIORITY", "SEALRING_AUDIT_LOG", "SEALRING_AUDIT_SEQUENCE", "SEALRING_AUDIT_HASH"} <= set(entry)
        if entry.get("SYSLOG_IDENTIFIER") == "sealring" and complete:
            out.write(entry["MESSAGE"] + "\n")


subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
os.makedirs(os.path.dirname(SOCKET))
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind(SOCKET)
with open(sys.argv[1], "w", encoding="utf-8") as out:
    listener = threading.Thread(target=listen, args=(journal, out))
    listener.start()
    status = subprocess.run(sys.argv[2:], check=False).returncode
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"", SOCKET)  # an empty one, after all others: the end
    listener.join()
sys.exit(status)
