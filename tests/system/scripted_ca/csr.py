"""What a CSR asks for."""
from cryptography import x509
from cryptography.x509.oid import NameOID

PERMANENT_IDENTIFIER = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.3")


def permanent_identifier(value):
    """PermanentIdentifier ::= SEQUENCE { identifierValue UTF8String OPTIONAL, ... } (RFC 4043 section 3)"""
    text = value.encode()
    return x509.OtherName(PERMANENT_IDENTIFIER, bytes([0x30, len(text) + 2, 0x0c, len(text)]) + text)


def names_in(csr):
    """subjectAltName's DNS names and addresses, or else the subject's common name, which is a device: text to GeneralName."""
    try:
        names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        devices = csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return {one.value: permanent_identifier(one.value) for one in devices}
    return {str(one.value): one for one in names if isinstance(one, (x509.DNSName, x509.IPAddress))}
