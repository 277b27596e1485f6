#!/usr/bin/env python3
"""Judges what `strace -f` saw: the module, the PIN and the token are opened by the keeper alone, and the keeper opens no
network socket.

usage: traced.py TRACE MODULE PIN TOKEN-FOLDER

Ends with 1 where that is not so, and where the trace does not show that the keeper opened them and somebody else a socket."""

import collections
import re
import sys

trace, module, pin, token = sys.argv[1:]
lines = [line.split(maxsplit=1) for line in open(trace, errors="replace")]

# Who belongs to a keeper: its process from exec on, its threads, and what it might have started.
parent = {}
for pid, text in lines:
    born = re.match(r"(?:<\.\.\. )?(?:clone3?|v?fork)\b.* = (\d+)$", text)
    if born:
        parent[born.group(1)] = pid
keepers = {pid for pid, text in lines if re.match(r'execveat\(\d+, "", \["sealring-keeper"', text)}


def of_keeper(pid):
    while pid and pid not in keepers:
        pid = parent.get(pid)
    return pid is not None


def is_secret(path):
    if path == module:
        return "the module"
    if path == pin:
        return "the PIN"
    return "the token" if path == token or path.startswith(token + "/") else None


opened, sockets, wrong = collections.Counter(), collections.Counter(), []
for pid, text in lines:
    who = "keeper" if of_keeper(pid) else "others"
    call = re.match(r'(?:open|openat|openat2|creat)\((?:AT_FDCWD, |\d+[^,]*, )?"([^"]*)"', text)
    what = is_secret(call.group(1)) if call else None
    if what:
        opened[who, what] += 1
        if who == "others":
            wrong.append(f"{pid} opened {what}: {text}")
    network = re.match(r"socket\((\w+)|connect\(\d+[^{]*\{sa_family=(\w+)", text)
    family = network and (network.group(1) or network.group(2))
    if family and family not in ("AF_UNIX", "AF_LOCAL"):
        sockets[who] += 1
        if who == "keeper":
            wrong.append(f"the keeper opened a socket: {text}")

for what in ("the module", "the PIN", "the token"):
    if not opened["keeper", what]:
        wrong.append(f"no keeper opened {what}: the trace shows nothing")
if not sockets["others"]:
    wrong.append("nobody opened a network socket: the trace shows nothing")
sys.stderr.writelines(line.rstrip() + "\n" for line in wrong)
print(f"{len(keepers)} keeper(s):", ", ".join(f"{what} {count} times" for (_, what), count in sorted(opened.items())),
      f"and no network socket; others: {sockets['others']} calls about one")
sys.exit(1 if wrong else 0)
