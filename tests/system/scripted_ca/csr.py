"""What a CSR asks for."""
from cryptography import x509


def names_in(csr):
    """subjectAltName's DNS names and addresses: text to GeneralName."""
    names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(one.value): one for one in names if isinstance(one, (x509.DNSName, x509.IPAddress))}
