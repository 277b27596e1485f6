#include "agent/keeper/policy/policy.hpp"

#include "agent/keeper/policy/certification_request.hpp"
#include "agent/keeper/policy/jws_input.hpp"
#include "agent/keeper/policy/tls_message.hpp"
#include "policy/outcome.hpp"
#include "policy/scene.hpp"

#include <filesystem>
#include <fstream>

namespace sealring::test {
namespace {

policy::verdict judged(std::string_view label) { return the_scene().judge(the_scene()[label]); }

policy::verdict judged(std::string_view label, const policy::peer& from, std::size_t world = pinned) {
  sample s = the_scene()[label];
  s.from = from, s.world = world;
  return the_scene().judge(s);
}

}  // namespace

TEST_CASE("policy: what our own client sends is allowed", "[policy]") {
  for (const char* label : {"newAccount", "newAccount bound", "newAccount bare", "find account", "deactivate account",
                            "finalize own", "finalize RSA", "finalize client", "finalize sent", "revoke superseded",
                            "revoke without reason", "revoke by itself superseded", "revoke by itself RSA", "CSR own",
                            "CSR wildcard", "CSR P-384", "CSR RSA", "CSR Ed25519", "CSR client"}) {
    INFO(label);
    const auto v = judged(label, manager, approved);
    CHECK(v.why == "");
    CHECK(v.allowed);
    CHECK_FALSE(v.what.empty());
  }
  for (const char* label : {"newOrder", "newOrder profile", "POST-as-GET", "respond"}) {
    INFO(label);
    CHECK(judged(label, manager, pinned).why == "");
  }
}

TEST_CASE("policy: handshakes for the peers, and for nobody else", "[policy]") {
  for (const sample& s : the_scene().samples) {
    if (!s.label.starts_with("1.") || s.label == "1.3 PKCS#1" || s.label == "1.2 Ed25519") continue;
    INFO(s.label);
    CHECK(judged(s.label, web_server).allowed);
    CHECK(judged(s.label, in_group).allowed);
    CHECK(judged(s.label, one_user).allowed);
    CHECK(judged(s.label, manager).decided_by == policy::rule::tls_peer);
    CHECK(judged(s.label, stranger).decided_by == policy::rule::unauthorised);
  }
  CHECK(judged("1.3 PKCS#1").decided_by == policy::rule::tls_algorithm);
  CHECK(judged("1.2 Ed25519").decided_by == policy::rule::tls_algorithm);
  CHECK(judged("other side").decided_by == policy::rule::tls_form);
}

TEST_CASE("policy: the web server gets nothing but handshakes", "[policy]") {
  for (const char* label : {"CSR own", "CSR other name", "revoke by itself superseded", "order by a site's key"}) {
    INFO(label);
    CHECK(judged(label, web_server).decided_by == policy::rule::tls_form);
  }
  for (const char* label : {"newOrder", "keyChange outer", "audit", "account digest"}) {
    INFO(label);
    CHECK(judged(label, web_server).decided_by == policy::rule::unauthorised);
  }
  CHECK(judged("digest", web_server).decided_by == policy::rule::tls_digest);
}

TEST_CASE("policy: who is not authorised learns nothing", "[policy]") {
  for (const sample& s : the_scene().samples) {
    const auto v = judged(s.label, stranger);
    CHECK_FALSE(v.allowed);
    CHECK(v.why == policy::unauthorised_text);
    CHECK(v.what.empty());
  }
}

TEST_CASE("policy: the manager cannot go beyond the operator's files", "[policy]") {
  using policy::rule;
  CHECK(judged("newOrder other name").decided_by == rule::account_identifiers);
  CHECK(judged("newAuthz other name").decided_by == rule::account_identifiers);
  CHECK(judged("other origin").decided_by == rule::account_url);
  CHECK(judged("other origin").why.find("origins = [\"https://evil.example\"]") != std::string::npos);
  CHECK(judged("other port").decided_by == rule::account_url);
  CHECK(judged("update other contact").decided_by == rule::account_contact);
  CHECK(judged("finalize other name").decided_by == rule::account_csr_names);
  CHECK(judged("finalize other key").decided_by == rule::account_csr_key);
  CHECK(judged("CSR other name").decided_by == rule::csr_names);
  CHECK(judged("CSR other key").decided_by == rule::csr_key);
  CHECK(judged("CSR other subject").decided_by == rule::csr_form);
  CHECK(judged("CSR PS256").decided_by == rule::csr_algorithm);
  CHECK(judged("revoke by itself foreign").decided_by == rule::own_revocation_certificate);
  CHECK(judged("second account").decided_by == rule::account_second_key);
  CHECK(judged("second account, looking").allowed);
  CHECK(judged("unknown member").decided_by == rule::account_payload);
  CHECK(judged("audit", manager).decided_by == rule::audit_by_wire);
  CHECK(judged("raw message", manager).decided_by == rule::raw_peer);
  CHECK(judged("newOrder other name").why == "\"evil.example\" is among the domains of no [[certificate]]");
}

TEST_CASE("policy: each account keeps to its own CA, kid, contacts and names", "[policy]") {
  using policy::rule;
  CHECK(judged("second newAccount", manager, fresh).new_account_signed);
  CHECK(judged("second newOrder", manager, due).pin_kid == "https://second/account/7");
  CHECK(judged("second newOrder", manager, pinned).decided_by == rule::new_order);
  CHECK(judged("second finalize").decided_by == rule::finalize);
  CHECK(judged("revoke by itself at the second").decided_by == rule::own_revocation);
  CHECK(judged("second newOrder other name").decided_by == rule::account_identifiers);
  CHECK(judged("second newOrder other name").why.ends_with("no [[certificate]] with fallback = true"));
  CHECK(judged("second finalize other name").decided_by == rule::account_csr_names);
  CHECK(judged("second newAccount other contact", manager, fresh).decided_by == rule::account_contact);
  CHECK(judged("second newAccount other contact", manager, fresh).why.ends_with("[fallback] contact"));
  CHECK(judged("first at the second").decided_by == rule::account_url);
  CHECK(judged("second at the first").decided_by == rule::account_url);
  CHECK(judged("second at the first").why.find("under [fallback]") != std::string::npos);
  CHECK(judged("first with the second's kid").decided_by == rule::account_kid);
  CHECK(judged("second with the first's kid").decided_by == rule::account_kid);
  // Without [fallback] its key signs nothing.
  CHECK(judged("second newOrder", manager, narrow).decided_by == rule::account_url);
  CHECK(judged("revoke by itself at the second", manager, narrow).decided_by == rule::own_revocation_url);
}

TEST_CASE("policy: approvals, for exactly that and until they expire", "[policy]") {
  using policy::rule;
  const auto check = [](const char* label, rule lacking, rule given, std::uint64_t number) {
    INFO(label);
    CHECK(judged(label, manager, pinned).decided_by == lacking);
    CHECK(judged(label, manager, expired).decided_by == lacking);
    const auto v = judged(label, manager, approved);
    CHECK(v.decided_by == given);
    CHECK(v.approvals == std::vector{number});
  };
  check("deactivate account", rule::deactivate_account_approval, rule::deactivate_account, 11);
  check("deactivate authorization", rule::deactivate_authorization_approval, rule::deactivate_authorization, 12);
  check("keyChange inner", rule::key_change_approval, rule::key_change, 13);
  check("keyChange outer", rule::key_change_approval, rule::key_change, 13);
  check("revoke compromised", rule::key_compromise_approval, rule::revoke_certificate, 14);
  check("revoke by itself compromised", rule::own_revocation_approval, rule::own_revocation, 14);
  check("revoke foreign, compromised, approved", rule::key_compromise_approval, rule::revoke_certificate, 16);
  check("new kid", rule::account_kid, rule::post_as_get, 15);
  CHECK(judged("keyChange inner by the old key").decided_by == rule::key_change_form);
  CHECK(judged("keyChange, another inner url", manager, approved).decided_by == rule::key_change_form);
}

TEST_CASE("policy: the account's URL is pinned after the first newAccount", "[policy]") {
  CHECK(judged("POST-as-GET", manager, fresh).decided_by == policy::rule::account_kid);
  CHECK(judged("newAccount", manager, fresh).new_account_signed);
  CHECK_FALSE(judged("find account", manager, fresh).new_account_signed);
  CHECK(judged("POST-as-GET", manager, due).pin_kid == "https://ca/account/1");
  CHECK(judged("kid elsewhere", manager, due).decided_by == policy::rule::account_kid);
  CHECK(judged("POST-as-GET", manager, pinned).pin_kid == std::nullopt);
  CHECK(judged("new kid", manager, pinned).pin_kid == std::nullopt);
  CHECK(judged("new kid", manager, approved).pin_kid == "https://ca/account/2");
}

TEST_CASE("policy: no message is of two forms", "[policy]") {
  using namespace agent::policy;
  for (const sample& s : the_scene().samples) {
    INFO(s.label);
    const int forms =
        int{parse_jws_input(s.payload).has_value()} + int{parse_certification_request_info(s.payload).has_value()} +
        int{parse_certification_request(s.payload).has_value()} + int{parse_tls_server_message(s.payload).has_value()} +
        int{parse_tls_client_message(s.payload).has_value()};
    CHECK(forms <= 1);
  }
}

// ./test_policy '[.corpus]' with SEALRING_CORPUS=tests/fuzz/corpus writes the seeds of the fuzz targets anew.
TEST_CASE("policy: seeds of the fuzz targets", "[.corpus]") {
  const char* folder = std::getenv("SEALRING_CORPUS");
  REQUIRE(folder != nullptr);
  for (const sample& s : the_scene().samples) {
    std::string name = s.label + '-' + std::to_string(s.world);
    std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '-');
    const bool jws = agent::policy::parse_jws_input(s.payload).has_value();
    const bool der = !s.payload.empty() && s.payload[0] == 0x30;
    const auto path = std::filesystem::path{folder} / (jws ? "jws" : der ? "csr" : "tls") / name;
    std::ofstream{path, std::ios::binary} << as_text(s.payload);
  }
}

}  // namespace sealring::test
