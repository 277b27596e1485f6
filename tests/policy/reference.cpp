#include "policy/reference.hpp"

#include "policy/reference_binary.hpp"
#include "policy/reference_text.hpp"
#include "sealring/base64url.hpp"
#include "sealring/jose/jwk.hpp"
#include "sealring/x509/certificate.hpp"

#include <algorithm>
#include <regex>
#include <span>

namespace sealring::test::reference {
namespace {

using namespace agent::policy;

/// Most requests are met again and again, and libcrypto takes its time over each key in them.
template <class Answer, class Ask>
const Answer& remembered(std::string question, Ask ask) {
  static std::map<std::string, Answer> known;
  if (known.size() > 5000) known.clear();
  const auto found = known.find(question);
  if (found != known.end()) return found->second;
  return known.emplace(std::move(question), ask()).first->second;
}

std::string at(const leaves& l, const std::string& name) {
  const auto found = l.find(name);
  return found == l.end() ? "" : found->second;
}
std::string text(const leaves& l, const std::string& name) {
  const std::string value = at(l, name);
  return value.starts_with("s:") ? value.substr(2) : "";
}
bool contains(std::span<const std::string> all, const std::string& one) { return std::ranges::find(all, one) != all.end(); }

/// Whether each leaf's name is matched by one of the patterns.
bool just(const leaves& l, const std::string& pattern) {
  static std::map<std::string, std::regex> compiled;  // to compile one takes longer than all else here
  const std::regex& re = compiled.try_emplace(pattern, pattern).first->second;
  return std::ranges::all_of(l, [&](const auto& leaf) { return std::regex_match(leaf.first, re); });
}

/// The thumbprint of the JWK below `path`, if it has the members it must and no other.
std::string jwk_thumbprint(const leaves& l, const std::string& path) {
  std::string joined, jwk;
  for (const auto& [name, value] : l) {
    if (!name.starts_with(path + ".")) continue;
    const std::string member = name.substr(path.size() + 1);
    if (!value.starts_with("s:")) return "";
    joined += member + ' ';
    jwk += (jwk.empty() ? "{" : ",") + jose::json_member(member, value.substr(2));
  }
  const std::string kty = text(l, path + ".kty");
  const bool whole = (kty == "EC" && joined == "crv kty x y ") || (kty == "RSA" && joined == "e kty n ") ||
                     (kty == "OKP" && joined == "crv kty x ");
  if (!whole) return "";
  jwk += '}';
  return base64url_encode(hash<sha256>(as_bytes(jwk))->view());
}

std::string jws_name(algorithm_id id) {
  static const std::map<algorithm_id, std::string> names{{algorithm_id::es256, "ES256"},
                                                         {algorithm_id::es384, "ES384"},
                                                         {algorithm_id::es512, "ES512"},
                                                         {algorithm_id::rs256, "RS256"},
                                                         {algorithm_id::eddsa, "EdDSA"}};
  const auto found = names.find(id);
  return found == names.end() ? "none" : found->second;
}

struct header {
  bool good = false;
  bool jwk = false;
  bool nonce = false;
  std::string alg, url, kid, thumbprint;
};

header read_header(const std::string& encoded) {
  header h;
  const auto decoded = unbase64url(encoded);
  const auto l = decoded ? flatten(*decoded) : std::nullopt;
  if (!l || !just(*l, "alg|nonce|url|jwk|jwk\\..*|kid")) return h;
  h.alg = text(*l, "alg"), h.url = text(*l, "url"), h.kid = text(*l, "kid");
  h.jwk = at(*l, "jwk") == "{", h.nonce = l->contains("nonce");
  h.thumbprint = jwk_thumbprint(*l, "jwk");
  const bool one = (h.jwk && !l->contains("kid")) || (!l->contains("jwk") && at(*l, "kid").starts_with("s:"));
  static const std::regex nonce{"s:[A-Za-z0-9_-]+"};
  h.good = one && (!h.nonce || std::regex_match(at(*l, "nonce"), nonce)) && at(*l, "alg").starts_with("s:") &&
           at(*l, "url").starts_with("s:");
  return h;
}

class model {
public:
  model(const request& r, const world& w) : r_{r}, w_{w} {}

  opinion decide() {
    const bool by_manager = r_.from.via == channel::manager;
    bool listed = false;
    for (const principal& p : r_.key.peers) {
      if (p.kind == principal::type::user && p.id == r_.from.uid) listed = true;
      if (p.kind == principal::type::group && (p.id == r_.from.gid || contains_gid(p.id))) listed = true;
    }
    const std::string key_type[] = {"p256", "p384", "p521", "rsa", "ed25519"};
    static const std::set<std::pair<algorithm_id, std::string>> fit{
        {algorithm_id::es256, "p256"}, {algorithm_id::es384, "p384"}, {algorithm_id::es512, "p521"},
        {algorithm_id::rs256, "rsa"},  {algorithm_id::ps256, "rsa"},  {algorithm_id::eddsa, "ed25519"}};
    if (!fit.contains({r_.algorithm, key_type[r_.key.public_key->index()]})) return {};
    const bool digest = r_.kind == request::type::sign_digest;
    switch (r_.key.use) {
      case purpose::audit: return {};
      case purpose::raw: {
        static const std::map<algorithm_id, std::size_t> sizes{{algorithm_id::es256, 32},
                                                               {algorithm_id::es384, 48},
                                                               {algorithm_id::es512, 64},
                                                               {algorithm_id::rs256, 32},
                                                               {algorithm_id::ps256, 32}};
        const auto size = sizes.find(r_.algorithm);
        result_.allowed = listed && (!digest || (size != sizes.end() && size->second == r_.payload.size()));
        return result_;
      }
      case purpose::account: result_.allowed = by_manager && !digest && account(); break;
      case purpose::tls_server:
      case purpose::tls_client:
        result_.allowed = !digest && ((listed && handshake()) || (by_manager && (own_csr() || own_revocation())));
    }
    return result_.allowed ? result_ : opinion{};
  }

private:
  bool contains_gid(id_t id) const { return std::ranges::find(r_.from.groups, id) != r_.from.groups.end(); }

  bool handshake() const {
    const bool server = r_.key.use == purpose::tls_server;
    if (is_13(r_.payload, server)) return r_.algorithm != algorithm_id::rs256;
    return (server ? is_server_12(r_.payload) : is_client_12(r_.payload)) && r_.algorithm != algorithm_id::eddsa;
  }

  static bool names_in(const std::vector<std::string>& names, std::span<const std::string> allowed) {
    return std::ranges::all_of(names, [&](const std::string& one) { return contains(allowed, one); });
  }

  bool own_csr() const {
    if (r_.algorithm == algorithm_id::ps256 || r_.payload.empty() || r_.payload[0] != 0x30) return false;
    const auto& names = remembered<std::optional<std::vector<std::string>>>(
        r_.key.name + ' ' + std::string{as_text(r_.payload)}, [&]() -> std::optional<std::vector<std::string>> {
          if (!std::ranges::equal(spki_of_info(r_.payload), r_.key.spki)) return {};
          return info_names(r_.payload, *r_.key.public_key);
        });
    return names && names_in(*names, r_.key.names);
  }

  bool read_jws() {
    const std::string all{as_text(r_.payload)};
    const std::size_t dot = all.find('.');
    if (dot == std::string::npos) return false;
    header_ = read_header(all.substr(0, dot));
    const auto payload = unbase64url(all.substr(dot + 1));
    if (!payload || !header_.good || header_.alg != jws_name(r_.algorithm)) return false;
    if (header_.jwk && header_.thumbprint != *jose::thumbprint(*r_.key.public_key)) return false;
    payload_ = *payload;
    if (payload_.empty()) return true;
    const auto l = flatten(payload_);
    if (l) leaves_ = *l;
    return l.has_value();
  }

  bool approve(const std::string& operation, const std::vector<std::string>& keys, const std::vector<std::string>& parameters) {
    for (const approval& a : w_.approvals) {
      if (a.operation != operation || !contains(keys, a.key) || a.parameters != parameters || a.expires <= w_.now) continue;
      result_.approvals.push_back(a.number);
      return true;
    }
    return false;
  }

  /// The certificate's key and hash, if the payload is a revocation.
  bool revocation(bytes& spki, std::string& sha256_hex) {
    static const std::regex reason{"|n:([0-6]|8|9|10)"};
    if (!just(leaves_, "certificate|reason") || !std::regex_match(at(leaves_, "reason"), reason)) return false;
    const auto der = unbase64url(text(leaves_, "certificate"));
    if (!der) return false;
    spki = remembered<bytes>(*der, [&] {
      const auto certificate = x509::certificate::from_der(as_bytes(*der));
      return certificate ? certificate->spki() : bytes{};
    });
    if (spki.empty()) return false;
    const auto digest = hash<sha256>(as_bytes(*der));
    for (const std::uint8_t octet : digest->view()) {
      char two[3];
      std::snprintf(two, sizeof two, "%02x", octet);
      sha256_hex += two;
    }
    return true;
  }

  bool own_revocation() {
    bytes spki;
    std::string sha256_hex;
    if (!read_jws() || payload_.empty() || !header_.jwk || !header_.nonce || !revocation(spki, sha256_hex)) return false;
    bool at_some_ca = false;
    for (const account_rules& a : w_.accounts) at_some_ca = at_some_ca || contains(a.origins, origin(header_.url));
    if (!at_some_ca) return false;
    if (!std::ranges::equal(spki, r_.key.spki)) return false;
    return at(leaves_, "reason") != "n:1" || approve("revoke-key-compromise", {r_.key.name}, {sha256_hex});
  }

  bool account() {
    for (const account_rules& a : w_.accounts)
      if (a.directory == r_.key.directory) mine_ = &a;
    if (mine_ == nullptr || !read_jws() || !contains(mine_->origins, origin(header_.url))) return false;
    const account_rules& a = *mine_;
    const bool holder = a.key.empty() || a.key == r_.key.name;
    if (header_.jwk && !header_.nonce) return inner_key_change();
    if (!header_.nonce) return false;
    if (header_.jwk) return new_account(holder);
    if (!holder) return false;
    if (header_.kid != a.kid) {
      if (!contains(a.origins, origin(header_.kid))) return false;
      const bool word = approve("new-kid", {r_.key.name}, {header_.kid});
      if (!word && (a.kid || !a.new_account_signed)) return false;
      result_.pin_kid = header_.kid;
    }
    return by_kid();
  }

  bool contacts_known() const {
    static const std::regex count{"|\\[[0-9]+"};
    if (!std::regex_match(at(leaves_, "contact"), count)) return false;
    return std::ranges::all_of(leaves_, [&](const auto& leaf) {
      if (!leaf.first.starts_with("contact.")) return true;
      return leaf.second.starts_with("s:") && contains(mine_->contacts, leaf.second.substr(2));
    });
  }

  bool new_account(bool holder) {
    if (payload_.empty()) return false;
    if (!just(leaves_, "contact|contact\\.[0-9]+|termsOfServiceAgreed|onlyReturnExisting|externalAccountBinding(\\..*)?"))
      return false;
    for (const char* flag : {"termsOfServiceAgreed", "onlyReturnExisting"})
      if (leaves_.contains(flag) && !at(leaves_, flag).starts_with("b:")) return false;
    if (leaves_.contains("externalAccountBinding")) {
      const std::string path = "externalAccountBinding";
      if (at(leaves_, path) != "{") return false;
      int members = 0;
      for (const auto& [name, value] : leaves_) members += name.starts_with(path + ".") ? 1 : 0;
      for (const char* member : {".protected", ".payload", ".signature"})
        if (unbase64url(text(leaves_, path + member)).value_or("").empty()) return false;
      if (members != 3) return false;
    }
    const bool only_looking = at(leaves_, "onlyReturnExisting") == "b:true";
    result_.new_account = !only_looking;
    return contacts_known() && (holder || only_looking);
  }

  bool inner_key_change() {
    const std::string old = jwk_thumbprint(leaves_, "oldKey");
    const std::string own = *jose::thumbprint(*r_.key.public_key);
    return !payload_.empty() && just(leaves_, "account|oldKey(\\..*)?") && !old.empty() && old != own && mine_->kid &&
           at(leaves_, "account") == "s:" + *mine_->kid && r_.key.name != mine_->key &&
           approve("key-change", {mine_->key}, {old, own});
  }

  bool outer_key_change() {
    const header inner = read_header(text(leaves_, "protected"));
    const auto payload = unbase64url(text(leaves_, "payload"));
    const auto signature = unbase64url(text(leaves_, "signature"));
    if (!inner.good || !inner.jwk || inner.nonce || inner.url != header_.url || inner.thumbprint.empty()) return false;
    if (signature.value_or("").empty() || payload.value_or("").empty()) return false;
    const auto l = flatten(*payload);
    const std::string own = *jose::thumbprint(*r_.key.public_key);
    return l && just(*l, "account|oldKey(\\..*)?") && at(*l, "account") == "s:" + header_.kid &&
           jwk_thumbprint(*l, "oldKey") == own && approve("key-change", {r_.key.name}, {own, inner.thumbprint});
  }

  bool identifiers_known(const std::string& pattern, const std::string& prefix, int count) {
    if (!just(leaves_, pattern)) return false;
    for (int i = 0; i < count; ++i) {
      const std::string path = prefix + (prefix == "identifier" ? "" : "." + std::to_string(i));
      const std::string type = text(leaves_, path + ".type"), value = text(leaves_, path + ".value");
      const bool is_ip = value.find(':') != std::string::npos || (!value.empty() && value.back() <= '9');
      if (type != (is_ip ? "ip" : "dns") || !mine_->names.contains(value)) return false;
    }
    return true;
  }

  bool finalize() {
    const auto csr = unbase64url(text(leaves_, "csr"));
    if (!csr) return false;
    struct answer {
      const key_rules* key = nullptr;
      std::vector<std::string> names{};
    };
    const auto& found = remembered<answer>(*csr, [&]() -> answer {
      const bytes info = info_of_request(as_bytes(*csr));
      if (info.empty() || csr->find(std::string{as_text(info)}) == std::string::npos) return {};
      const key_rules* key = w_.tls_key(spki_of_info(info));
      const auto names = key != nullptr ? info_names(info, *key->public_key) : std::nullopt;
      return names ? answer{key, *names} : answer{};
    });
    return found.key != nullptr && names_in(found.names, found.key->names) &&
           names_in(found.names, std::vector(mine_->names.begin(), mine_->names.end()));
  }

  bool by_kid() {
    if (payload_.empty() || leaves_.empty()) return true;
    if (leaves_.contains("identifiers")) {
      static const std::regex plain{"|s:[A-Za-z0-9_.:+-]{1,128}"};
      for (const char* name : {"notBefore", "notAfter", "replaces", "profile"})
        if (!std::regex_match(at(leaves_, name), plain)) return false;
      const std::string count = at(leaves_, "identifiers");
      return count.starts_with("[") && count != "[0" &&
             identifiers_known("identifiers(\\.[0-9]+(\\.(type|value))?)?|notBefore|notAfter|replaces|profile", "identifiers",
                               std::stoi(count.substr(1)));
    }
    if (leaves_.contains("identifier")) return identifiers_known("identifier(\\.(type|value))?", "identifier", 1);
    if (leaves_.contains("csr")) return leaves_.size() == 1 && finalize();
    if (leaves_.contains("certificate")) {
      bytes spki;
      std::string sha256_hex;
      if (!revocation(spki, sha256_hex)) return false;
      const key_rules* certified = w_.tls_key(spki);
      const std::string name = certified != nullptr ? certified->name : r_.key.name;
      return at(leaves_, "reason") != "n:1" || approve("revoke-key-compromise", {r_.key.name, name}, {sha256_hex});
    }
    if (leaves_.contains("status")) {
      const bool account = header_.url == header_.kid;
      return leaves_.size() == 1 && text(leaves_, "status") == "deactivated" &&
             approve(account ? "deactivate-account" : "deactivate-authorization", {r_.key.name}, {header_.url});
    }
    if (leaves_.contains("protected")) return leaves_.size() == 3 && outer_key_change();
    return just(leaves_, "contact|contact\\.[0-9]+") && header_.url == header_.kid && contacts_known();
  }

  const request& r_;
  const world& w_;
  const account_rules* mine_ = nullptr;
  header header_;
  std::string payload_;
  leaves leaves_;
  opinion result_;
};

}  // namespace

opinion refer(const request& r, const world& w) { return model{r, w}.decide(); }

}  // namespace sealring::test::reference
