#!/usr/bin/python3
"""Our JWS, keys and thumbprints judged by josepy, certbot's JOSE, and josepy's JWS and keys by us.

    with_josepy.py TEST_EMIT
"""

import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import josepy
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
except ImportError as missing:
    print("SKIPPED:", missing)
    sys.exit(0)

# Not PS256: josepy salts with as many octets as fit. RFC 7518 section 3.5: "The size of the salt value is the same size as the
# hash function output."
KEYS = {
    "ES256": (josepy.ES256, lambda: josepy.JWKEC(key=ec.generate_private_key(ec.SECP256R1()))),
    "ES384": (josepy.ES384, lambda: josepy.JWKEC(key=ec.generate_private_key(ec.SECP384R1()))),
    "ES512": (josepy.ES512, lambda: josepy.JWKEC(key=ec.generate_private_key(ec.SECP521R1()))),
    "RS256": (josepy.RS256, lambda: josepy.JWKRSA(key=rsa.generate_private_key(65537, 2048))),
}


def main(emit):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([emit, "write", name], check=True)
        (folder / "payload.theirs").write_text("from josepy")
        for alg, (algorithm, generate) in KEYS.items():
            ours = (folder / f"{alg}.jws").read_text()
            judged = josepy.JWS.json_loads(ours)
            assert judged.verify(), alg  # by the key in its own header
            assert judged.payload == b'{"termsOfServiceAgreed":true}', alg
            thumbprint = josepy.b64encode(judged.signature.combined.jwk.thumbprint()).decode()
            assert thumbprint == (folder / f"{alg}.thumbprint").read_text(), alg
            tampered = ours.replace('"payload":"e', '"payload":"f')
            assert not josepy.JWS.json_loads(tampered).verify(), f"{alg}: josepy takes anything"
            compact = josepy.JWS.from_compact((folder / f"{alg}.compact").read_bytes())
            assert compact.verify(josepy.JWK.from_json(json.loads((folder / f"{alg}.jwk").read_text()))), alg
            assert compact.payload == judged.payload, alg
            print(f"{alg}: our signatures, key and thumbprint, their verification: good")

            key = generate()  # it knows no detached payload
            signed = josepy.JWS.sign(b"from josepy", key=key, alg=algorithm, protect={"alg"})
            (folder / f"{alg}.flattened.theirs").write_text(signed.json_dumps())
            signed = josepy.JWS.sign(b"from josepy", key=key, alg=algorithm, protect={"alg", "jwk"})
            (folder / f"{alg}.compact.theirs").write_bytes(signed.to_compact())
            (folder / f"{alg}.jwk.theirs").write_text(key.public_key().json_dumps())
        subprocess.run([emit, "check", name], check=True)


main(sys.argv[1])
