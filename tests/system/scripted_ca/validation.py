"""Looks whether a challenge is met; every name is 127.0.0.1 here, and TXT records are those that management has set."""
import http.client
import time

LIMIT = 4096


def http01(port, identifier, token, key_authorization):
    """Nothing where the answer is right (RFC 8555 section 8.3), else what is wrong with it."""
    path = "/.well-known/acme-challenge/" + token
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": identifier["value"], "Connection": "close"})
        answer = connection.getresponse()
        body = answer.read(LIMIT)
    except (OSError, http.client.HTTPException) as error:
        return "connection", "http://%s:%d%s: %s" % (identifier["value"], port, path, error)
    finally:
        connection.close()
    if answer.status != 200:
        return "unauthorized", "http://%s:%d%s: HTTP status %d" % (identifier["value"], port, path, answer.status)
    if body.rstrip() != key_authorization.encode():
        return "unauthorized", "http://%s:%d%s: not the key authorization" % (identifier["value"], port, path)
    return None


def dns_persist01(text, issuer, account_uris):
    """Nothing where the record lets this account, else what is wrong with it (draft-ietf-acme-dns-persist-02 section 4.1)."""
    named, *parameters = (part.strip() for part in text.split(";"))
    values = dict(one.split("=", 1) for one in parameters if "=" in one)
    if named != issuer:
        return "unauthorized", "no record of this CA's: " + repr(text)
    if values.get("accounturi") not in account_uris:
        return "unauthorized", "the record is for another account: " + repr(text)
    if int(values.get("persistUntil", time.time())) < int(time.time()):
        return "unauthorized", "the record is of the past: " + repr(text)
    return None
