"""Challenges (RFC 8555 section 8): http-01, dns-persist-01 (draft-ietf-acme-dns-persist-02) and, of devices, device-attest-01
(draft-ietf-acme-device-attest). A part of Acme."""
import hashlib
import threading

import attestation
import jose
import validation
from answer import Answer
from problem import Problem, malformed
from records import ISSUER


class Challenges:
    def kinds_for(self, identifier):
        if identifier["type"] == "permanent-identifier":
            return ["device-attest-01"]
        persists = self.offers_dns_persist and identifier["type"] == "dns"
        return ["http-01", "dns-persist-01"] if persists else ["http-01"]

    def challenge(self, request, number, kind):
        one = self.own(self.records.authorizations, number, request)
        if kind not in one.kinds:
            raise malformed("no such challenge any more")
        if one.status == "pending" and one.challenge == "pending" and request.jws.payload:
            one.kinds, one.challenge = [kind], "processing"
            threading.Thread(target=self.validate, args=(one, request), daemon=True).start()
        up = '<%s/authorization/%d>;rel="up"' % (self.base, one.number)
        return Answer(200, one.show_challenge(self.base, kind), Link=up)

    def validate(self, one, request):
        wrong = self.wrong_with_proof(one, request)
        with self.lock:
            if wrong:
                one.error = Problem(403, *wrong).body
            if wrong and self.leaves_pending:
                one.challenge = "pending"
                return
            one.challenge = one.status = "invalid" if wrong else "valid"

    def wrong_with_proof(self, one, request):
        """Nothing where the challenge is met, else a kind of problem, and what is wrong."""
        key_authorization = one.token + "." + request.account.thumbprint
        value = one.identifier["value"]
        if one.kinds == ["device-attest-01"]:
            return attestation.wrong_with(request.payload.get("attObj"), self.devices.get(value), key_authorization)
        if one.kinds == ["dns-persist-01"]:
            uris = [self.account_hash(request.account, name) for name in (value, "*")]
            return validation.dns_persist01(self.texts.get("_validation-persist." + value, ""), ISSUER, uris)
        return validation.http01(self.http01_port, one.identifier, one.token, key_authorization)

    def hash_prefix(self):
        return self.base + "/account-hash/"

    def account_hash(self, account, name):
        """H(length_of_domain || domain_name || key || account_URL) (draft-ietf-acme-dns-persist-02 section 4.1)."""
        url = "%s/account/%d" % (self.base, account.number)
        hashed = bytes([len(name)]) + (name + account.thumbprint + url).encode()
        return self.hash_prefix() + "sha-256/" + jose.encode(hashlib.sha256(hashed).digest())
