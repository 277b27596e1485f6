"""Orders (RFC 8555 section 7.4), authorizations (section 7.5), and what they replace (RFC 9773 section 5). A part of Acme."""
import threading

from cryptography import x509

import jose
import validation
from answer import Answer
from csr import names_in
from problem import Problem, malformed
from records import Authorization, Certificate, Order


class Orders:
    def authorize(self, account, identifier):
        for one in self.records.authorizations.values():
            if one.account is account and one.identifier == identifier and one.status in ("valid", "pending") and not one.error:
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
        if self.gives_again:
            for one in self.records.orders.values():
                same = one.account is request.account and one.identifiers == identifiers and one.profile == profile
                if same and one.status in ("pending", "ready"):
                    return Answer(201, one.show(self.base), Location="%s/order/%d" % (self.base, one.number))
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
            if wrong and self.leaves_pending:
                one.challenge = "pending"
                return
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
