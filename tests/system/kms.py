#!/usr/bin/python3
"""A key management service, of the kind that docs/examples/kms_signer.cpp signs with.

    kms.py CERTIFICATE KEY PORT-FILE
"""

import base64
import http.server
import json
import pathlib
import ssl
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

KEY = ec.generate_private_key(ec.SECP256R1())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path != "/keys/site":
            return self.reply(404, {"error": "no such key"})
        pem = KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.reply(200, {"publicKey": pem.decode()})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/keys/site:sign":
            return self.reply(404, {"error": "no such key"})
        digest = base64.urlsafe_b64decode(asked["sha256"] + "==")
        signature = KEY.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        self.reply(200, {"signature": base64.urlsafe_b64encode(signature).rstrip(b"=").decode()})

    def log_message(self, *_):
        pass


def main():
    certificate, key, port_file = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    pathlib.Path(port_file).with_suffix(".new").write_text(str(server.server_address[1]))
    pathlib.Path(port_file).with_suffix(".new").rename(port_file)
    server.serve_forever()


main()
