#!/usr/bin/env python3
"""A CA that goes wrong in the one way asked for.

usage: faulty_ca.py not-json|not-acme|too-large|subproblems CERTIFICATE KEY
       faulty_ca.py redirect|foreign CERTIFICATE KEY DIRECTORY CA-FILE    which sends its clients to a good CA elsewhere:
                                                                     by a redirection, or by what its directory says

Listens on a free port of 127.0.0.1 and prints the address of its directory; ends with standard input.
"""
import http.server
import json
import ssl
import sys
import threading
import urllib.request

FAULT, CERTIFICATE, KEY, *ELSEWHERE = sys.argv[1:]

SUBPROBLEMS = {  # RFC 8555 section 6.7.1
    "type": "urn:ietf:params:acme:error:rejectedIdentifier",
    "detail": "Some of the identifiers requested were rejected",
    "subproblems": [
        {
            "type": "urn:ietf:params:acme:error:rejectedIdentifier",
            "detail": "This name is on the list of names never to be issued",
            "identifier": {"type": "dns", "value": "rejected.test"},
        },
        {
            "type": "urn:ietf:params:acme:error:caa",
            "detail": "CAA record forbids issuance",
            "identifier": {"type": "dns", "value": "caa.test"},
        },
    ],
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, content_type, body, **headers):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Replay-Nonce", "bm9uY2U%d" % threading.get_ident())
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_json(self, status, value, content_type="application/json", **headers):
        self.answer(status, content_type, json.dumps(value).encode(), **headers)

    def directory(self):
        if FAULT == "not-json":
            self.answer(200, "text/html", b"<html><body>It works!</body></html>")
        elif FAULT == "not-acme":
            self.answer_json(200, {"name": "some other API", "version": 3})
        elif FAULT == "too-large":
            self.endless()
        elif FAULT == "redirect":
            self.answer(302, "text/plain", b"", Location=ELSEWHERE[0])
        elif FAULT == "foreign":
            trusted = ssl.create_default_context(cafile=ELSEWHERE[1])
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusted))
            with opener.open(ELSEWHERE[0]) as good:
                self.answer(200, "application/json", good.read())
        else:
            nouns = ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")
            self.answer_json(200, {noun: BASE + "/" + noun for noun in nouns})

    def endless(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b'{"newNonce": "')
        while True:  # until the client has had enough
            self.wfile.write(b"x" * 65536)

    def do_GET(self):
        if self.path == "/directory":
            self.directory()
        else:
            self.answer(200, "text/plain", b"")

    do_HEAD = do_GET

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/newAccount":
            self.answer_json(201, {"status": "valid"}, Location=BASE + "/account/1")
        else:
            self.answer_json(403, SUBPROBLEMS, "application/problem+json")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):  # a client that hangs up is what some faults are for
        pass


server = Server(("127.0.0.1", 0), Handler)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(CERTIFICATE, KEY)
server.socket = tls.wrap_socket(server.socket, server_side=True)
BASE = "https://127.0.0.1:%d" % server.server_port
threading.Thread(target=server.serve_forever, daemon=True).start()
print(BASE + "/directory", flush=True)
sys.stdin.read()
