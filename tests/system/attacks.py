#!/usr/bin/env python3
"""Attacks on a keeper, each beside its honest counterpart, from the web server's user and from the manager's own channel.

usage: attacks.py peer ADDRESS                        as a peer of served.test and client.test, of an agent that runs
       attacks.py manager PROGRAM CONFIG KID CERTIFICATE OTHER-CERTIFICATE
                                                      starts a keeper and is its manager, an operator, and a stranger

Ends with 1 at the first attack that is not refused by the rule that should, and at the first honest request that is not signed.
Prints what the audit log must have: uid, key, operation, rule, one line a denial."""

import base64
import hashlib
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

from ask import STATUS, ask, read_field

ES256 = 1
RANDOMS = os.urandom(64)
NOBODY = 65534
MANAGER = 4242  # what the supervisor says that the manager's uid is


# --- What is to be signed ---


def tls13(side, digest=32):
    return b" " * 64 + b"TLS 1.3, %s CertificateVerify\0" % side + os.urandom(digest)


def ecdhe(curve=29, size=32):
    return RANDOMS + struct.pack(">BHB", 3, curve, size) + os.urandom(size)


def dhe():
    """ServerDHParams (RFC 5246 section 7.4.3): p, g and the public value."""
    return RANDOMS + b"".join(struct.pack(">H", len(part)) + part for part in (os.urandom(256), b"\2", os.urandom(256)))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def jws(url, payload, nonce=True, **key):
    """A JWS signing input (RFC 7515 section 5.1) as RFC 8555 section 6.2 has it."""
    header = {"alg": "ES256", **key, **({"nonce": base64url(os.urandom(16))} if nonce else {}), "url": url}
    body = payload if isinstance(payload, bytes) else compact(payload)
    return (base64url(compact(header)) + "." + base64url(body)).encode()


def flattened(signing_input, signature):
    protected, payload = signing_input.decode().split(".")
    return {"protected": protected, "payload": payload, "signature": base64url(signature)}


def jwk_of(spki):
    """Of a P-256 key, whose SubjectPublicKeyInfo ends with x and y."""
    return {"crv": "P-256", "kty": "EC", "x": base64url(spki[-64:-32]), "y": base64url(spki[-32:])}


def thumbprint(spki):
    return base64url(hashlib.sha256(compact(jwk_of(spki))).digest())


def der(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else b"\x82" + struct.pack(">H", size)
    return bytes([tag]) + length + content


def csr_info(spki, *names):
    """CertificationRequestInfo (RFC 2986 section 4.1) with an empty subject and one extension, subjectAltName."""
    san = der(0x30, *(der(0x82, name.encode()) for name in names))
    extension = der(0x30, der(6, b"\x55\x1d\x11"), der(4, san))
    request = der(0x30, der(6, bytes.fromhex("2a864886f70d01090e")), der(0x31, der(0x30, extension)))
    return der(0x30, der(2, b"\0"), der(0x30), spki, der(0xA0, request))


def csr(info, signature=b"\1" * 64):
    def integer(octets):
        octets = octets.lstrip(b"\0")
        return der(2, (b"\0" if octets[0] & 0x80 else b"") + octets)

    ecdsa_with_sha256 = der(0x30, der(6, bytes.fromhex("2a8648ce3d040302")))
    value = der(0x30, integer(signature[:32]), integer(signature[32:]))
    return der(0x30, info, ecdsa_with_sha256, der(3, b"\0", value))


def certificate_of(file):
    pem = open(file).read()
    return base64.b64decode(re.search("-----BEGIN CERTIFICATE-----(.*?)-----END", pem, re.S).group(1))


# --- Who asks ---


class Caller:
    """A connection, and who it is to the keeper."""

    def __init__(self, connection, name, uid):
        self.connection, self.name, self.uid = connection, name, uid
        connection.settimeout(20)

    @classmethod
    def at(cls, address, name):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect("\0" + address[1:] if address.startswith("@") else address)
        return cls(connection, name, os.geteuid())

    def ask(self, operation, key, body=b""):
        return ask(self.connection, operation, key, body)

    def spki(self, key):
        status, body = self.ask("describe", key)
        assert status == 0, f"describe {key}: {STATUS[status]} {body.decode()}"
        _, offset = read_field(body, 0)
        _, offset = read_field(body, offset)
        return read_field(body, offset)[0]

    def request(self, operation, key, payload, spki):
        body = hashlib.sha256(spki).digest() + bytes([ES256]) + struct.pack(">H", len(payload)) + payload
        return self.ask(operation, key, body)

    def honest(self, what, key, payload, spki, operation="sign"):
        status, body = self.request(operation, key, payload, spki)
        signature = body[2:]
        if status != 0 or len(signature) != 64:
            sys.exit(f"FAILED: {self.name}: {what} was refused: {STATUS[status]} {body.decode()}")
        return signature

    def done(self, what, operation, key, body=b""):
        status, answer = self.ask(operation, key, body)
        if status != 0:
            sys.exit(f"FAILED: {self.name}: {what}: {STATUS[status]} {answer.decode()}")
        return answer

    def refused(self, what, rule, operation, key, answer, status="denied"):
        got, text = answer
        if STATUS[got] != status or (status == "denied" and not text.decode().startswith(rule + ": ")):
            sys.exit(f"FAILED: {self.name}: {what}, not refused by {rule}: {STATUS[got]} {text[:200]}")
        names = {"sign": "sign-message", "digest": "sign-digest"}
        print(self.uid, key, names.get(operation, operation), rule, sep="\t")

    def attack(self, what, rule, key, payload, spki, operation="sign", status="denied"):
        self.refused(what, rule, operation, key, self.request(operation, key, payload, spki), status)

    def denied(self, what, rule, operation, key, body=b"", logged_key=None):
        self.refused(what, rule, operation, key if logged_key is None else logged_key, self.ask(operation, key, body))


def approval(operation, key, parameters, seconds):
    def text(value):
        return struct.pack(">H", len(value)) + value.encode()

    body = text(operation) + text(key) + struct.pack(">H", len(parameters)) + b"".join(map(text, parameters))
    return body + struct.pack(">Q", int(time.time()) + seconds)


# --- The web server's user ---


def as_peer(address):
    me = Caller.at(address, "web server")
    served, client, release = me.spki("served.test"), me.spki("client.test"), me.spki("release")
    foreign = served[:-64] + os.urandom(64)
    order = jws("https://127.0.0.1:14000/order-plz", {"identifiers": [{"type": "dns", "value": "served.test"}]}, kid="https://x")
    me.honest("a TLS 1.3 handshake", "served.test", tls13(b"server"), served)
    me.honest("one with SHA-384", "served.test", tls13(b"server", 48), served)
    me.honest("a TLS 1.2 handshake", "served.test", ecdhe(), served)
    me.honest("a client's handshake", "client.test", tls13(b"client"), client)
    me.honest("a digest, with a raw key", "release", os.urandom(32), release, "digest")
    limited = me.spki("limited")
    me.honest("what a second allows", "limited", os.urandom(32), limited, "digest")
    answers = (me.request("digest", "limited", os.urandom(32), limited) for _ in range(20))
    me.refused("more in a second", "rate", "digest", "limited", next((a for a in answers if a[0] != 0), (0, b"")), "unavailable")
    me.attack("a CSR for another name", "tls.form", "served.test", csr_info(served, "evil.test"), served)
    me.attack("a CSR for its own name", "tls.form", "served.test", csr_info(served, "served.test"), served)
    me.attack("a JWS", "tls.form", "served.test", order, served)
    me.attack("a JWS, hashed", "tls.digest", "served.test", hashlib.sha256(order).digest(), served, "digest")
    me.attack("a digest", "tls.digest", "served.test", os.urandom(32), served, "digest")
    me.attack("text", "tls.form", "served.test", b"anything else", served)
    me.attack("a client's CertificateVerify", "tls.form", "served.test", tls13(b"client"), served)
    me.attack("a server's, with a client's key", "tls.form", "client.test", tls13(b"server"), client)
    me.attack("63 spaces", "tls.form", "served.test", tls13(b"server")[1:], served)
    me.attack("a DHE ServerKeyExchange", "tls.form", "served.test", dhe(), served)
    me.attack("a key exchange on no curve", "tls.form", "served.test", ecdhe(23, 65), served)
    me.attack("another certificate's key", "unauthorised", "other.test", tls13(b"server"), served)
    me.attack("another's key by its own name", "key-changed", "served.test", tls13(b"server"), foreign, status="key_changed")
    me.attack("a key that is not there", "unauthorised", "none.test", tls13(b"server"), served)
    me.attack("the audit key", "unauthorised", "@audit", b"sealring audit checkpoint v1\n", served)
    for name in ("other.test", "none.test", "@audit"):
        me.denied("to describe " + name, "unauthorised", "describe", name)
    for operation in ("generate", "adopt", "retire"):
        me.denied("to " + operation, "manager-only", operation, "served.test", os.urandom(16))
    me.denied("to list", "manager-only", "list", "", struct.pack(">I", 0))
    me.denied("to ask what was counted", "manager-only", "statistics", "", struct.pack(">I", 0))
    me.denied("to approve", "manager-only", "approve", "", approval("new-kid", "x", ["y"], 60))
    me.denied("to finish", "manager-only", "finish", "", struct.pack(">Q", 1))


# --- The manager, taken over ---


class Scene:
    """A keeper of our own: we have its manager's channel, and listen for it where operators come."""

    def __init__(self, program, config, kid, certificate, other_certificate):
        self.kid, self.origin = kid, re.match("https://[^/]+", kid).group()
        self.certificate, self.other_certificate = certificate_of(certificate), certificate_of(other_certificate)
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)
        self.address = self.folder.name + "/sign.sock"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.address)
        os.chmod(self.address, 0o666)
        listener.listen()
        listener.setblocking(False)
        ours, theirs = socket.socketpair()
        channel, links = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        socket.send_fds(channel, [struct.pack("iII", os.getpid(), MANAGER, MANAGER)], [theirs.fileno()])
        alive, says = os.pipe()
        os.set_blocking(says, False)
        numbers = (listener.fileno(), links.fileno(), says)
        keeper = os.path.join(os.path.dirname(program), "sealring-keeper")
        version = subprocess.check_output([keeper, "--version"], text=True).split()[1]
        self.keeper = subprocess.Popen(
            [keeper, "--started-by", version, "--config", config, "--owner", str(os.geteuid()), "--manager", str(MANAGER),
             "--descriptors", "L={};links={};alive={}".format(*numbers)], pass_fds=numbers)
        theirs.close()
        links.close()
        self.supervisor = channel  # it stays open, as the supervisor's does
        os.close(says)
        said = b""
        while not (word := re.search(b"[RE]", said)) and (more := os.read(alive, 4096)):
            said += more
        if not word or word.group() != b"R":
            sys.exit(f"FAILED: the keeper has not started: {said}")
        self.manager = Caller(ours, "manager", MANAGER)
        self.operator = Caller.at(self.address, "operator")
        self.keys = self.list()
        self.account = next(name for name, key in self.keys.items() if key["purpose"] == "account")

    def list(self):
        """The keys in use, by name: id, purpose, SubjectPublicKeyInfo."""
        body = self.manager.done("to list", "list", "", struct.pack(">I", 0))
        (count,) = struct.unpack_from(">H", body, 4)
        offset, keys = 6, {}
        for _ in range(count):
            fields = []
            for _ in range(7):
                field, offset = read_field(body, offset)
                fields.append(field)
            state, offset = body[offset], offset + 2
            if state == 2:
                name, _, key_id, purpose = (field.decode() for field in fields[:4])
                keys[name] = {"id": bytes.fromhex(key_id), "purpose": purpose, "spki": fields[6]}
        return keys

    def spki(self, name):
        return self.keys[name]["spki"]

    def generate(self, name):
        """A new key's id and SubjectPublicKeyInfo."""
        fresh = os.urandom(16)
        self.manager.done("a new key", "generate", name, fresh)
        body = self.manager.ask("list", "", struct.pack(">I", 0))[1]
        fields, offset = [], body.index(fresh.hex().encode()) - 2
        for _ in range(5):
            field, offset = read_field(body, offset)
            fields.append(field)
        return fresh, fields[4]

    def url(self, path):
        return self.origin + "/" + path

    def jws(self, path, payload, **key):
        return jws(self.url(path), payload, **(key or {"kid": self.kid}))

    def close(self):
        self.manager.connection.close()
        self.keeper.terminate()
        self.keeper.wait(20)


def order_of(*names):
    return {"identifiers": [{"type": "dns", "value": name} for name in names]}


def as_manager(me, s):
    """What needs no approval, and what does while there is none."""
    account, served = s.spki(s.account), s.spki("served.test")
    own, foreign = csr_info(served, "served.test"), csr_info(served[:-64] + os.urandom(64), "served.test")

    def honest(what, payload, **how):
        return me.honest(what, s.account, s.jws(*payload, **how), account)

    def attack(what, rule, payload, **how):
        me.attack(what, rule, s.account, s.jws(*payload, **how), account)

    honest("a newOrder", ("order-plz", order_of("served.test", "other.test")))
    attack("a newOrder for another name", "account.identifiers", ("order-plz", order_of("served.test", "evil.test")))
    attack("a newOrder for a wildcard", "account.identifiers", ("order-plz", order_of("*.served.test")))
    attack("a newAuthz for another name", "account.identifiers", ("authz", {"identifier": order_of("evil.test")["identifiers"][0]}))
    honest("POST-as-GET", ("order/1", b""))
    me.attack("a JWS for another origin", "account.url", s.account, jws("https://evil.test/order", b"", kid=s.kid), account)
    me.attack("another port", "account.url", s.account, jws("https://127.0.0.1:1/order", b"", kid=s.kid), account)
    me.attack("a host behind a user", "account.url", s.account,
              jws(s.origin + "@evil.test/order", b"", kid=s.kid), account)
    me.attack("the account key for a digest", "account.digest", s.account, os.urandom(32), account, "digest")
    me.attack("no JWS", "jws.form", s.account, b"sign this", account)
    attack("a new kid", "account.kid", ("order/1", b""), kid=s.url("my-account/other"))
    attack("an unknown payload", "account.payload", ("order-plz", {**order_of("served.test"), "pay": 1}))
    attack("a member by two spellings", "account.payload", ("order-plz", b'{"identifiers":[],"Identifiers":[]}'))
    attack("another's contact", "account.contact", (s.kid[len(s.origin) + 1:], {"contact": ["mailto:evil@evil.test"]}))
    honest("the contact that is configured", (s.kid[len(s.origin) + 1:], {"contact": ["mailto:ops@example.test"]}))
    attack("to deactivate the account", "deactivate-account.approval", (s.kid[len(s.origin) + 1:], {"status": "deactivated"}))
    attack("to deactivate an authorization", "deactivate-authorization.approval", ("authz/1", {"status": "deactivated"}))

    signature = me.honest("a CSR for its own name", "served.test", own, served)
    me.attack("a CSR for another name", "csr.names", "served.test", csr_info(served, "served.test", "other.test"), served)
    me.attack("a CSR for another key", "csr.key", "served.test", foreign, served)
    me.attack("a handshake", "tls.peer", "served.test", tls13(b"server"), served)
    honest("finalize", ("finalize/1", {"csr": base64url(csr(own, signature))}))
    attack("finalize for a foreign key", "account.csr-key", ("finalize/1", {"csr": base64url(csr(foreign))}))
    attack("finalize for the account's key", "account.csr-key",
           ("finalize/1", {"csr": base64url(csr(csr_info(account, "served.test")))}))
    attack("finalize for another's name", "account.csr-names",
           ("finalize/1", {"csr": base64url(csr(csr_info(served, "other.test")))}))

    revocation = {"certificate": base64url(s.certificate)}
    honest("revokeCert", ("revoke", {**revocation, "reason": 4}))
    attack("revokeCert for keyCompromise", "revoke-key-compromise.approval", ("revoke", {**revocation, "reason": 1}))
    by_itself = {"jwk": jwk_of(served)}
    me.honest("revokeCert by its own key", "served.test", s.jws("revoke", revocation, **by_itself), served)
    me.attack("the same for keyCompromise", "own-revocation.approval", "served.test",
              s.jws("revoke", {**revocation, "reason": 1}, **by_itself), served)
    me.attack("of another's certificate", "own-revocation.certificate", "served.test",
              s.jws("revoke", {"certificate": base64url(s.other_certificate)}, **by_itself), served)
    me.attack("an order by a certificate's key", "own-revocation.form", "served.test",
              s.jws("order-plz", order_of("served.test"), **by_itself), served)

    me.denied("to retire the key in use", "retire.current", "retire", "served.test", s.keys["served.test"]["id"])
    me.denied("to retire it by another name", "retire.key", "retire", "other.test", s.keys["served.test"]["id"])
    me.denied("to retire the account's key", "retire.current", "retire", s.account, s.keys[s.account]["id"])
    me.denied("a key for another name", "generate.name", "generate", "evil.test", os.urandom(16))
    fresh = os.urandom(16)
    me.done("a key for its own name", "generate", "served.test", fresh)
    me.denied("the same again", "generate.id", "generate", "served.test", fresh)
    me.denied("to use it for another name", "adopt.key", "adopt", "other.test", fresh)
    me.done("to retire a key that nobody uses", "retire", "served.test", fresh)


def at_a_second_ca(s):
    """[fallback] has an account of its own, whose key knows its own CA alone."""
    directory = "https://fallback.test/dir"
    name = "@account-" + hashlib.sha256(directory.encode()).hexdigest()[:8]
    _, spki = s.generate(name)
    url, kid, agreed = "https://fallback.test/", "https://fallback.test/account/1", {"termsOfServiceAgreed": True}
    order = order_of("served.test")
    s.manager.attack("its key at [ca]", "account.url", name, s.jws("sign-me-up", agreed, jwk=jwk_of(spki)), spki)
    s.manager.attack("an order before there is an account", "account.kid", name, jws(url + "order", order, kid=kid), spki)
    s.manager.honest("newAccount", name, jws(url + "account", agreed, jwk=jwk_of(spki)), spki)
    s.manager.attack("[ca]'s kid there", "account.kid", name, jws(url + "order", order, kid=s.kid), spki)
    s.manager.honest("an order", name, jws(url + "order", order, kid=kid), spki)
    s.manager.attack("for a certificate of [ca] alone", "account.identifiers", name,
                     jws(url + "order", order_of("other.test"), kid=kid), spki)
    s.manager.attack("[ca]'s key there", "account.url", s.account, jws(url + "order", order, kid=s.kid), s.spki(s.account))


def with_approvals(s):
    """An operator's word is about one thing, until it has expired or is said to be done."""
    account, served = s.spki(s.account), s.spki("served.test")
    account_path = s.kid[len(s.origin) + 1:]
    digest = hashlib.sha256(s.certificate).hexdigest()

    def approve(operation, *parameters, key=s.account, seconds=600):
        return s.operator.done("to approve", "approve", "", approval(operation, key, parameters, seconds))

    def signed(what, path, payload, **how):
        return s.manager.honest(what, s.account, s.jws(path, payload, **how), account)

    def refused(what, rule, path, payload, **how):
        s.manager.attack(what, rule, s.account, s.jws(path, payload, **how), account)

    def refused_after(when):
        while time.time() < when + 1:
            time.sleep(0.05)
        refused("a deactivation, expired", "deactivate-account.approval", account_path, {"status": "deactivated"})

    s.manager.denied("the manager approves", "operator-only", "approve", "",
                     approval("deactivate-account", s.account, [s.kid], 600))
    s.manager.denied("the manager finishes", "operator-only", "finish", "", struct.pack(">Q", 1))
    sys.stdout.flush()
    child = os.fork()  # a user who is no operator
    if child == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        stranger = Caller.at(s.address, "stranger")
        stranger.denied("a stranger approves", "manager-only", "approve", "",
                        approval("deactivate-account", s.account, [s.kid], 600))
        sys.stdout.flush()
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(1)
    s.operator.denied("for ever", "approve.expires", "approve", "", approval("new-kid", s.account, ["x"], 90000),
                      logged_key=s.account)

    # Revocation for keyCompromise: of this certificate, by either key, any number of times, and nothing beside it.
    compromised = {"certificate": base64url(s.certificate), "reason": 1}
    number = approve("revoke-key-compromise", digest, key="served.test")
    for _ in range(2):
        signed("keyCompromise, approved", "revoke", compromised)
        s.manager.honest("the same by its own key", "served.test", s.jws("revoke", compromised, jwk=jwk_of(served)), served)
    refused("another certificate's", "revoke-key-compromise.approval", "revoke",
            {"certificate": base64url(s.other_certificate), "reason": 1})
    refused("a deactivation beside it", "deactivate-account.approval", account_path, {"status": "deactivated"})
    s.operator.done("to finish it", "finish", "", number)
    refused("keyCompromise, reported done", "revoke-key-compromise.approval", "revoke", compromised)
    s.manager.attack("the same by its own key", "own-revocation.approval", "served.test",
                     s.jws("revoke", compromised, jwk=jwk_of(served)), served)

    # Deactivation; of the account not for long.
    signed_until = int(time.time()) + 5
    approve("deactivate-account", s.kid, seconds=5)
    signed("a deactivation, approved", account_path, {"status": "deactivated"})
    refused("of an authorization", "deactivate-authorization.approval", "authz/1", {"status": "deactivated"})
    approve("deactivate-authorization", s.url("authz/1"))
    signed("of an authorization, approved", "authz/1", {"status": "deactivated"})
    refused("of another one", "deactivate-authorization.approval", "authz/2", {"status": "deactivated"})
    # A new kid, and with it not the old one.
    other = s.url("my-account/other")
    approve("new-kid", other)
    refused("yet another kid", "account.kid", "order/1", b"", kid=s.url("my-account/third"))
    signed("the new kid", "order/1", b"", kid=other)
    refused("the kid before it", "account.kid", "order/1", b"")
    approve("new-kid", s.kid)
    signed("the kid before it, approved", "order/1", b"")

    with_a_new_key(s, lambda: refused_after(signed_until))


def with_a_new_key(s, while_the_old_one_holds):
    """keyChange (RFC 8555 section 7.3.5): the account's key vouches for the next, which agrees, and an operator for both."""
    account, name = s.spki(s.account), s.account
    next_id, next_spki = s.generate(name)
    _, third_spki = s.generate(name)

    def inner(spki, nonce=False, old=account, account_url=s.kid):
        return jws(s.url("rollover"), {"account": account_url, "oldKey": jwk_of(old)}, nonce=nonce, jwk=jwk_of(spki))

    def outer(spki):
        return s.jws("rollover", flattened(inner(spki), b"\1" * 64))

    key_change = "key-change.approval"
    s.manager.attack("keyChange, inner", key_change, name, inner(next_spki), next_spki)
    s.manager.attack("keyChange, outer", key_change, name, outer(next_spki), account)
    s.manager.attack("an order by a second key", "account.second-key", name, s.jws("order-plz", order_of("served.test")), next_spki)
    s.manager.denied("a second key for the account", "adopt.account", "adopt", name, next_id)
    parameters = [thumbprint(account), thumbprint(next_spki)]
    s.operator.done("to approve", "approve", "", approval("key-change", name, parameters, 600))
    s.manager.attack("another new key, inner", key_change, name, inner(third_spki), third_spki)
    s.manager.attack("another new key, outer", key_change, name, outer(third_spki), account)
    s.manager.attack("inner, with a nonce", "account.header", name, inner(next_spki, nonce=True), next_spki)
    s.manager.attack("inner, by the old key", "key-change.form", name, inner(account), account)
    s.manager.attack("inner, for another account", "key-change.form", name,
                     inner(next_spki, account_url=s.url("my-account/third")), next_spki)
    s.manager.honest("keyChange, inner, approved", name, inner(next_spki), next_spki)
    s.manager.honest("keyChange, outer, approved", name, outer(next_spki), account)
    while_the_old_one_holds()
    s.manager.done("the new key, approved", "adopt", name, next_id)
    s.manager.honest("an order by the new key", name, s.jws("order-plz", order_of("served.test")), next_spki)
    s.manager.attack("an order by the old one", "account.second-key", name, s.jws("order-plz", order_of("served.test")), account)
    s.manager.denied("to retire the old one", "retire.account", "retire", name, s.keys[name]["id"])


def main():
    if sys.argv[1] == "peer":
        return as_peer(sys.argv[2])
    scene = Scene(*sys.argv[2:])
    as_manager(scene.manager, scene)
    as_manager(scene.operator, scene)
    at_a_second_ca(scene)
    with_approvals(scene)
    scene.close()


main()
