"""The CA's CRL, and the ways in which one can be bad."""
import datetime
import threading

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from pki import SHA256, Authority, now

REASONS = {  # RFC 5280 section 5.3.1
    0: x509.ReasonFlags.unspecified,
    1: x509.ReasonFlags.key_compromise,
    2: x509.ReasonFlags.ca_compromise,
    3: x509.ReasonFlags.affiliation_changed,
    4: x509.ReasonFlags.superseded,
    5: x509.ReasonFlags.cessation_of_operation,
    6: x509.ReasonFlags.certificate_hold,
    8: x509.ReasonFlags.remove_from_crl,
    9: x509.ReasonFlags.privilege_withdrawn,
    10: x509.ReasonFlags.aa_compromise,
}


class RevocationList:
    """`mode`: good, stale, stranger (the right name, another key), scope (for CA certificates only), garbage, error (HTTP 503),
    silent (the connection is closed)."""

    modes = ("good", "stale", "stranger", "scope", "garbage", "error", "silent")

    def __init__(self, hierarchy):
        self.issuer = hierarchy.intermediate
        self.stranger = Authority("Scripted Intermediate")
        self.mode = "good"
        self.revoked = {}  # serial: (time, reason)
        self.requests = {"full": 0, "unchanged": 0}
        self.lock = threading.Lock()
        self.published = None  # (what it was made of, DER)

    def revoke(self, serial, reason):
        with self.lock:
            self.revoked.setdefault(serial, (now(), reason))

    def der(self):
        with self.lock:
            made_of = (self.mode, len(self.revoked))
            if self.published is None or self.published[0] != made_of:
                self.published = (made_of, self.make())
            return self.published[1]

    def make(self):
        if self.mode == "garbage":
            return b"<html>not a CRL</html>"
        time = now() - datetime.timedelta(days=9 if self.mode == "stale" else 0)
        signer = self.stranger if self.mode == "stranger" else self.issuer
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.issuer.certificate.subject)
            .last_update(time)
            .next_update(time + datetime.timedelta(days=7))
            .add_extension(x509.CRLNumber(len(self.revoked) + 1), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
        )
        if self.mode == "scope":
            scope = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
            builder = builder.add_extension(scope, critical=True)
        for serial, (when, reason) in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
            if reason:  # "The reason code CRL entry extension SHOULD be absent instead of using the unspecified (0)"
                entry = entry.add_extension(x509.CRLReason(REASONS[reason]), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(signer.key, SHA256).public_bytes(serialization.Encoding.DER)
