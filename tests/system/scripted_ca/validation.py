"""Looks whether a challenge is met; every name is 127.0.0.1 here."""
import http.client

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
