#include "sealring/x509/chain.hpp"
#include "unit/x509/issue.hpp"

namespace sealring::test {
namespace {

using namespace std::chrono;
using x509::certificate;
using pool = std::vector<certificate>;
using listing = std::vector<std::vector<std::string>>;

constexpr x509::time_point present_day = sys_days{2026y / 6 / 1};

const std::string may_issue = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign";

/// Signed by the key of `issuer_key`, and a CA.
certificate ca(const std::string& subject, const std::string& issuer, EVP_PKEY* key, EVP_PKEY* issuer_key,
               const std::string& extensions = may_issue) {
  return issue({.subject = subject, .issuer = issuer, .extensions = extensions, .key = key, .issuer_key = issuer_key});
}

// Two roots, one of which the other has cross-signed, and a CA below it, as Let's Encrypt once had them.
struct family {
  certificate old_root = ca("Old Root", "Old Root", evp_of<es384>(), evp_of<es384>());
  certificate root = ca("Root", "Root", evp_of<rs256>(), evp_of<rs256>());
  certificate cross = ca("Root", "Old Root", evp_of<rs256>(), evp_of<es384>());
  certificate middle = ca("Middle", "Root", evp_of<es512>(), evp_of<rs256>());
  certificate leaf = issue({.subject = "leaf", .issuer = "Middle", .issuer_key = evp_of<es512>()});
};

std::vector<std::string> subjects(const pool& chain) {
  std::vector<std::string> all;
  for (const certificate& c : chain) all.push_back(c.subject_common_name() + " by " + c.issuer_common_name());
  return all;
}

listing built(const certificate& leaf, const pool& all_others, x509::time_point now = present_day) {
  listing all;
  for (const pool& chain : x509::build_chains(leaf, all_others, now)) all.push_back(subjects(chain));
  return all;
}

}  // namespace

TEST_CASE("chains: all that a pool allows, whatever its order", "[x509/chain]") {
  const family f;
  CHECK(built(f.leaf, {f.middle}) == listing{{"leaf by Middle", "Middle by Root"}});
  CHECK(built(f.leaf, {f.cross, f.leaf, f.middle}) == listing{{"leaf by Middle", "Middle by Root", "Root by Old Root"}});
  CHECK(built(f.leaf, {f.old_root, f.cross, f.root, f.middle}) ==
        listing{{"leaf by Middle", "Middle by Root", "Root by Old Root", "Old Root by Old Root"},
                {"leaf by Middle", "Middle by Root", "Root by Root"}});
  CHECK(built(f.leaf, {}) == listing{{"leaf by Middle"}});
  CHECK(built(f.leaf, {f.root, f.cross}) == listing{{"leaf by Middle"}});
  CHECK(built(f.root, {f.root, f.cross, f.old_root}) == listing{{"Root by Root"}});
}

TEST_CASE("chains: only CAs stand in them, of the time, and as deep as they may", "[x509/chain]") {
  const family f;
  const listing alone{{"leaf by Middle"}};
  CHECK(built(f.leaf, {ca("Middle", "Root", evp_of<es512>(), evp_of<rs256>(), "basicConstraints=CA:FALSE")}) == alone);
  CHECK(built(f.leaf, {ca("Middle", "Root", evp_of<es512>(), evp_of<rs256>(), "keyUsage=digitalSignature")}) == alone);
  CHECK(built(f.leaf, {ca("Middle", "Root", evp_of<es256>(), evp_of<rs256>())}) == alone);  // another key
  CHECK(built(f.leaf, {f.middle}, sys_days{2040y / 1 / 1}) == alone);

  const auto root_for = [](int length) {
    return ca("Root", "Root", evp_of<rs256>(), evp_of<rs256>(),
              "basicConstraints=critical,CA:TRUE,pathlen:" + std::to_string(length));
  };
  CHECK(built(f.leaf, {f.middle, root_for(1)}).front().size() == 3);
  CHECK(built(f.leaf, {f.middle, root_for(0)}).front().size() == 2);
}

TEST_CASE("chains: a pool made to be slow ends soon", "[x509/chain]") {
  pool many;  // each could follow each, were it not the same name and key
  for (int i = 0; i < 40; ++i)
    many.push_back(issue({.subject = "CA",
                          .issuer = "CA",
                          .serial = "0" + std::to_string(i % 10),
                          .extensions = may_issue,
                          .key = i % 2 == 0 ? evp_of<es256>() : evp_of<es384>()}));
  const auto leaf = issue({.subject = "leaf", .issuer = "CA"});
  const auto chains = x509::build_chains(leaf, many, present_day);
  CHECK(chains.size() <= x509::detail::chain_limit);
  CHECK(std::ranges::all_of(chains, [](const auto& c) { return c.size() <= 3; }));
}

TEST_CASE("chain: what a stranger sends is put in order as far as a hundred signatures go", "[x509/chain]") {
  const auto leaf = issue({.subject = "leaf", .issuer = "CA", .issuer_key = evp_of<es256>()});
  const auto real = ca("CA", "CA", evp_of<es256>(), evp_of<es256>());
  const auto forged = ca("CA", "CA", evp_of<es384>(), evp_of<es384>());
  const auto second_after = [&](std::size_t count) {
    pool sent(count + 1, forged);
    sent.front() = leaf;
    sent.push_back(real);
    return x509::put_in_order(std::move(sent))[1].der();
  };
  CHECK(second_after(50) == real.der());
  CHECK(second_after(2000) == forged.der());
}

TEST_CASE("chains: by the name or the key of a root that was sent, or not", "[x509/chain]") {
  const family f;
  const pool to_root{f.leaf, f.middle}, to_old{f.leaf, f.middle, f.cross}, whole{f.leaf, f.middle, f.root};
  const pool store{f.old_root, f.root};
  const std::string root_key = f.root.spki_sha256(), old_key = f.old_root.spki_sha256();

  CHECK(x509::leads_to{"Root"}(to_root));
  CHECK(x509::leads_to{"Root"}(whole));
  CHECK_FALSE(x509::leads_to{"Root"}(to_old));
  CHECK(x509::leads_to{"Old Root"}(to_old));
  CHECK_FALSE(x509::leads_to{"Old Root"}(to_root));

  CHECK(x509::leads_to{root_key}(whole));
  CHECK(x509::leads_to{root_key}(to_old));  // cross-signed, but there it is
  CHECK_FALSE(x509::leads_to{root_key}(to_root));
  CHECK(x509::leads_to{root_key, store}(to_root));
  CHECK(x509::leads_to{old_key, store}(to_old));
  CHECK_FALSE(x509::leads_to{old_key, store}(to_root));
  CHECK_FALSE(x509::leads_to{root_key, store}({}));
}

}  // namespace sealring::test
