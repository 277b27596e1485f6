"""Orders (RFC 8555 section 7.4), authorizations (section 7.5, and RFC 9444), and what they replace (RFC 9773 section 5). A part
of Acme."""
from cryptography import x509

import jose
from answer import Answer
from csr import names_in
from problem import Problem, malformed
from records import Authorization, Certificate, Order, time_of


class Orders:
    def authorize(self, account, identifier, subdomains=False):
        identifier = {key: identifier[key] for key in ("type", "value")}
        for one in self.records.authorizations.values():
            same = one.account is account and one.identifier == identifier and one.subdomains == subdomains
            if same and one.status in ("valid", "pending") and not one.error:
                return one
        made = self.records.add(self.records.authorizations, Authorization, account, identifier, self.kinds_for(identifier))
        made.subdomains = subdomains
        return made

    def authorize_in_order(self, account, identifier):
        """RFC 9444: an authorization of a domain above the name will do, where it is for such names, too."""
        for one in self.records.authorizations.values():
            below = identifier["value"].endswith("." + one.identifier["value"])
            if one.account is account and one.subdomains and one.status == "valid" and below:
                return one
        ancestor = identifier.get("ancestorDomain")
        if ancestor is not None:
            return self.authorize(account, {"type": "dns", "value": ancestor}, True)
        return self.authorize(account, identifier)

    def wrong_with(self, identifier):
        """The problem that it makes, or nothing."""
        if identifier.get("type") not in ("dns", "ip", "permanent-identifier") or not identifier.get("value"):
            return Problem(400, "unsupportedIdentifier", "not a name, an address or a device")
        if identifier["value"].startswith("*."):
            return Problem(400, "rejectedIdentifier", "wildcards need dns-01, which this CA does not have")
        if "ancestorDomain" in identifier and not identifier["value"].endswith("." + identifier["ancestorDomain"]):
            return malformed("ancestorDomain is not above the name")
        return None

    def check_identifiers(self, identifiers):
        """Of several problems each says whose it is (section 6.7.1)."""
        wrong = [(one, problem) for one in identifiers if (problem := self.wrong_with(one))]
        if len(wrong) == 1:
            raise wrong[0][1]
        if wrong:
            each = [{**problem.body, "identifier": {"type": one.get("type"), "value": one.get("value")}} for one, problem in wrong]
            raise Problem(400, "compound", "some identifiers cannot be ordered", subproblems=each)

    def newAuthz(self, request):
        identifier = request.payload.get("identifier", {})
        self.check_identifiers([identifier])
        one = self.authorize(request.account, identifier, identifier.get("subdomainAuthAllowed") is True)
        return Answer(201, one.show(self.base), Location="%s/authorization/%d" % (self.base, one.number))

    def newOrder(self, request):
        identifiers = request.payload.get("identifiers", [])
        if not identifiers:
            raise malformed("no identifiers")
        self.check_identifiers(identifiers)
        profile = request.payload.get("profile")
        if profile is not None and profile not in self.profiles:
            raise Problem(400, "invalidProfile", "no profile " + str(profile))
        replaces = request.payload.get("replaces")
        replaced = self.replaced_by(request.account, identifiers, replaces) if replaces else None
        renewal = self.auto_renewal(request.payload)
        dates = {name: request.payload[name] for name in ("notBefore", "notAfter") if name in request.payload}
        for date in dates.values():
            time_of(date)
        if self.gives_again:
            for one in self.records.orders.values():
                same = one.account is request.account and one.identifiers == identifiers and one.profile == profile
                if same and one.status in ("pending", "ready"):
                    return Answer(201, one.show(self.base), Location="%s/order/%d" % (self.base, one.number))
        found = [self.authorize_in_order(request.account, one) for one in identifiers]
        authorizations = list({one.number: one for one in found}.values())
        made = self.records.add(self.records.orders, Order, request.account, identifiers, authorizations, profile, replaces, dates,
                                renewal)
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
        one = self.own(self.records.orders, number, request)
        if request.payload.get("status") == "canceled":
            self.cancel(one)
        return Answer(200, one.show(self.base))

    def authorization(self, request, number):
        one = self.own(self.records.authorizations, number, request)
        if request.payload.get("status") == "deactivated":
            one.status = "deactivated"
        return Answer(200, one.show(self.base))

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
        order.csr = csr
        self.issue(order)
        return Answer(200, order.show(self.base), Location="%s/order/%d" % (self.base, order.number))

    def issue(self, order):
        """From the order's CSR, which may be the next of several times."""
        asked = names_in(order.csr)
        validity = self.profiles[order.profile or "default"]
        dates = order.renewal.dates() if order.renewal else {name: time_of(date) for name, date in order.dates.items()}
        made = self.hierarchy.issue(order.csr, list(asked.values()), validity, self.crl_url, self.logs.extension, **dates)
        akid = made.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        serial = made.serial_number.to_bytes(made.serial_number.bit_length() // 8 + 1, "big")  # RFC 9773 section 4.1
        ari_id = jose.encode(akid) + "." + jose.encode(serial)
        table = self.records.certificates
        order.certificate = self.records.add(table, Certificate, order.account, list(asked), made, ari_id)
        order.certificate.star = order.renewal is not None
