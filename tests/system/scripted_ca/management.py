"""What the CA can be told while it runs, as JSON by POST; GET / shows what it knows.

  /sct           {"next": "good" | "forged" | "unknown" | "none"}      of the next certificate
  /revoke        {"serial": HEX, "reason": NUMBER}
  /crl           {"mode": "good" | "stale" | ...}                      RevocationList.modes
  /renewal-info  {"serial": HEX, "start": RFC3339, "end": RFC3339, "explanationURL": URL, "retryAfter": SECONDS},
                 or "raw": TEXT, well-formed or not; without all of these what it says by itself
  /outage        {"kind": KIND, "count": N, "retryAfter": SECONDS}     503
  /rate-limit    {"kind": KIND, "count": N, "retryAfter": SECONDS, "url": URL}
  /lose          {"kind": KIND, "count": N}                            does the work and closes the connection
  /give-again    {"open": true | false}                                to who asks for an open order's names, that order
  /leave-pending {"failed": true | false}                              a challenge that has failed, with its error (step-ca)
  /set-txt       {"host": NAME, "value": TEXT}                         a TXT record in the DNS, as dns-persist-01 sees it
  /clear-txt     {"host": NAME}
  /device        {"identifier": VALUE, "jwk": JWK}                     the key of a device, for device-attest-01
  /reset         {}                                                    no fault any more

KIND is the first word of a URL's path ("newOrder", "finalize", "certificate", ...; of an account's list "orders"), or "any",
which is also what is meant without one. Without a count: until told otherwise; 0 ends it.
"""
ANY = "any"


class Management:
    def __init__(self, ca):
        self.ca = ca
        self.verbs = {
            "sct": self.sct,
            "revoke": self.revoke,
            "crl": self.crl,
            "renewal-info": self.renewal_info,
            "outage": lambda o: self.fault(self.ca.faults.outages, o, o.get("retryAfter")),
            "rate-limit": lambda o: self.fault(self.ca.faults.limits, o, o.get("retryAfter"), o.get("url")),
            "lose": lambda o: self.fault(self.ca.faults.lost, o),
            "give-again": self.give_again,
            "leave-pending": self.leave_pending,
            "set-txt": lambda o: self.ca.texts.update({o["host"].rstrip("."): o["value"]}),
            "clear-txt": lambda o: self.ca.texts.pop(o["host"].rstrip("."), None),
            "device": lambda o: self.ca.devices.update({o["identifier"]: o["jwk"]}),
            "reset": self.reset,
        }

    def tell(self, verb, told):
        with self.ca.lock:
            return self.verbs[verb](told) or {}

    def certificate(self, told):
        one = self.ca.records.certificate_of(int(told["serial"], 16))
        if one is None:
            raise ValueError("no certificate of serial " + told["serial"])
        return one

    def sct(self, told):
        if told["next"] not in ("good", "forged", "unknown", "none"):
            raise ValueError(told["next"])
        self.ca.logs.next = told["next"]

    def revoke(self, told):
        self.ca.revoke(self.certificate(told), told.get("reason", 0))

    def crl(self, told):
        if told["mode"] not in self.ca.revoked.modes:
            raise ValueError(told["mode"])
        self.ca.revoked.mode = told["mode"]

    def renewal_info(self, told):
        self.certificate(told).renewal = {name: value for name, value in told.items() if name != "serial"}

    def fault(self, table, told, *more):
        self.ca.faults.add(table, told.get("kind", ANY), told.get("count"), *more)

    def give_again(self, told):
        self.ca.gives_again = told["open"]

    def leave_pending(self, told):
        self.ca.leaves_pending = told["failed"]

    def reset(self, _):
        self.ca.gives_again = self.ca.leaves_pending = False
        self.ca.faults.reset()
        self.ca.revoked.mode = "good"
        self.ca.logs.next = "good"

    def state(self):
        records = self.ca.records
        with self.ca.lock:
            return {
                "requests": dict(records.requests),
                "crl_requests": dict(self.ca.revoked.requests),
                "accounts": [{"number": one.number, "status": one.status} for one in records.accounts.values()],
                "orders": [one.show(self.ca.base) for one in records.orders.values()],
                "certificates": [
                    {"serial": one.serial, "names": one.names, "revoked": one.revoked, "replaced_by": one.replaced_by}
                    for one in records.certificates.values()
                ],
            }
