#!/usr/bin/env python3
"""Signatures a second of an ssh-agent, by the first ECDSA key that it has (the agent protocol, draft-ietf-sshm-ssh-agent).

usage: ssh_agent.py CLIENTS SECONDS      (with SSH_AUTH_SOCK; each client is a process that asks without pause)
"""
import multiprocessing
import os
import socket
import struct
import sys
import time

REQUEST_IDENTITIES, IDENTITIES_ANSWER, SIGN_REQUEST, SIGN_RESPONSE = 11, 12, 13, 14


def text(octets):
    return struct.pack(">I", len(octets)) + octets


def ask(agent, body):
    agent.sendall(text(body))
    size = struct.unpack(">I", agent.recv(4, socket.MSG_WAITALL))[0]
    return agent.recv(size, socket.MSG_WAITALL)


def connect():
    agent = socket.socket(socket.AF_UNIX)
    agent.connect(os.environ["SSH_AUTH_SOCK"])
    return agent


def first_key():
    answer = ask(connect(), bytes([REQUEST_IDENTITIES]))
    if answer[0] != IDENTITIES_ANSWER or answer[1:5] == bytes(4):
        sys.exit("ssh_agent.py: the agent has no key")
    size = struct.unpack(">I", answer[5:9])[0]
    return answer[9 : 9 + size]


def sign(key, seconds, done):
    agent, count, end = connect(), 0, time.monotonic() + seconds
    message = bytearray(os.urandom(146))
    while time.monotonic() < end:
        message[0:8] = struct.pack(">Q", count)
        if ask(agent, bytes([SIGN_REQUEST]) + text(key) + text(bytes(message)) + bytes(4))[0] != SIGN_RESPONSE:
            sys.exit("ssh_agent.py: the agent does not sign")
        count += 1
    done.put(count)


clients, seconds = int(sys.argv[1]), float(sys.argv[2])
key, done = first_key(), multiprocessing.Queue()
all_of_them = [multiprocessing.Process(target=sign, args=(key, seconds, done)) for _ in range(clients)]
begin = time.monotonic()
for one in all_of_them:
    one.start()
for one in all_of_them:
    one.join()
if any(one.exitcode for one in all_of_them):
    sys.exit(1)
print(round(sum(done.get() for _ in all_of_them) / (time.monotonic() - begin)))
