"""Two roots over one intermediate that issues, and the certificate of the CA's own TLS."""
import datetime
import ipaddress
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256 = hashes.SHA256()


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def named(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def pem_of(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_usage(**used):
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{one: used.get(one, False) for one in every})


class Authority:
    """A key that issues, and its certificate."""

    def __init__(self, name, parent=None, key=None):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        signer = parent or self
        issuer = parent.certificate.subject if parent else named(name)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(issuer)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now() - datetime.timedelta(days=1))
            .not_valid_after(now() + datetime.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(key_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(signer.key, SHA256)
        )
        self.pem = pem_of(self.certificate)


class Hierarchy:
    def __init__(self):
        self.root = Authority("Scripted Root")
        self.other_root = Authority("Scripted Other Root")
        self.intermediate = Authority("Scripted Intermediate", self.root)
        self.cross = Authority("Scripted Intermediate", self.other_root, self.intermediate.key)

    def chains(self, certificate):
        """The default, and the alternate (RFC 8555 section 7.4.2)."""
        return [pem_of(certificate) + self.intermediate.pem, pem_of(certificate) + self.cross.pem]

    def issue(self, csr, names, validity, crl_url, scts_for, notBefore=None, notAfter=None):
        """`scts_for` gives the SCT list for the certificate without one, or nothing; `validity` is in seconds."""
        ours = self.intermediate
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(ours.certificate.subject)
            .public_key(csr.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(notBefore or now() - datetime.timedelta(seconds=60))
            .not_valid_after(notAfter or now() + datetime.timedelta(seconds=validity))
            .add_extension(x509.SubjectAlternativeName(names), critical=True)
            .add_extension(key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ours.key.public_key()), critical=False)
            .add_extension(
                x509.CRLDistributionPoints([x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)]),
                critical=False,
            )
        )
        # RFC 6962 section 3.1: the precertificate differs by the SCT list alone once its poison is out, so it need not be made.
        scts = scts_for(builder.sign(ours.key, SHA256), ours)
        if scts is not None:
            builder = builder.add_extension(scts, critical=False)
        return builder.sign(ours.key, SHA256)


def tls_context(folder):
    """A server of 127.0.0.1 and localhost; what its clients must trust is in tls-ca.pem."""
    ca = Authority("Scripted CA's TLS")
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(named("localhost"))
        .issuer_name(ca.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - datetime.timedelta(days=1))
        .not_valid_after(now() + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(ca.key, SHA256)
    )
    (folder / "tls-ca.pem").write_text(ca.pem)
    both = folder / "tls.pem"
    both.touch(mode=0o600)
    encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both.write_text(pem_of(certificate) + key.private_bytes(*encoding).decode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context
