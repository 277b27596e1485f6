"""RFC 8555, RFC 8739, RFC 9444, RFC 9773, and what challenges.py adds: one method a kind of request, named as the directory has it."""
import secrets
import threading

import jose
from accounts import Accounts
from answer import Answer
from certificates import Certificates
from challenges import Challenges
from orders import Orders
from problem import Problem, malformed
from records import ISSUER
from star import LIMITS, Star


class Request:
    """A verified POST."""

    def __init__(self, jws, account, jwk):
        self.jws, self.account, self.jwk = jws, account, jwk
        self.payload = jws.object()


class Acme(Accounts, Orders, Challenges, Star, Certificates):
    base = None  # https://HOST:PORT, once it is known
    gives_again = False  # an open order, to who asks for its names
    leaves_pending = False  # a challenge that has failed
    offers_dns_persist = False

    def __init__(self, hierarchy, logs, revoked, records, faults, profiles, eab, http01_port, crl_url):
        self.hierarchy, self.logs, self.revoked, self.records, self.faults = hierarchy, logs, revoked, records, faults
        self.profiles, self.eab, self.http01_port, self.crl_url = profiles, eab, http01_port, crl_url
        self.lock = threading.RLock()
        self.nonces = set()
        self.texts = {}  # the DNS, as far as it looks: a name's TXT record
        self.devices = {}  # the JWK of each, by its permanent identifier

    # Without a signature.

    def directory(self):
        kinds = ("newNonce", "newAccount", "newOrder", "newAuthz", "revokeCert", "keyChange", "renewalInfo")
        meta = {"profiles": {name: "valid for %d s" % time for name, time in self.profiles.items()}}
        meta.update({"termsOfService": self.base + "/terms", "externalAccountRequired": bool(self.eab)})
        meta.update({"subdomainAuthAllowed": True, "auto-renewal": LIMITS})
        if self.offers_dns_persist:
            meta.update({"caaIdentities": [ISSUER], "issuerDomainNames": [ISSUER], "accountHashPrefix": self.hash_prefix()})
        return Answer(200, {**{kind: self.base + "/" + kind for kind in kinds}, "meta": meta})

    def nonce(self):
        made = secrets.token_urlsafe(16)
        with self.lock:
            self.nonces.add(made)
        return made

    # What a signed request must be (section 6).

    def verified(self, body, url, kind):
        jws = jose.Jws(body)
        header = jws.header
        if header.get("url") != url:
            raise Problem(403, "unauthorized", "the url in the header is not %s" % url)
        with self.lock:
            if header.get("nonce") not in self.nonces:
                raise Problem(400, "badNonce", "not a nonce of ours, or used before")
            self.nonces.discard(header["nonce"])
        if ("jwk" in header) == ("kid" in header):
            raise malformed("jwk or kid, one of them")
        if "jwk" in header:
            if kind not in ("newAccount", "revokeCert"):
                raise malformed("kid is needed")
            jws.verify(header["jwk"])
            return Request(jws, None, header["jwk"])
        account = self.by_url(self.records.accounts, "account", header["kid"])
        if account is None:
            raise Problem(400, "accountDoesNotExist", "no account " + str(header["kid"]))
        jws.verify(account.jwk)
        if account.status != "valid":
            raise Problem(403, "unauthorized", "the account is " + account.status)
        return Request(jws, account, account.jwk)

    def by_url(self, table, noun, url):
        prefix = "%s/%s/" % (self.base, noun)
        number = str(url)[len(prefix):] if str(url).startswith(prefix) else ""
        return table.get(int(number)) if number.isdigit() else None

    def own(self, table, number, request):
        one = table.get(int(number)) if number.isdigit() else None
        if one is None or one.account is not request.account:
            raise Problem(404, "malformed", "no such thing of this account's")
        return one
