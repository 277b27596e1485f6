"""The three servers: ACME, CRLs, management."""
import http.server
import json
import urllib.parse

from problem import Problem, malformed

SIGNED = {"newAccount", "newOrder", "newAuthz", "revokeCert", "keyChange", "account", "orders", "order", "authorization",
          "challenge", "finalize", "certificate", "star"}
LIMIT = 1 << 20


def serve(handler, port, what, tls=None):
    """A server that is not yet served, and its address."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_):  # a client that hangs up, or that does not trust us
            pass

        def finish_request(self, request, address):
            if tls is None:
                return super().finish_request(request, address)
            request.settimeout(Handler.timeout)
            with tls.wrap_socket(request, server_side=True) as secured:  # in the connection's own thread
                return super().finish_request(secured, address)

    server = Server(("127.0.0.1", port), type("Bound", (handler,), {"what": what}))
    return server, "%s://127.0.0.1:%d" % ("https" if tls else "http", server.server_port)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # one write an answer: two would wait for each other (Nagle and delayed acknowledgement)
    what = None

    def send(self, status, content_type, body, **headers):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        size = int(self.headers.get("Content-Length", "0"))
        if size > LIMIT:
            self.close_connection = True
            raise malformed("larger than %d octets" % LIMIT)
        return self.rfile.read(size)

    def hang_up(self):
        self.close_connection = True

    def log_message(self, *_):
        pass


class AcmeHandler(Handler):
    def kind_and_rest(self):
        """/account/7/orders is of the kind orders, all else is of that of its first word."""
        kind, *rest = self.path.strip("/").split("/")
        if kind == "account" and rest[1:2] == ["orders"]:
            return "orders", rest[:1] + rest[2:]
        return kind, rest

    def answer(self, do):
        ca = self.what
        kind, rest = self.kind_and_rest()
        try:
            self.content = self.body()  # also where the answer does not depend on it: the next request stands behind it
            with ca.lock:
                ca.records.requests[kind] = ca.records.requests.get(kind, 0) + 1
            ca.faults.before(kind)
            done = do(kind, rest)
            lost = ca.faults.loses(kind)
        except Problem as problem:
            done, lost = problem, False
        if lost:
            return self.hang_up()
        headers = dict(done.headers)
        if self.command != "GET" or kind == "newNonce":
            headers["Replay-Nonce"] = ca.nonce()
        headers["Cache-Control"] = "no-store"
        if kind != "directory" and "Link" not in headers:
            headers["Link"] = '<%s/directory>;rel="index"' % ca.base
        if isinstance(done, Problem):
            return self.send(done.status, "application/problem+json", json.dumps(done.body).encode(), **headers)
        return self.send(done.status, done.content_type, done.body, **headers)

    def read(self, kind, rest):
        ca = self.what
        if kind == "directory":
            return ca.directory()
        if kind == "newNonce":
            return type("Empty", (), {"status": 200, "content_type": "text/plain", "body": b"", "headers": {}})
        if kind == "renewalInfo" and len(rest) == 1:
            return ca.renewalInfo(rest[0])
        if kind == "star" and len(rest) == 1:
            return ca.get_star(rest[0])
        raise Problem(405 if kind in SIGNED else 404, "malformed", "nothing to GET here")

    def write(self, kind, rest):
        ca = self.what
        if kind not in SIGNED:
            raise Problem(404, "malformed", "nothing here")
        if self.headers.get("Content-Type") != "application/jose+json":
            raise Problem(415, "malformed", "not application/jose+json")
        try:
            value = json.loads(self.content)
        except ValueError:
            raise malformed("not JSON") from None
        with ca.lock:
            try:
                return getattr(ca, kind)(ca.verified(value, ca.base + self.path, kind), *rest)
            except (TypeError, ValueError, KeyError, AttributeError) as error:  # a member of a type that none of us expects
                raise malformed("%s: %s" % (kind, error)) from error

    def do_GET(self):
        self.answer(self.read)

    do_HEAD = do_GET

    def do_POST(self):
        self.answer(self.write)


class CrlHandler(Handler):
    def do_GET(self):
        lists = self.what
        if lists.mode == "silent":
            return self.hang_up()
        if lists.mode == "error":
            return self.send(503, "text/plain", b"")
        der = lists.der()
        tag = '"%x"' % hash(der)
        unchanged = self.headers.get("If-None-Match") == tag
        lists.requests["unchanged" if unchanged else "full"] += 1
        return self.send(304 if unchanged else 200, "application/pkix-crl", b"" if unchanged else der, ETag=tag)


class ManagementHandler(Handler):
    def respond(self, value):
        self.send(200, "application/json", json.dumps(value).encode())

    def do_GET(self):
        self.respond(self.what.state())

    def do_POST(self):
        try:
            path = urllib.parse.urlsplit(self.path).path.strip("/")
            self.respond(self.what.tell(path, json.loads(self.body() or b"{}")))
        except (KeyError, ValueError, TypeError, Problem) as error:
            self.send(400, "application/json", json.dumps({"error": repr(error)}).encode())
