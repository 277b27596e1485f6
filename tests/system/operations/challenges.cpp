// Challenges of every type, each for a certificate.
#include "sealring/jose/jwk.hpp"
#include "system/operations/operations.hpp"
#include "system/operations/tls_alpn_solver.hpp"

namespace sealring::test {

namespace {

/// A certificate for that name or address, by a challenge of that type.
template <class Solver>
void prove(client& ca, std::string_view name, std::string_view type, Solver& solver) {
  const auto names = names_of({name});
  const auto o = ca.new_order(names).value();
  demand(ca.get_authorization(o.authorizations.front()).value().status == "pending", "proved before");
  ca.authorize(o, solver).value();
  const auto a = ca.get_authorization(o.authorizations.front()).value();
  demand(a.status == "valid" && a.challenges.size() == 1 && a.challenges.front().type == type, "not by that challenge");
  demand(to_json(a) == a.source, "the authorization is not written back as it was sent");
  const auto key = fresh_key();
  const auto finished = ca.finalize(o, x509::make_csr(key, names).value()).value();
  demand(ca.download(finished, key.public_key()).value().chain.front().names() == names, "for other names");
}

/// The attestation of a device that has a key and nothing else: "packed" (WebAuthn section 8.2), without certificates.
struct device {
  software_key<es256> key = fresh_key();
  std::string payload{};

  const acme::challenge* choose(const acme::authorization& a) const { return a.find(acme::device_attest01); }
  result<void> present(const identifier&, const acme::challenge&, const std::string& key_authorization) {
    bytes data(37);  // of authenticators, which this is none
    bytes signed_data = data;
    const auto digest = hash<sha256>(as_bytes(key_authorization)).value();
    signed_data.insert(signed_data.end(), digest.view().begin(), digest.view().end());
    const bytes signature = ecdsa_to_der(sign_bytes(key, signed_data).value()).value();
    // CBOR (RFC 8949 section 3): {"fmt": "packed", "attStmt": {"alg": -7, "sig": signature}, "authData": data}
    bytes object;
    const auto append = [&object](std::string_view text) { object.insert(object.end(), text.begin(), text.end()); };
    const auto append_bytes = [&object](bytes_view octets) {
      object.insert(object.end(), {0x58, static_cast<std::uint8_t>(octets.size())});
      object.insert(object.end(), octets.begin(), octets.end());
    };
    append(
        "\xa3\x63"
        "fmt\x66packed\x67"
        "attStmt\xa2\x63"
        "alg\x26\x63sig");
    append_bytes(signature);
    append(
        "\x68"
        "authData");
    append_bytes(data);
    payload = acme::device_attest_payload(object);
    return {};
  }
  result<void> look(const identifier&, const acme::challenge&, const std::string&) const { return {}; }
  std::string response(const identifier&, const acme::challenge&) const { return payload; }
  void clean_up(const identifier&, const acme::challenge&) const noexcept {}
};
static_assert(acme::challenge_solver<device>);

}  // namespace

/// Sections 7.1.5, 8, 8.1 and 8.4; draft-ietf-acme-dns-account-label section 3.1; draft-ietf-acme-dns-persist-01 section 4.
void dns_challenges(client& ca, const std::string& account_url) {
  const auto thumbprint = jose::thumbprint(public_key_of_signer(ca.account_key())).value();
  txt_solver dns01{.type = acme::dns01, .account_url = account_url};
  prove(ca, "recorded.test", acme::dns01, dns01);
  done("dns-01");

  txt_solver of_account{.type = acme::dns_account01, .account_url = account_url};
  prove(ca, "labelled.test", acme::dns_account01, of_account);
  demand(of_account.shown.ends_with("._acme-challenge.labelled.test"), "not by dns-account-01");
  done("dns-account-01");

  txt_solver persistent{
      .type = acme::dns_persist01, .account_url = account_url, .thumbprint = thumbprint, .directory = ca.directory()};
  demand(acme::draft_of(ca.directory()) == acme::dns_persist_draft::v01, "another draft");
  prove(ca, "*.kept.test", acme::dns_persist01, persistent);
  demand(persistent.shown == "_validation-persist.kept.test", "not by dns-persist-01");
  done("dns-persist-01 of draft 01, with a wildcard");
}

/// Sections 8.1 and 8.3; RFC 8737 section 3; RFC 8738 sections 3, 4 and 6.
void addresses_and_servers(client& ca) {
  web_root_solver http01;
  prove(ca, "web.test", acme::http01, http01);
  done("http-01");
  prove(ca, "127.0.0.1", acme::http01, http01);
  done("http-01, of an IP address");

  tls_alpn_solver tls_alpn01{static_cast<std::uint16_t>(std::stoul(environment("TLSALPN01_PORT")))};
  prove(ca, "tls.test", acme::tls_alpn01, tls_alpn01);
  done("tls-alpn-01");
  prove(ca, "127.0.0.2", acme::tls_alpn01, tls_alpn01);
  done("tls-alpn-01, of an IP address");
}

/// draft-ietf-acme-dns-persist-02 sections 3.1, 3.2, 4 and 4.1.
void dns_persist_of_draft_02(client& ca, const std::string& account_url) {
  const auto thumbprint = jose::thumbprint(public_key_of_signer(ca.account_key())).value();
  txt_solver persistent{
      .type = acme::dns_persist01, .account_url = account_url, .thumbprint = thumbprint, .directory = ca.directory()};
  demand(acme::draft_of(ca.directory()) == acme::dns_persist_draft::v02, "another draft");
  prove(ca, "kept.test", acme::dns_persist01, persistent);
  done("dns-persist-01 of draft 02");
}

/// draft-ietf-acme-device-attest section 5; RFC 8555 section 9.7.7.
void device_attestation(client& ca) {
  device one;
  const identifier id{identifier::type::other, "serial 1", "permanent-identifier"};
  tell(environment("MGMT") + "/device",
       {{"identifier", id.value}, {"jwk", acme::parse_object(jose::to_jwk(one.key.public_key())).value()}});
  const auto o = ca.new_order({.names = {id}}).value();
  demand(ca.get_order(o.url).value().identifiers == o.identifiers, "for another identifier");
  demand(ca.get_authorization(o.authorizations.front()).value().identifier == id, "of another identifier");
  device stranger;
  demand(ca.authorize(o, stranger).error().code == acme::errc::authorization_failed, "any device is believed");
  const auto again = ca.new_order({.names = {id}}).value();
  ca.authorize(again, one).value();
  const auto csr = x509::make_csr(one.key, x509::csr_request{.subject = {{"CN", id.value}}}).value();
  const auto issued = ca.download(ca.finalize(again, csr).value(), one.key.public_key()).value();
  demand(issued.chain.front().certifies(one.key.public_key()), "for another key");
  done("device-attest-01, of a permanent identifier");
}

}  // namespace sealring::test
