"""Failures as RFC 8555 section 6.7 has them."""


class Problem(Exception):
    def __init__(self, status, kind, detail, retry_after=None, help_url=None, **more):
        super().__init__(detail)
        self.status = status
        self.body = {"type": "urn:ietf:params:acme:error:" + kind, "detail": detail, "status": status, **more}
        self.headers = {}
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)
        if help_url:  # section 6.6
            self.headers["Link"] = '<%s>;rel="help"' % help_url


def malformed(detail):
    return Problem(400, "malformed", detail)
