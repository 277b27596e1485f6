#!/usr/bin/env python3
"""Full handshakes, one after the other in each of several threads, until SIGTERM.

usage: handshakes.py PORT NAME CA-FILE THREADS      (PORT of 127.0.0.1; each with a request and its answer)
Writes a line for each: its begin and end in seconds, "ok" and the certificate's serial or "failed" and the cause.
With "-" for NAME there is no TLS, only the request.
"""
import signal
import socket
import ssl
import sys
import threading
import time

port, name, anchor, threads = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
done = threading.Event()
lock = threading.Lock()


def once(context):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as bare:
        connection = context.wrap_socket(bare, server_hostname=name) if context else bare
        with connection:
            serial = connection.getpeercert()["serialNumber"] if context else "-"
            connection.sendall(b"GET / HTTP/1.0\r\nHost: test\r\n\r\n")
            if not connection.recv(100).startswith(b"HTTP/1."):
                raise OSError("no answer")
            return serial


def run():
    context = None
    if name != "-":
        context = ssl.create_default_context(cafile=anchor)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    while not done.is_set():
        begin = time.time()
        try:
            outcome = f"ok {once(context)}"
        except OSError as error:
            outcome = f"failed {error}".replace("\n", " ")
            time.sleep(0.005)  # else a server that is down makes a busy loop
        with lock:
            print(f"{begin:.4f} {time.time():.4f} {outcome}", flush=True)


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
workers = [threading.Thread(target=run) for _ in range(threads)]
for worker in workers:
    worker.start()
signal.sigwait({signal.SIGTERM})
done.set()
for worker in workers:
    worker.join()
