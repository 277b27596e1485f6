"""CT logs for tests: two that are in the list, and one that nobody knows (RFC 6962)."""
import base64
import hashlib
import json
import struct
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")  # section 3.3


def spki(public_key):
    return public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def octet_string(data):
    """DER."""
    size = len(data)
    length = bytes([size]) if size < 128 else b"\x81" + bytes([size]) if size < 256 else b"\x82" + struct.pack(">H", size)
    return b"\x04" + length + data


class Log:
    def __init__(self, description):
        self.description = description
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.spki = spki(self.key.public_key())
        self.id = hashlib.sha256(self.spki).digest()

    def sct(self, tbs, issuer_key_hash):
        """Section 3.2: "digitally-signed struct" over a PreCert; then the SCT itself."""
        timestamp = struct.pack(">Q", int(time.time() * 1000))
        v1 = certificate_timestamp = b"\x00"
        precert_entry = b"\x00\x01"
        pre_cert = issuer_key_hash + len(tbs).to_bytes(3, "big") + tbs
        no_extensions = b"\x00\x00"
        text = v1 + certificate_timestamp + timestamp + precert_entry + pre_cert + no_extensions
        signature = self.key.sign(text, ec.ECDSA(hashes.SHA256()))
        sha256_ecdsa = b"\x04\x03"  # RFC 5246 section 7.4.1.4.1
        return v1 + self.id + timestamp + no_extensions + sha256_ecdsa + struct.pack(">H", len(signature)) + signature

    def entry(self, **state):
        return {
            "description": self.description,
            "log_id": base64.b64encode(self.id).decode(),
            "key": base64.b64encode(self.spki).decode(),
            "url": "https://log.test/",
            "mmd": 86400,
            "state": state or {"usable": {"timestamp": "2024-01-01T00:00:00Z"}},
            "temporal_interval": {"start_inclusive": "2024-01-01T00:00:00Z", "end_exclusive": "2124-01-01T00:00:00Z"},
        }


class Logs:
    def __init__(self):
        self.known = [Log("Scripted log 1"), Log("Scripted log 2")]
        self.stranger = Log("nobody's")
        self.next = "good"  # of the next certificate: good, forged, unknown, none

    def extension(self, certificate, issuer):
        """What goes into the certificate that is `certificate` but for this."""
        fault, self.next = self.next, "good"
        if fault == "none":
            return None
        issuer_key_hash = hashlib.sha256(spki(issuer.key.public_key())).digest()
        tbs = certificate.tbs_certificate_bytes
        first, second = self.known
        scts = [first.sct(tbs, issuer_key_hash)]
        if fault == "forged":  # the signature of another certificate
            scts.append(second.sct(tbs[:-1] + bytes([tbs[-1] ^ 1]), issuer_key_hash))
        else:
            scts.append((self.stranger if fault == "unknown" else second).sct(tbs, issuer_key_hash))
        listed = b"".join(struct.pack(">H", len(one)) + one for one in scts)
        return x509.UnrecognizedExtension(SCT_LIST, octet_string(struct.pack(">H", len(listed)) + listed))

    def list_for_browsers(self):
        """JSON, version 3; the second is a static-ct log."""
        first, second = self.known
        operators = [
            {"name": "One", "email": [], "logs": [first.entry()], "tiled_logs": []},
            {"name": "Two", "email": [], "logs": [], "tiled_logs": [second.entry()]},
        ]
        return json.dumps({"version": "1.0", "log_list_timestamp": "2024-01-01T00:00:00Z", "operators": operators}, indent=1)
