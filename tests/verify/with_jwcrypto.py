#!/usr/bin/python3
"""Our JWS and thumbprints judged by jwcrypto, our CSRs by python3-cryptography, and jwcrypto's JWS by us.

    with_jwcrypto.py TEST_EMIT
"""

import ipaddress
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    from cryptography import x509
    from jwcrypto import jwk, jws
except ImportError as missing:
    print("SKIPPED:", missing)
    sys.exit(0)

KEYS = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "ES384": {"kty": "EC", "crv": "P-384"},
    "ES512": {"kty": "EC", "crv": "P-521"},
    "RS256": {"kty": "RSA", "size": 2048},
    "PS256": {"kty": "RSA", "size": 2048},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
}


def judge_jws(alg, key, text):
    judged = jws.JWS()
    judged.allowed_algs = [alg]
    judged.deserialize(text, key)
    return judged.payload


def judge_csr(alg, pem):
    request = x509.load_pem_x509_csr(pem)
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.critical and len(request.extensions) == 1 and len(request.subject) == 0
    assert names.value.get_values_for_type(x509.DNSName) == ["example.com", "*.example.com"]
    assert names.value.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("2001:db8::1")]
    if alg != "PS256":  # python3-cryptography 38 reads no PSS parameters; openssl judges those
        assert request.is_signature_valid


def main(emit):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([emit, "write", name], check=True)
        for alg, parameters in KEYS.items():
            key = jwk.JWK.from_json((folder / f"{alg}.jwk").read_text())
            ours = (folder / f"{alg}.jws").read_text()
            assert judge_jws(alg, key, ours) == b'{"termsOfServiceAgreed":true}', alg
            assert key.thumbprint() == (folder / f"{alg}.thumbprint").read_text(), alg
            try:
                judge_jws(alg, key, ours.replace('"payload":"e', '"payload":"f'))
                sys.exit(f"{alg}: jwcrypto takes anything")
            except jws.InvalidJWSSignature:
                pass
            judge_csr(alg, (folder / f"{alg}.csr").read_bytes())
            print(f"{alg}: our signature, thumbprint and request, their verification: good")

            key = jwk.JWK.generate(**parameters)
            theirs = jws.JWS(b"from jwcrypto")
            theirs.allowed_algs = [alg]
            theirs.add_signature(key, alg, json.dumps({"alg": alg}))
            flattened = dict(json.loads(theirs.serialize()), key=key.export_public(as_dict=True))
            (folder / f"{alg}.theirs").write_text(json.dumps(flattened))
        subprocess.run([emit, "check", name], check=True)


main(sys.argv[1])
