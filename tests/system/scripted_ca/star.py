"""Orders that are renewed by themselves (RFC 8739). A part of Acme."""
import datetime

from answer import Answer
from pki import now
from problem import Problem, malformed
from records import time_of

LIMITS = {"min-lifetime": 1, "max-duration": 366 * 86400, "allow-certificate-get": True}


class AutoRenewal:
    """The "auto-renewal" of an order (section 3.1.1)."""

    def __init__(self, asked):
        self.start = time_of(asked["start-date"]) if "start-date" in asked else now()
        self.end = time_of(asked["end-date"])
        self.lifetime = datetime.timedelta(seconds=asked["lifetime"])
        self.get = asked.get("allow-certificate-get", False) is True
        self.asked = asked
        longest = datetime.timedelta(seconds=LIMITS["max-duration"])
        if asked["lifetime"] < LIMITS["min-lifetime"] or self.end - self.start > longest:
            raise malformed("auto-renewal: shorter or longer than what the directory allows")

    def dates(self):
        """Of a certificate that is issued now."""
        return {"notBefore": now(), "notAfter": min(now() + self.lifetime, self.end)}

    def due(self, current):
        """Section 3.3: the next is there "at the latest halfway through the lifetime of the currently active certificate"."""
        return now() >= current.not_valid_before.replace(tzinfo=datetime.timezone.utc) + self.lifetime / 2


class Star:
    def auto_renewal(self, payload):
        if "auto-renewal" not in payload:
            return None
        if "notBefore" in payload or "notAfter" in payload:
            raise malformed("notBefore and notAfter are not for an order that is renewed by itself")
        return AutoRenewal(payload["auto-renewal"])

    def cancel(self, order):
        """Section 3.1.2."""
        if order.renewal is None or order.status != "valid":
            raise Problem(400, "autoRenewalCancellationInvalid", "the order is not one that is being renewed")
        order.canceled = True

    def star_certificate(self, order):
        if order.canceled:
            raise Problem(403, "autoRenewalCanceled", "the order is canceled")
        if now() >= order.renewal.end:
            raise Problem(403, "autoRenewalExpired", "the order's end-date has passed")
        if order.renewal.due(order.certificate.x509):
            self.issue(order)
        current = order.certificate.x509
        dates = {name: '"%s"' % when.strftime("%a, %d %b %Y %H:%M:%S GMT") for name, when in
                 (("Cert-Not-Before", current.not_valid_before), ("Cert-Not-After", current.not_valid_after))}
        return Answer(200, self.hierarchy.chains(current)[0].encode(), "application/pem-certificate-chain", **dates)

    def star(self, request, number):
        return self.star_certificate(self.own(self.records.orders, number, request))

    def get_star(self, number):
        """Section 3.4: without a signature, where the order was made so."""
        with self.lock:
            order = self.records.orders.get(int(number)) if number.isdigit() else None
            if order is None or order.renewal is None or not order.renewal.get:
                raise Problem(405, "malformed", "nothing to GET here")
            return self.star_certificate(order)
