"""RFC 8555 and RFC 9773: what each request does. One method a kind of request, named as the directory has it."""
import datetime
import json
import secrets
import threading

from cryptography import x509
from cryptography.hazmat.primitives import serialization

import jose
import validation
from ct import spki
from csr import names_in
from pki import now
from problem import Problem, malformed
from records import Account, Authorization, Certificate, Order, rfc3339


class Answer:
    def __init__(self, status, value, content_type="application/json", **headers):
        self.status, self.content_type, self.headers = status, content_type, headers
        self.body = value if isinstance(value, bytes) else json.dumps(value).encode()


class Request:
    """A verified POST."""

    def __init__(self, jws, account, jwk):
        self.jws, self.account, self.jwk = jws, account, jwk
        self.payload = jws.object()


class Acme:
    base = None  # https://HOST:PORT, once it is known

    def __init__(self, hierarchy, logs, revoked, records, faults, profiles, eab, http01_port, crl_url):
        self.hierarchy, self.logs, self.revoked, self.records, self.faults = hierarchy, logs, revoked, records, faults
        self.profiles, self.eab, self.http01_port, self.crl_url = profiles, eab, http01_port, crl_url
        self.lock = threading.RLock()
        self.nonces = set()

    # Without a signature.

    def directory(self):
        kinds = ("newNonce", "newAccount", "newOrder", "newAuthz", "revokeCert", "keyChange", "renewalInfo")
        meta = {"profiles": {name: "valid for %d s" % time for name, time in self.profiles.items()}}
        meta.update({"termsOfService": self.base + "/terms", "externalAccountRequired": bool(self.eab)})
        return Answer(200, {**{kind: self.base + "/" + kind for kind in kinds}, "meta": meta})

    def nonce(self):
        made = secrets.token_urlsafe(16)
        with self.lock:
            self.nonces.add(made)
        return made

    def renewalInfo(self, ari_id):
        with self.lock:
            one = self.records.certificate_by_ari(ari_id)
        if one is None:
            raise Problem(404, "malformed", "no such certificate")
        told = one.renewal
        if "raw" in told:
            return Answer(200, told["raw"].encode())
        end = one.x509.not_valid_after.replace(tzinfo=datetime.timezone.utc)
        start = one.x509.not_valid_before.replace(tzinfo=datetime.timezone.utc)
        window = {"start": rfc3339(start + (end - start) * 2 / 3), "end": rfc3339(start + (end - start) * 3 / 4)}
        if one.revoked is not None:  # RFC 9773 section 4.2: a window in the past
            window = {"start": rfc3339(now() - datetime.timedelta(hours=2)), "end": rfc3339(now() - datetime.timedelta(hours=1))}
        window.update({key: told[key] for key in ("start", "end") if key in told})
        value = {"suggestedWindow": window}
        if "explanationURL" in told:
            value["explanationURL"] = told["explanationURL"]
        return Answer(200, value, **{"Retry-After": str(told.get("retryAfter", 21600))})

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

    # Accounts (section 7.3).

    def newAccount(self, request):
        thumbprint = jose.thumbprint(request.jwk)
        found = self.records.account_of(thumbprint)
        if found is None:
            if request.payload.get("onlyReturnExisting"):
                raise Problem(400, "accountDoesNotExist", "no account has this key")
            if self.eab:
                self.check_binding(request)
            contact = request.payload.get("contact", [])
            made = self.records.add(self.records.accounts, Account, request.jwk, thumbprint, contact)
            return Answer(201, made.show(self.base), Location="%s/account/%d" % (self.base, made.number))
        if found.status != "valid":
            raise Problem(403, "unauthorized", "the account is " + found.status)
        return Answer(200, found.show(self.base), Location="%s/account/%d" % (self.base, found.number))

    def check_binding(self, request):
        """Section 7.3.4."""
        if "externalAccountBinding" not in request.payload:
            raise Problem(403, "externalAccountRequired", "an external account must be bound")
        inner = jose.Jws(request.payload["externalAccountBinding"])
        key = self.eab.get(inner.header.get("kid"))
        if key is None:
            raise Problem(403, "unauthorized", "no external account has this kid")
        inner.verify_mac(jose.decode(key))
        if inner.header.get("url") != request.jws.header["url"] or json.loads(inner.payload) != request.jwk:
            raise malformed("the binding is not for this request and key")

    def account(self, request, number):
        if str(request.account.number) != number:
            raise Problem(403, "unauthorized", "another's account")
        if "contact" in request.payload:
            request.account.contact = request.payload["contact"]
        if request.payload.get("status") == "deactivated":
            request.account.status = "deactivated"
        return Answer(200, request.account.show(self.base))

    def orders(self, request, number):
        if str(request.account.number) != number:
            raise Problem(403, "unauthorized", "another's account")
        own = [one for one in self.records.orders.values() if one.account is request.account and one.status != "invalid"]
        return Answer(200, {"orders": ["%s/order/%d" % (self.base, one.number) for one in own]})

    def keyChange(self, request):
        """Section 7.3.5."""
        inner = jose.Jws(request.payload)
        new = inner.header.get("jwk")
        if not isinstance(new, dict):
            raise malformed("the inner JWS has no jwk")
        inner.verify(new)
        value = inner.object()
        if inner.header.get("url") != request.jws.header["url"] or "nonce" in inner.header:
            raise malformed("the inner header is not that of the outer")
        if value.get("account") != request.jws.header["kid"] or value.get("oldKey") != request.account.jwk:
            raise malformed("account or oldKey is not that of the outer")
        other = self.records.account_of(jose.thumbprint(new))
        if other is not None:
            location = "%s/account/%d" % (self.base, other.number)
            refused = Problem(409, "malformed", "an account has this key")
            refused.headers["Location"] = location
            raise refused
        request.account.jwk, request.account.thumbprint = new, jose.thumbprint(new)
        return Answer(200, request.account.show(self.base))

    # Orders (section 7.4) and authorizations (section 7.5).

    def authorize(self, account, identifier):
        for one in self.records.authorizations.values():
            if one.account is account and one.identifier == identifier and one.status in ("valid", "pending"):
                return one
        return self.records.add(self.records.authorizations, Authorization, account, identifier)

    def check_identifier(self, identifier):
        if identifier.get("type") not in ("dns", "ip") or not identifier.get("value"):
            raise Problem(400, "unsupportedIdentifier", "not a name or an address")
        if identifier["value"].startswith("*."):
            raise Problem(400, "rejectedIdentifier", "wildcards need dns-01, which this CA does not have")

    def newAuthz(self, request):
        identifier = request.payload.get("identifier", {})
        self.check_identifier(identifier)
        one = self.authorize(request.account, identifier)
        return Answer(201, one.show(self.base), Location="%s/authorization/%d" % (self.base, one.number))

    def newOrder(self, request):
        identifiers = request.payload.get("identifiers", [])
        if not identifiers:
            raise malformed("no identifiers")
        for one in identifiers:
            self.check_identifier(one)
        profile = request.payload.get("profile")
        if profile is not None and profile not in self.profiles:
            raise Problem(400, "invalidProfile", "no profile " + str(profile))
        replaces = request.payload.get("replaces")
        replaced = self.replaced_by(request.account, identifiers, replaces) if replaces else None
        authorizations = [self.authorize(request.account, one) for one in identifiers]
        made = self.records.add(self.records.orders, Order, request.account, identifiers, authorizations, profile, replaces)
        if replaced:
            replaced.replaced_by = made.number
        return Answer(201, made.show(self.base), Location="%s/order/%d" % (self.base, made.number))

    def replaced_by(self, account, identifiers, ari_id):
        """RFC 9773 section 5."""
        one = self.records.certificate_by_ari(ari_id)
        if one is None or one.account is not account or not set(one.names) & {i["value"] for i in identifiers}:
            raise malformed("replaces: no such certificate of this account's with one of these names")
        order = self.records.orders.get(one.replaced_by)
        if order is not None and order.status != "invalid":
            raise Problem(409, "alreadyReplaced", "an order replaces it already")
        return one

    def order(self, request, number):
        return Answer(200, self.own(self.records.orders, number, request).show(self.base))

    def authorization(self, request, number):
        one = self.own(self.records.authorizations, number, request)
        if request.payload.get("status") == "deactivated":
            one.status = "deactivated"
        return Answer(200, one.show(self.base))

    def challenge(self, request, number):
        one = self.own(self.records.authorizations, number, request)
        if one.status == "pending" and one.challenge == "pending" and request.jws.payload:
            one.challenge = "processing"
            key_authorization = one.token + "." + request.account.thumbprint
            threading.Thread(target=self.validate, args=(one, key_authorization), daemon=True).start()
        up = '<%s/authorization/%d>;rel="up"' % (self.base, one.number)
        return Answer(200, one.show_challenge(self.base), Link=up)

    def validate(self, one, key_authorization):
        wrong = validation.http01(self.http01_port, one.identifier, one.token, key_authorization)
        with self.lock:
            if wrong:
                one.error = Problem(403, *wrong).body
            one.challenge = one.status = "invalid" if wrong else "valid"

    def finalize(self, request, number):
        order = self.own(self.records.orders, number, request)
        if order.status != "ready":
            raise Problem(403, "orderNotReady", "the order is " + order.status)
        try:
            csr = x509.load_der_x509_csr(jose.decode(request.payload["csr"]))
            asked = names_in(csr)
        except (KeyError, ValueError, x509.ExtensionNotFound) as error:
            raise Problem(400, "badCSR", str(error)) from None
        if not csr.is_signature_valid or set(asked) != {one["value"] for one in order.identifiers}:
            raise Problem(400, "badCSR", "signed wrongly, or for other names than the order's")
        validity = self.profiles[order.profile or "default"]
        made = self.hierarchy.issue(csr, list(asked.values()), validity, self.crl_url, self.logs.extension)
        akid = made.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        serial = made.serial_number.to_bytes(made.serial_number.bit_length() // 8 + 1, "big")  # RFC 9773 section 4.1
        ari_id = jose.encode(akid) + "." + jose.encode(serial)
        table = self.records.certificates
        order.certificate = self.records.add(table, Certificate, request.account, list(asked), made, ari_id)
        return Answer(200, order.show(self.base), Location="%s/order/%d" % (self.base, order.number))

    def certificate(self, request, number, chain="0"):
        one = self.own(self.records.certificates, number, request)
        chains = self.hierarchy.chains(one.x509)
        links = {}
        if chain == "0":
            links["Link"] = '<%s/certificate/%s/1>;rel="alternate"' % (self.base, number)
        return Answer(200, chains[int(chain)].encode(), "application/pem-certificate-chain", **links)

    def revokeCert(self, request):
        """Section 7.6: by the account, or by the certificate's own key."""
        try:
            asked = x509.load_der_x509_certificate(jose.decode(request.payload["certificate"]))
        except (KeyError, ValueError) as error:
            raise malformed("no certificate: %s" % error) from None
        one = self.records.certificate_of(asked.serial_number)
        if one is None or one.x509 != asked:
            raise Problem(404, "malformed", "not a certificate of ours")
        by_key = request.account is None and spki(jose.public_key(request.jwk)) == spki(asked.public_key())
        if not by_key and one.account is not request.account:
            raise Problem(403, "unauthorized", "neither the account's certificate nor the certificate's key")
        reason = request.payload.get("reason", 0)
        if reason not in (0, 1, 2, 3, 4, 5, 6, 8, 9, 10):
            raise Problem(400, "badRevocationReason", "no such reason")
        if one.revoked is not None:
            raise Problem(400, "alreadyRevoked", "revoked before")
        self.revoke(one, reason)
        return Answer(200, b"")

    def revoke(self, certificate, reason):
        certificate.revoked = reason
        self.revoked.revoke(certificate.x509.serial_number, reason)
