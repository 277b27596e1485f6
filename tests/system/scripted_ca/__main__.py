"""A CA that does as it is told: RFC 8555 over TLS, RFC 9773, SCTs of its own logs, CRLs, and faults on demand.

usage: scripted_ca FOLDER [OPTION...]     (python3 tests/system/scripted_ca)

Writes into FOLDER what a client must trust and know: tls-ca.pem (of its own TLS), root.pem and other-root.pem (of what it
issues), ct-logs.json. Prints one line when it listens: the URL of its directory, that of its CRLs, and that of its management
(management.py says what it can be told). Ends with standard input.
"""
import argparse
import pathlib
import sys
import threading

sys.dont_write_bytecode = True

from acme import Acme  # noqa: E402
from crl import RevocationList  # noqa: E402
from ct import Logs  # noqa: E402
from faults import Faults  # noqa: E402
from management import Management  # noqa: E402
from pki import Hierarchy, tls_context  # noqa: E402
from records import Records  # noqa: E402
from web import AcmeHandler, CrlHandler, ManagementHandler, serve  # noqa: E402

options = argparse.ArgumentParser(prog="scripted_ca", usage=__doc__.split("usage: ")[1].split("\n")[0])
options.add_argument("folder", type=pathlib.Path)
options.add_argument("--port", type=int, default=0, help="of ACME; 0: a free one, as for those below")
options.add_argument("--crl-port", type=int, default=0)
options.add_argument("--management-port", type=int, default=0)
options.add_argument("--http01-port", type=int, default=80, help="where http-01 answers are looked for, on 127.0.0.1")
options.add_argument("--validity", type=int, default=90 * 86400, help="of certificates, in seconds")
options.add_argument("--profile", action="append", default=[], metavar="NAME=SECONDS", help="one more, with its validity")
options.add_argument("--dns-persist", action="store_true", help="offer dns-persist-01, of draft 02")
options.add_argument("--eab", action="append", default=[], metavar="KID=BASE64URL", help="demand one of these (section 7.3.4)")
chosen = options.parse_args()

chosen.folder.mkdir(parents=True, exist_ok=True)
hierarchy = Hierarchy()
logs = Logs()
revoked = RevocationList(hierarchy)
crls, crl_url = serve(CrlHandler, chosen.crl_port, revoked)
records = Records()
faults = Faults()
profiles = {"default": chosen.validity, **{n: int(s) for n, s in (p.split("=") for p in chosen.profile)}}
eab = dict(pair.split("=", 1) for pair in chosen.eab)
ca = Acme(hierarchy, logs, revoked, records, faults, profiles, eab, chosen.http01_port, crl_url + "/1.crl")
ca.offers_dns_persist = chosen.dns_persist
context = tls_context(chosen.folder)
acme, ca.base = serve(AcmeHandler, chosen.port, ca, context)
management, management_url = serve(ManagementHandler, chosen.management_port, Management(ca))

(chosen.folder / "root.pem").write_text(hierarchy.root.pem)
(chosen.folder / "other-root.pem").write_text(hierarchy.other_root.pem)
(chosen.folder / "ct-logs.json").write_text(logs.list_for_browsers())
for server in (crls, acme, management):
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(ca.base + "/directory", crl_url + "/1.crl", management_url, flush=True)
sys.stdin.read()
