"""What the CA remembers, and how it looks in JSON (RFC 8555 section 7.1)."""
import datetime
import itertools
import secrets

from pki import now

ISSUER = "ca.test"  # this CA, in the DNS

def rfc3339(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(datetime.timezone.utc)


class Account:
    def __init__(self, number, jwk, thumbprint, contact):
        self.number, self.jwk, self.thumbprint, self.contact = number, jwk, thumbprint, contact
        self.status = "valid"

    def show(self, base):
        return {"status": self.status, "contact": self.contact, "orders": "%s/account/%d/orders" % (base, self.number)}


class Authorization:
    def __init__(self, number, account, identifier, kinds):
        self.number, self.account, self.identifier = number, account, identifier
        self.kinds = kinds  # of challenges: those on offer, then the one that is tried
        self.status = "pending"
        self.subdomains = False  # whether it is for all names below as well (RFC 9444 section 4.1)
        self.challenge = "pending"
        self.token = secrets.token_urlsafe(32)
        self.error = None
        self.expires = now() + datetime.timedelta(days=7)

    def show(self, base):
        shown = {"identifier": self.identifier, "status": self.status, "expires": rfc3339(self.expires)}
        if self.subdomains:
            shown["subdomainAuthAllowed"] = True
        return {**shown, "challenges": [self.show_challenge(base, kind) for kind in self.kinds]}

    def show_challenge(self, base, kind):
        shown = {"type": kind, "url": "%s/challenge/%d/%s" % (base, self.number, kind)}
        shown.update({"issuerDomainNames": [ISSUER]} if kind == "dns-persist-01" else {"token": self.token})
        return {**shown, "status": self.challenge, **({"error": self.error} if self.error else {})}


class Order:
    def __init__(self, number, account, identifiers, authorizations, profile, replaces, dates, renewal):
        self.number, self.account, self.identifiers, self.authorizations = number, account, identifiers, authorizations
        self.profile, self.replaces = profile, replaces
        self.dates = dates  # notBefore and notAfter, as they were asked for
        self.renewal = renewal  # star.AutoRenewal
        self.canceled = False
        self.csr = self.certificate = None
        self.expires = now() + datetime.timedelta(days=7)

    @property
    def status(self):
        if self.canceled:
            return "canceled"
        if self.certificate:
            return "valid"
        states = [one.status for one in self.authorizations]
        if "invalid" in states or "deactivated" in states:
            return "invalid"
        return "ready" if all(one == "valid" for one in states) else "pending"

    def show(self, base):
        shown = {
            "status": self.status,
            "expires": rfc3339(self.expires),
            "identifiers": self.identifiers,
            "authorizations": ["%s/authorization/%d" % (base, one.number) for one in self.authorizations],
            "finalize": "%s/finalize/%d" % (base, self.number),
            **self.dates,
        }
        if self.profile:
            shown["profile"] = self.profile
        if self.replaces:
            shown["replaces"] = self.replaces
        if self.renewal:
            shown["auto-renewal"] = self.renewal.asked
        if self.certificate and self.renewal:
            shown["star-certificate"] = "%s/star/%d" % (base, self.number)
        elif self.certificate:
            shown["certificate"] = "%s/certificate/%d" % (base, self.certificate.number)
        return shown


class Certificate:
    def __init__(self, number, account, names, x509, ari_id):
        self.number, self.account, self.names, self.x509, self.ari_id = number, account, names, x509, ari_id
        self.revoked = None
        self.star = False  # one of those that are renewed by themselves
        self.replaced_by = None  # the number of an order
        self.renewal = {}  # what management said: start, end, explanationURL, retryAfter; or raw

    @property
    def serial(self):
        return "%x" % self.x509.serial_number


class Records:
    def __init__(self):
        self.accounts, self.orders, self.authorizations, self.certificates = {}, {}, {}, {}
        self.requests = {}  # kind: how many
        self.numbers = itertools.count(1)

    def add(self, table, kind, *rest):
        number = next(self.numbers)
        table[number] = kind(number, *rest)
        return table[number]

    def account_of(self, thumbprint):
        return next((one for one in self.accounts.values() if one.thumbprint == thumbprint), None)

    def certificate_of(self, serial):
        return next((one for one in self.certificates.values() if one.x509.serial_number == serial), None)

    def certificate_by_ari(self, ari_id):
        return next((one for one in self.certificates.values() if one.ari_id == ari_id), None)
