"""Accounts (RFC 8555 section 7.3). A part of Acme."""
import json

import jose
from answer import Answer
from problem import Problem, malformed
from records import Account


class Accounts:
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

    def orders(self, request, number, page="0"):
        """Three on a page (section 7.1.2.1)."""
        if str(request.account.number) != number:
            raise Problem(403, "unauthorized", "another's account")
        own = [one for one in self.records.orders.values() if one.account is request.account and one.status != "invalid"]
        begin, end = 3 * int(page), 3 * int(page) + 3
        more = {"Link": '<%s/account/%s/orders/%d>;rel="next"' % (self.base, number, int(page) + 1)} if own[end:] else {}
        return Answer(200, {"orders": ["%s/order/%d" % (self.base, one.number) for one in own[begin:end]]}, **more)

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
