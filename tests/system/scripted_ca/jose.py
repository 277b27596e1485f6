"""JWS as ACME uses it (RFC 7515, RFC 8555 section 6.2)."""
import base64
import hashlib
import hmac
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from problem import Problem, malformed

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES = {"P-256": ("ES256", ec.SECP256R1()), "P-384": ("ES384", ec.SECP384R1()), "P-521": ("ES512", ec.SECP521R1())}
MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}  # RFC 7638 section 3.2


def decode(text):
    if not isinstance(text, str) or "=" in text:
        raise malformed("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(text):
    return int.from_bytes(decode(text), "big")


def thumbprint(jwk):
    needed = {name: jwk[name] for name in MEMBERS[jwk["kty"]]}
    return encode(hashlib.sha256(json.dumps(needed, sort_keys=True, separators=(",", ":")).encode()).digest())


def public_key(jwk):
    if jwk["kty"] == "EC":
        return ec.EllipticCurvePublicNumbers(number(jwk["x"]), number(jwk["y"]), CURVES[jwk["crv"]][1]).public_key()
    if jwk["kty"] == "RSA":
        return rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key()
    return ed25519.Ed25519PublicKey.from_public_bytes(decode(jwk["x"]))


def check_signature(key, algorithm, signature, text):
    if isinstance(key, ec.EllipticCurvePublicKey):
        size = (key.curve.key_size + 7) // 8
        if len(signature) != 2 * size or algorithm not in (name for name, curve in CURVES.values() if curve.name == key.curve.name):
            raise InvalidSignature
        r, s = (int.from_bytes(half, "big") for half in (signature[:size], signature[size:]))
        key.verify(utils.encode_dss_signature(r, s), text, ec.ECDSA(HASHES[algorithm[2:]]))
    elif isinstance(key, rsa.RSAPublicKey):
        used = HASHES[algorithm[2:]]
        pkcs = padding.PKCS1v15() if algorithm.startswith("RS") else padding.PSS(padding.MGF1(used), used.digest_size)
        key.verify(signature, text, pkcs, used)
    elif algorithm == "EdDSA":
        key.verify(signature, text)
    else:
        raise InvalidSignature


class Jws:
    """Flattened JSON, read but not yet verified."""

    def __init__(self, value):
        try:
            parts = value["protected"], value["payload"]
            self.header = json.loads(decode(parts[0]))
            self.payload = decode(parts[1])
            self.signature = decode(value["signature"])
        except (KeyError, TypeError, ValueError) as error:
            raise malformed("not a flattened JWS: %s" % error) from None
        self.text = ".".join(parts).encode()

    def object(self):
        value = json.loads(self.payload or b"{}")
        if not isinstance(value, dict):
            raise malformed("the payload is no object")
        return value

    def verify(self, jwk):
        try:
            check_signature(public_key(jwk), self.header["alg"], self.signature, self.text)
        except (InvalidSignature, KeyError, ValueError):
            raise Problem(403, "unauthorized", "the signature is not of the account's key") from None

    def verify_mac(self, key):
        used = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}.get(self.header.get("alg"))
        if used is None or not hmac.compare_digest(hmac.new(key, self.text, used).digest(), self.signature):
            raise Problem(403, "unauthorized", "the external account binding is not of the MAC key")
