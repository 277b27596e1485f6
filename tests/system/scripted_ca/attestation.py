"""WebAuthn attestation objects as device-attest-01 has them (draft-ietf-acme-device-attest section 5): the signature is over the
key authorization. Of one format: "packed", by a key that the CA knows as the device's."""
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

import jose


def read_cbor(data, at=0):
    """One item (RFC 8949 section 3) of those kinds that stand in an attestation object, and where the next one begins."""
    major, size = data[at] >> 5, data[at] & 31
    at += 1
    if size > 25:
        raise ValueError("longer than what is needed here")
    if size > 23:
        octets = size - 23
        size = int.from_bytes(data[at:at + octets], "big")
        at += octets
    if major in (0, 1):
        return (size if major == 0 else -1 - size), at
    if major in (2, 3):
        if at + size > len(data):
            raise ValueError("cut off")
        item = data[at:at + size]
        return (item if major == 2 else item.decode()), at + size
    if major != 5:
        raise ValueError("neither a number, a string nor a map")
    items = {}
    for _ in range(size):
        key, at = read_cbor(data, at)
        items[key], at = read_cbor(data, at)
    return items, at


def wrong_with(encoded, device, key_authorization):
    """Nothing, or a kind of problem and what is wrong."""
    if device is None:
        return "unauthorized", "nobody knows this device"
    try:
        attested, _ = read_cbor(jose.decode(encoded))
        statement, data = attested["attStmt"], attested["authData"]
        if attested["fmt"] != "packed" or statement["alg"] != -7:
            return "badAttestationStatement", "neither packed nor by ES256"
        signed = data + hashlib.sha256(key_authorization.encode()).digest()
        jose.public_key(device).verify(statement["sig"], signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        return "badAttestationStatement", "not an attestation of this device's: %r" % error
    return None
