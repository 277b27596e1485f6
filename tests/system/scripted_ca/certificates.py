"""What was issued: download with alternates (RFC 8555 section 7.4.2), revocation (section 7.6), renewal information (RFC 9773
section 4). A part of Acme."""
import datetime

from cryptography import x509

import jose
from answer import Answer
from ct import spki
from pki import now
from problem import Problem, malformed
from records import rfc3339


class Certificates:
    def certificate(self, request, number, chain="0"):
        one = self.own(self.records.certificates, number, request)
        chains = self.hierarchy.chains(one.x509)
        links = {}
        if chain == "0":
            links["Link"] = '<%s/certificate/%s/1>;rel="alternate"' % (self.base, number)
        return Answer(200, chains[int(chain)].encode(), "application/pem-certificate-chain", **links)

    def revokeCert(self, request):
        """Section 7.6: by the account, by one that is authorized for all its names, or by the certificate's own key."""
        try:
            asked = x509.load_der_x509_certificate(jose.decode(request.payload["certificate"]))
        except (KeyError, ValueError) as error:
            raise malformed("no certificate: %s" % error) from None
        one = self.records.certificate_of(asked.serial_number)
        if one is None or one.x509 != asked:
            raise Problem(404, "malformed", "not a certificate of ours")
        by_key = request.account is None and spki(jose.public_key(request.jwk)) == spki(asked.public_key())
        if not by_key and one.account is not request.account and not self.authorized(request.account, one.names):
            raise Problem(403, "unauthorized", "neither the account's certificate or names, nor the certificate's key")
        if one.star:  # RFC 8739 section 3.1.2
            raise Problem(403, "autoRenewalRevocationNotSupported", "cancel the order instead")
        reason = request.payload.get("reason", 0)
        if reason not in (0, 1, 2, 3, 4, 5, 6, 8, 9, 10):
            raise Problem(400, "badRevocationReason", "no such reason")
        if one.revoked is not None:
            raise Problem(400, "alreadyRevoked", "revoked before")
        self.revoke(one, reason)
        return Answer(200, b"")

    def authorized(self, account, names):
        own = (one for one in self.records.authorizations.values() if one.account is account and one.status == "valid")
        return account is not None and set(names) <= {one.identifier["value"] for one in own}

    def revoke(self, certificate, reason):
        certificate.revoked = reason
        self.revoked.revoke(certificate.x509.serial_number, reason)

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
