#!/usr/bin/python3
"""Our certification requests read by Python's cryptography, and its requests by us.   csr_with_cryptography.py TEST_VERIFY_CSR"""

import ipaddress
import pathlib
import subprocess
import sys
import tempfile

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError as missing:
    print("SKIPPED:", missing)
    sys.exit(0)

NAMES = [
    x509.DNSName("example.com"),
    x509.DNSName("*.example.com"),
    x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
    x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
    x509.RFC822Name("somebody@example.com"),
    x509.UniformResourceIdentifier("spiffe://example.com/one"),
]
FEATURE = x509.TLSFeature([x509.TLSFeatureType.status_request])
USAGE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Müller"),
        x509.NameAttribute(NameOID.COMMON_NAME, "example.com"),
    ]
)
EXTENSIONS = [(x509.SubjectAlternativeName(NAMES), False), (FEATURE, False), (USAGE, True)]
READ = """signature good
subject C=DE
subject O=Müller
subject CN=example.com
dns example.com
dns *.example.com
ip 192.0.2.1
ip 2001:db8::1
email somebody@example.com
uri spiffe://example.com/one
extension 2.5.29.17
extension 1.3.6.1.5.5.7.1.24
extension 2.5.29.37 critical
""".splitlines()


def judge_ours(folder, ours):
    subprocess.run([ours, "write", folder], check=True)
    for file in sorted(folder.glob("*.csr")):
        request = x509.load_pem_x509_csr(file.read_bytes())
        # this version knows no RSASSA-PSS in requests: the openssl program judges that one
        assert file.stem == "ps256" or request.is_signature_valid, file
        assert request.subject == SUBJECT, request.subject
        assert [(e.value, e.critical) for e in request.extensions] == EXTENSIONS, list(request.extensions)
        encoded = request.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        assert encoded == file.with_suffix(".pub").read_bytes(), file
        print(f"{file.stem}: our request, their reading: good")


def read_theirs(folder, ours):
    keys = {
        "p256": (ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()),
        "p384": (ec.generate_private_key(ec.SECP384R1()), hashes.SHA384()),
        "p521": (ec.generate_private_key(ec.SECP521R1()), hashes.SHA512()),
        "rsa2048": (rsa.generate_private_key(65537, 2048), hashes.SHA256()),
        "ed25519": (ed25519.Ed25519PrivateKey.generate(), None),
    }
    for kind, (key, digest) in keys.items():
        builder = x509.CertificateSigningRequestBuilder().subject_name(SUBJECT)
        for value, critical in EXTENSIONS:
            builder = builder.add_extension(value, critical)
        file = folder / "theirs.csr"
        file.write_bytes(builder.sign(key, digest).public_bytes(serialization.Encoding.PEM))
        said = subprocess.run([ours, "read", file], check=True, capture_output=True, text=True).stdout.splitlines()
        assert said.pop(1) == f"key {kind}", said
        assert said == READ, said
        print(f"{kind}: their request, our reading: good")


with tempfile.TemporaryDirectory() as scratch:
    judge_ours(pathlib.Path(scratch), sys.argv[1])
    read_theirs(pathlib.Path(scratch), sys.argv[1])
