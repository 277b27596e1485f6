#include "policy/scene.hpp"

#include "policy/handshake.hpp"
#include "unit/acme/scripted_ca.hpp"
#include "unit/x509/issue.hpp"

namespace sealring::test {
namespace {

using policy::purpose;
const std::string ca = "https://ca", kid = "https://ca/account/1", kid2 = "https://second/account/7";
const std::string first_directory = "https://ca/dir", second_directory = "https://second/dir";

std::vector<identifier> ids(std::initializer_list<std::string_view> names) {
  std::vector<identifier> out;
  for (const auto one : names) out.push_back(must(parse_identifier(one)));
  return out;
}

std::string hex_sha256(bytes_view data) {
  std::string text;
  const auto digest = must(hash<sha256>(data));
  static constexpr char digits[] = "0123456789abcdef";
  for (const std::uint8_t octet : digest.view()) (text += digits[octet >> 4]) += digits[octet & 15];
  return text;
}

/// The CertificationRequestInfo of a request of ours, as the signer sees it.
bytes info_of(const bytes& csr) {
  const auto request = detail::from_der<detail::x509_req, d2i_X509_REQ>(csr);
  REQUIRE(request);
  return detail::to_der<i2d_re_X509_REQ_tbs>(request.get());
}

/// A request with a subject, which our client never makes.
bytes info_with_subject(EVP_PKEY* key, const char* common_name, std::span<const identifier> names) {
  return must(x509::csr_info(must(detail::public_key_of_evp(key)),
                             {.names = {names.begin(), names.end()}, .subject = {{"CN", common_name}}}));
}

/// What our client had signed for this POST.
std::string input_of(const http::request& r) {
  const auto jws = acme::parse_object(r.body).value();
  return acme::text(jws, "protected") + '.' + acme::text(jws, "payload");
}

template <algorithm A>
struct owned_key {
  detail::evp_pkey evp = make_evp_for<A>();
  software_key<A> signer = must(software_key<A>::from(evp.get()));
};

class builder {
public:
  scene build() {
    make_keys();
    make_worlds();
    handshakes();
    requests();
    revocations();
    account();
    second_account();
    hand_made();
    return std::move(s_);
  }

private:
  template <algorithm A>
  void key(const char* name, purpose use, const owned_key<A>& k, std::vector<std::string> names,
           std::vector<policy::principal> peers, std::string directory = {}) {
    auto made = std::make_unique<scene_key>(
        scene_key{k.signer.public_key(), must(to_spki(k.signer.public_key())), std::move(names), {}});
    made->rules = {name, use, &made->public_key, made->spki, made->names, std::move(peers), std::move(directory)};
    s_.keys.push_back(std::move(made));
  }

  void make_keys() {
    const std::vector<policy::principal> www{{policy::principal::type::user, 33}, {policy::principal::type::group, 44}};
    const std::vector<std::string> names{"example.com", "www.example.com", "*.example.com", "192.0.2.1", "2001:db8::1"};
    key("account", purpose::account, account_, {}, {}, first_directory);
    key("account-new", purpose::account, account_new_, {}, {}, first_directory);
    key("account-2", purpose::account, account2_, {}, {}, second_directory);
    key("site", purpose::tls_server, site_, names, www);
    key("site-384", purpose::tls_server, site384_, names, www);
    key("site-rsa", purpose::tls_server, rsa_, {"rsa.example.com"}, www);
    key("site-ed", purpose::tls_server, ed_, {"ed.example.com"}, www);
    key("client", purpose::tls_client, client_, {"client.example.com"}, www);
    key("client-rsa", purpose::tls_client, client_rsa_, {"client.example.com"}, www);
    key("release", purpose::raw, raw_, {}, www);
    key("release-ed", purpose::raw, raw_ed_, {}, www);
    key("audit", purpose::audit, audit_, {}, www);
  }

  void make_worlds() {
    policy::account_rules a;
    a.directory = first_directory;
    a.origins = {"https://ca", "https://[2001:db8::1]:14000"};
    a.contacts = {"mailto:ops@example.com"};
    a.names = {"example.com", "www.example.com", "*.example.com",  "192.0.2.1",
               "2001:db8::1", "rsa.example.com", "ed.example.com", "client.example.com"};
    policy::account_rules second;
    second.directory = second_directory;
    second.fallback = true;
    second.origins = {"https://second"};
    second.contacts = {"mailto:second@example.com"};
    second.names = {"rsa.example.com"};
    s_.accounts.fill({a, second});
    for (const std::size_t i : {0U, 1U}) {
      s_.accounts[due][i].new_account_signed = true;
      for (const std::size_t w : {due, pinned, approved, expired, narrow})
        s_.accounts[w][i].key = i == 0 ? "account" : "account-2";
      for (const std::size_t w : {pinned, approved, expired, narrow}) s_.accounts[w][i].kid = i == 0 ? kid : kid2;
    }
    s_.accounts[narrow][0].origins = {"https://other.test"};
    s_.accounts[narrow][0].names = {"example.com"};
    s_.accounts[narrow].pop_back();
    certificate_ = issue_der({.subject = "example.com", .names = "DNS:example.com", .key = site_.evp.get()});
    foreign_ = issue_der({.subject = "example.com", .names = "DNS:example.com"});
    rsa_certificate_ = issue_der({.subject = "rsa.example.com", .names = "DNS:rsa.example.com", .key = rsa_.evp.get()});
    const std::string old = must(jose::thumbprint(account_.signer.public_key()));
    const std::string fresh_one = must(jose::thumbprint(account_new_.signer.public_key()));
    const auto until = noon + std::chrono::hours{1};
    s_.approvals = {{11, "deactivate-account", "account", {kid}, until},
                    {12, "deactivate-authorization", "account", {"https://ca/authz/1"}, until},
                    {13, "key-change", "account", {old, fresh_one}, until},
                    {14, "revoke-key-compromise", "site", {hex_sha256(certificate_)}, until},
                    {15, "new-kid", "account", {"https://ca/account/2"}, until},
                    {16, "revoke-key-compromise", "account", {hex_sha256(foreign_)}, until}};
  }

  void add(std::string label, const char* key, algorithm_id algorithm, bytes payload, const policy::peer& from,
           std::size_t world = pinned, policy::request::type kind = policy::request::type::sign_message) {
    s_.samples.push_back({std::move(label), &s_.key(key), algorithm, std::move(payload), from, world, kind});
  }
  void add(std::string label, const char* key, algorithm_id algorithm, const std::string& text, std::size_t world = pinned) {
    add(std::move(label), key, algorithm, to_bytes(as_bytes(text)), manager, world);
  }

  void shaken(const std::string& label, const char* server, const char* client, const handshake_wish& wish) {
    const handshake h = shake(wish);
    add(label + " server", server, h.server.algorithm, h.server.content, web_server);
    if (h.client) add(label + " client", client, h.client->algorithm, h.client->content, in_group);
  }

  void handshakes() {
    EVP_PKEY *site = site_.evp.get(), *client = client_.evp.get(), *rsa = rsa_.evp.get(), *client_rsa = client_rsa_.evp.get();
    const char* rsa_pss = "rsa_pss_rsae_sha256";
    shaken("1.3 P-256", "site", "client", {.server_key = site, .client_key = client});
    shaken("1.3 SHA-384", "site", "client", {.server_key = site, .client_key = client, .suite_13 = "TLS_AES_256_GCM_SHA384"});
    shaken("1.3 P-384", "site-384", "", {.signatures = "ECDSA+SHA384", .server_key = site384_.evp.get()});
    shaken("1.3 RSA", "site-rsa", "client-rsa", {.signatures = rsa_pss, .server_key = rsa, .client_key = client_rsa});
    shaken("1.3 Ed25519", "site-ed", "", {.signatures = "ed25519", .server_key = ed_.evp.get()});
    for (const char* group : {"X25519", "X448", "P-256", "P-384", "P-521"})
      shaken("1.2 " + std::string{group}, "site", "client", {TLS1_2_VERSION, group, "ECDSA+SHA256", site, client});
    for (const char* signatures : {"RSA+SHA256", rsa_pss})
      shaken("1.2 " + std::string{signatures}, "site-rsa", "client-rsa",
             {TLS1_2_VERSION, "P-256", signatures, rsa, client_rsa});
  }

  void requests() {
    const auto csr = [&](const char* label, const char* key, const auto& signer,
                         std::initializer_list<std::string_view> names) {
      const bytes whole = must(x509::make_csr(signer, ids(names)));
      add(std::string{"CSR "} + label, key, id_of(signer), info_of(whole), manager);
      add(std::string{"finalize "} + label, "account", algorithm_id::es256,
          with_kid("https://ca/finalize/1", acme::finalize_payload(whole)));
    };
    csr("own", "site", site_.signer, {"example.com", "www.example.com", "192.0.2.1", "2001:db8::1"});
    csr("wildcard", "site", site_.signer, {"*.example.com"});
    csr("P-384", "site-384", site384_.signer, {"example.com"});
    csr("RSA", "site-rsa", rsa_.signer, {"rsa.example.com"});
    csr("Ed25519", "site-ed", ed_.signer, {"ed.example.com"});
    csr("client", "client", client_.signer, {"client.example.com"});
    csr("other name", "site", site_.signer, {"example.com", "evil.example"});
    csr("other key", "site", account_.signer, {"example.com"});
    add("CSR subject", "site", algorithm_id::es256, info_with_subject(site_.evp.get(), "example.com", ids({"example.com"})),
        manager);
    add("CSR other subject", "site", algorithm_id::es256,
        info_with_subject(site_.evp.get(), "evil.example", ids({"example.com"})), manager);
    add("CSR PS256", "site-rsa", algorithm_id::ps256, info_of(must(x509::make_csr(rsa_.signer, ids({"rsa.example.com"})))),
        manager);
    add("CSR by the web server", "site", algorithm_id::es256, s_["CSR own"].payload, web_server);
  }

  std::string with_kid(std::string_view url, std::string_view payload, std::string_view account = kid) {
    const jose::with_kid<software_key<es256>> who{account_.signer, account};
    return jose::signing_input(who, jose::acme_header{"bm9uY2U", url}, payload);
  }
  template <class S>
  std::string with_jwk(const S& signer, std::string_view url, std::string_view payload, bool nonce = true) {
    const jose::with_jwk<S> who{signer};
    return jose::signing_input(who, jose::acme_header{nonce ? "bm9uY2U" : "", url}, payload);
  }

  void revocations() {
    using reason = acme::revocation_reason;
    const auto es = algorithm_id::es256;
    const auto both = [&](const std::string& label, const bytes& certificate, std::optional<reason> why, std::size_t world) {
      const std::string payload = acme::revocation_payload(certificate, why);
      add("revoke " + label, "account", es, with_kid("https://ca/revoke", payload), world);
      add("revoke by itself " + label, "site", es, with_jwk(site_.signer, "https://ca/revoke", payload), world);
    };
    both("superseded", certificate_, reason::superseded, pinned);
    both("without reason", certificate_, {}, pinned);
    both("compromised", certificate_, reason::key_compromise, pinned);
    both("compromised, approved", certificate_, reason::key_compromise, approved);
    both("foreign", foreign_, reason::superseded, pinned);
    both("foreign, compromised, approved", foreign_, reason::key_compromise, approved);
    both("no certificate", {1, 2, 3}, {}, pinned);
    both("elsewhere", certificate_, {}, narrow);
    const std::string payload = acme::revocation_payload(rsa_certificate_, {});
    add("revoke by itself RSA", "site-rsa", algorithm_id::rs256, with_jwk(rsa_.signer, "https://ca/revoke", payload));
    add("revoke by itself PS256", "site-rsa", algorithm_id::ps256, with_jwk(rsa_.signer, "https://ca/revoke", payload));
    add("revoke with another jwk", "site", es,
        with_jwk(account_.signer, "https://ca/revoke", acme::revocation_payload(certificate_, {})));
    add("order by a site's key", "site", es, with_jwk(site_.signer, "https://ca/order", "{}"));
  }

  // Our own client against a scripted CA; every request it sent.
  void account() {
    using client = acme::client<software_key<es256>, scripted_ca>;
    const jose::hmac_key mac{"kid-1", secret_bytes(32, 7)};
    const auto names = ids({"example.com", "*.example.com", "192.0.2.1"});
    const acme::order order{"https://ca/order/1", "pending", names, {"https://ca/authz/1"}, "https://ca/finalize/1", {}, {}};
    const auto sent = [&](const std::string& label, std::size_t world, auto act) {
      scripted_ca script;
      script.directory();
      client c = client::connect(script, account_.signer, "https://ca/dir", {.wait_timeout = std::chrono::seconds{0}}).value();
      c.use_account(kid);
      script.then(answer(200, {})).then(answer(200, "{}", {{"Location", kid}}));
      static_cast<void>(act(c));  // the directory, a nonce, and then it
      add(label, "account", algorithm_id::es256, input_of(script.asked().at(2)), world);
    };
    const acme::account_request wish{{"mailto:ops@example.com"}, true, nullptr}, bound{{}, true, &mac}, bare{};
    for (const std::size_t world : {fresh, pinned}) {
      sent("newAccount", world, [&](client& c) { return c.register_account(wish).has_value(); });
      sent("newAccount bound", world, [&](client& c) { return c.register_account(bound).has_value(); });
      sent("newAccount bare", world, [&](client& c) { return c.register_account(bare).has_value(); });
      sent("find account", world, [&](client& c) { return c.find_account().has_value(); });
    }
    for (const std::size_t world : {fresh, due, pinned, narrow}) {
      sent("newOrder", world, [&](client& c) { return c.new_order(names).has_value(); });
      sent("newOrder profile", world,
           [&](client& c) { return c.new_order({.names = names, .profile = "shortlived"}).has_value(); });
      sent("POST-as-GET", world, [&](client& c) { return c.get_order("https://ca/order/1").has_value(); });
      sent("respond", world, [&](client& c) { return c.respond({"http-01", "https://ca/chall/1", {}, {}, {}}).has_value(); });
    }
    for (const std::size_t world : {pinned, approved, expired})
      sent("deactivate account", world, [&](client& c) { return c.deactivate_account().has_value(); });
    sent("newOrder other name", pinned, [&](client& c) { return c.new_order(ids({"evil.example"})).has_value(); });
    sent("finalize sent", pinned,
         [&](client& c) { return c.finalize(order, must(x509::make_csr(site_.signer, ids({"example.com"})))).has_value(); });
  }

  // At [fallback], with its own key, its own kid and its own names; and what each account's key must not do at the other's CA.
  void second_account() {
    const auto es = algorithm_id::es256;
    const auto by = [&](const char* label, const char* key, const owned_key<es256>& k, std::string_view url,
                        std::string_view payload, std::size_t world, std::string_view account) {
      const jose::with_kid<software_key<es256>> who{k.signer, account};
      add(label, key, es, jose::signing_input(who, jose::acme_header{"bm9uY2U", url}, payload), world);
    };
    const std::string order = R"({"identifiers":[{"type":"dns","value":"rsa.example.com"}]})";
    const std::string elsewhere = R"({"identifiers":[{"type":"dns","value":"example.com"}]})";
    const std::string finalize = acme::finalize_payload(must(x509::make_csr(rsa_.signer, ids({"rsa.example.com"}))));
    const std::string other = acme::finalize_payload(must(x509::make_csr(site_.signer, ids({"example.com"}))));
    for (const std::size_t world : {due, pinned, narrow})
      by("second newOrder", "account-2", account2_, "https://second/order", order, world, kid2);
    by("second newOrder other name", "account-2", account2_, "https://second/order", elsewhere, pinned, kid2);
    by("second finalize", "account-2", account2_, "https://second/finalize", finalize, pinned, kid2);
    by("second finalize other name", "account-2", account2_, "https://second/finalize", other, pinned, kid2);
    by("second at the first", "account-2", account2_, "https://ca/order", order, pinned, kid2);
    by("second with the first's kid", "account-2", account2_, "https://second/order", order, pinned, kid);
    by("first at the second", "account", account_, "https://second/order", order, pinned, kid);
    by("first with the second's kid", "account", account_, "https://ca/order", order, pinned, kid2);
    add("second newAccount", "account-2", es,
        with_jwk(account2_.signer, "https://second/account", R"({"contact":["mailto:second@example.com"]})"), fresh);
    add("second newAccount other contact", "account-2", es,
        with_jwk(account2_.signer, "https://second/account", R"({"contact":["mailto:ops@example.com"]})"), fresh);
    add("revoke by itself at the second", "site", es,
        with_jwk(site_.signer, "https://second/revoke", acme::revocation_payload(certificate_, {})));
  }

  // What other clients send, and ours will.
  void hand_made() {
    const auto es = algorithm_id::es256;
    const auto one = [&](const char* label, std::string_view url, std::string_view payload, std::size_t world = pinned,
                         std::string_view account = kid) { add(label, "account", es, with_kid(url, payload, account), world); };
    one("update contact", kid, R"({"contact":["mailto:ops@example.com"]})");
    one("update other contact", kid, R"({"contact":["mailto:evil@example.com"]})");
    one("update elsewhere", "https://ca/account/3", R"({"contact":["mailto:ops@example.com"]})");
    one("newAuthz", "https://ca/authz", R"({"identifier":{"type":"dns","value":"example.com"}})");
    one("newAuthz other name", "https://ca/authz", R"({"identifier":{"type":"dns","value":"evil.example"}})");
    one("newOrder dates", "https://ca/order",
        R"({"identifiers":[{"type":"dns","value":"example.com"}],"notBefore":"2027-01-01T00:00:00Z","replaces":"aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"})");
    for (const std::size_t world : {pinned, approved, expired})
      one("deactivate authorization", "https://ca/authz/1", R"({"status":"deactivated"})", world);
    for (const std::size_t world : {due, pinned, approved, expired})
      one("new kid", "https://ca/order/1", "", world, "https://ca/account/2");
    one("kid elsewhere", "https://ca/order/1", "", due, "https://evil.example/account/1");
    one("unknown member", "https://ca/order", R"({"identifiers":[{"type":"dns","value":"example.com"}],"pay":1})");
    one("finalize no CSR", "https://ca/finalize/1", R"({"csr":"AAAA"})");
    one("newAccount with kid", "https://ca/account", R"({"termsOfServiceAgreed":true})");
    one("other origin", "https://evil.example/order/1", "");
    one("other port", "https://ca:8443/order/1", "");
    one("IPv6 origin", "https://[2001:db8::1]:14000/order/1", "");
    add("jwk of another", "account", es, with_jwk(site_.signer, "https://ca/account", "{}"));
    add("order with jwk", "account", es, with_jwk(account_.signer, "https://ca/order", ""));
    add("second account", "account-new", algorithm_id::es384, with_jwk(account_new_.signer, "https://ca/account", "{}"));
    add("second account, looking", "account-new", algorithm_id::es384,
        with_jwk(account_new_.signer, "https://ca/account", acme::existing_account_payload));
    const std::string old = jose::to_jwk(account_.signer.public_key());
    const std::string change = R"({"account":")" + kid + R"(","oldKey":)" + old + "}";
    const std::string inner = with_jwk(account_new_.signer, "https://ca/key-change", change, false);
    const std::string outer = jose::flattened(inner, bytes(96, 5));
    const std::string other =
        jose::flattened(with_jwk(account_new_.signer, "https://ca/elsewhere", change, false), bytes(96, 5));
    for (const std::size_t world : {pinned, approved, expired}) {
      add("keyChange inner", "account-new", algorithm_id::es384, inner, world);
      one("keyChange outer", "https://ca/key-change", outer, world);
      one("keyChange, another inner url", "https://ca/key-change", other, world);
    }
    add("keyChange inner by the old key", "account", es, with_jwk(account_.signer, "https://ca/key-change", change, false),
        approved);
    const bytes digest(32, 9), digest48(48, 9), message{'h', 'i'};
    const auto as_digest = policy::request::type::sign_digest;
    for (const auto& from : {web_server, in_group, stranger, manager, one_user}) {
      add("raw digest", "release", algorithm_id::es384, digest48, from, pinned, as_digest);
      add("raw short digest", "release", algorithm_id::es384, digest, from, pinned, as_digest);
      add("raw message", "release", algorithm_id::es384, message, from);
      add("raw Ed25519", "release-ed", algorithm_id::eddsa, message, from);
      add("raw Ed25519 digest", "release-ed", algorithm_id::eddsa, digest, from, pinned, as_digest);
      add("digest", "site", es, digest, from, pinned, as_digest);
      add("account digest", "account", es, digest, from, pinned, as_digest);
      add("audit", "audit", es, message, from);
      add("algorithm of another", "site", algorithm_id::es384, s_["1.3 P-256 server"].payload, from);
      add("handshake", "site", es, s_["1.3 P-256 server"].payload, from);
      add("handshake 1.2", "site", es, s_["1.2 P-256 server"].payload, from);
      add("JWS for a site's key", "site", es, s_["newOrder"].payload, from);
    }
    add("1.3 PKCS#1", "site-rsa", algorithm_id::rs256, s_["1.3 RSA server"].payload, web_server);
    add("1.2 Ed25519", "site-ed", algorithm_id::eddsa, s_["1.2 X25519 server"].payload, web_server);
    add("other side", "site", es, s_["1.3 P-256 client"].payload, web_server);
  }

  scene s_;
  owned_key<es256> account_, account2_, site_, client_, audit_;
  owned_key<es384> account_new_, site384_, raw_;
  owned_key<rs256> rsa_, client_rsa_;
  owned_key<eddsa> ed_, raw_ed_;
  bytes certificate_, foreign_, rsa_certificate_;
};

}  // namespace

const policy::key_rules& scene::key(std::string_view name) const {
  for (const auto& k : keys)
    if (k->rules.name == name) return k->rules;
  throw std::out_of_range{std::string{name}};
}

policy::world scene::world(std::size_t which) const {
  const bool has_approvals = which == approved || which == expired;
  return {accounts.at(which),
          [this](bytes_view spki) -> const policy::key_rules* {
            for (const auto& k : keys) {
              const bool tls = k->rules.use == purpose::tls_server || k->rules.use == purpose::tls_client;
              if (tls && std::ranges::equal(k->spki, spki)) return &k->rules;
            }
            return nullptr;
          },
          has_approvals ? approvals : none, which == expired ? noon + std::chrono::hours{1} : noon};
}

policy::verdict scene::judge(const sample& s) const {
  return policy::judge({s.kind, *s.key, s.algorithm, s.payload, s.from}, world(s.world));
}

const sample& scene::operator[](std::string_view label) const {
  for (const sample& s : samples)
    if (s.label == label) return s;
  throw std::out_of_range{std::string{label}};
}

const scene& the_scene() {
  static const scene s = builder{}.build();
  return s;
}

}  // namespace sealring::test
