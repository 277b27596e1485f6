#!/usr/bin/python3
"""Our JWS, keys and thumbprints judged by jwcrypto, our CSRs by python3-cryptography, and jwcrypto's JWS and keys by us.

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


PAYLOAD = b'{"termsOfServiceAgreed":true}'


def judge_jws(alg, key, text, detached=None):
    judged = jws.JWS()
    judged.allowed_algs = [alg]
    judged.deserialize(text)
    if detached is not None:
        judged.objects["payload"] = detached
    judged.verify(key)
    return judged.payload


def judge_forms(alg, folder, key, key_of_set):
    read = lambda extension: (folder / f"{alg}.{extension}").read_text()
    assert judge_jws(alg, key, read("jws")) == PAYLOAD, alg
    assert judge_jws(alg, key_of_set, read("compact")) == PAYLOAD, alg
    for form in "flattened-detached", "compact-detached":
        judge_jws(alg, key, read(form), PAYLOAD)
    tampered = read("jws").replace('"payload":"e', '"payload":"f')
    for text, detached in (tampered, None), (read("compact-detached"), b"something else"):
        try:
            judge_jws(alg, key, text, detached)
            sys.exit(f"{alg}: jwcrypto takes anything")
        except jws.InvalidJWSSignature:
            pass


def sign_forms(alg, folder, key):
    theirs = jws.JWS(b"from jwcrypto")
    theirs.allowed_algs = [alg]
    theirs.add_signature(key, alg, json.dumps({"alg": alg}))
    write = lambda form, text: (folder / f"{alg}.{form}.theirs").write_text(text)
    write("flattened", theirs.serialize())
    write("compact", theirs.serialize(compact=True))
    theirs.detach_payload()
    write("flattened-detached", theirs.serialize())
    write("compact-detached", theirs.serialize(compact=True))


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
        ours = jwk.JWKSet.from_json((folder / "keys.jwks").read_text())
        theirs = jwk.JWKSet()
        (folder / "payload.theirs").write_text("from jwcrypto")
        for alg, parameters in KEYS.items():
            key = jwk.JWK.from_json((folder / f"{alg}.jwk").read_text())
            judge_forms(alg, folder, key, ours.get_key(alg))
            assert key.thumbprint() == (folder / f"{alg}.thumbprint").read_text(), alg
            judge_csr(alg, (folder / f"{alg}.csr").read_bytes())
            print(f"{alg}: our signatures, keys, thumbprint and request, their verification: good")

            key = jwk.JWK.generate(kid=alg, alg=alg, use="sig", **parameters)
            sign_forms(alg, folder, key)
            theirs.add(key)
        (folder / "keys.jwks.theirs").write_text(theirs.export(private_keys=False))
        subprocess.run([emit, "check", name], check=True)


main(sys.argv[1])
