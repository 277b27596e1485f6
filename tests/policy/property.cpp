// Mutations of captured requests, of who asks, and of the world: the judge against the reference model.
#include "policy/reference.hpp"
#include "policy/scene.hpp"
#include "sealring/base64url.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>

namespace sealring::test {
namespace {

class mutator {
public:
  mutator(const scene& s, unsigned seed) : s_{s}, random_{seed} {}

  std::size_t below(std::size_t n) { return n == 0 ? 0 : std::uniform_int_distribution<std::size_t>{0, n - 1}(random_); }
  bool chance(std::size_t percent) { return below(100) < percent; }

  sample next() {
    sample m = s_.samples[below(s_.samples.size())];
    if (chance(60)) return m;
    switch (below(8)) {
      case 0: m.from = any_peer(); break;
      case 1: m.world = below(world_count); break;
      case 2: m.key = &s_.keys[below(s_.keys.size())]->rules; break;
      case 3: m.algorithm = static_cast<algorithm_id>(1 + below(6)); break;
      case 4: m.kind = static_cast<policy::request::type>(below(2)); break;
      case 5: m.payload = s_.samples[below(s_.samples.size())].payload; break;
      default:
        if (is_jws(m.payload) && chance(85)) mutate_jws(m.payload);
        else mutate_octets(m.payload);
    }
    return m;
  }

private:
  static bool is_jws(const bytes& payload) {
    const auto dot = std::ranges::find(payload, '.');
    return dot != payload.end() && base64url_decode(as_text({payload.data(), static_cast<std::size_t>(dot - payload.begin())}));
  }

  policy::peer any_peer() {
    const policy::peer* all[] = {&web_server, &in_group, &stranger, &manager, &one_user};
    return *all[below(5)];
  }

  template <class Bytes>
  void mutate_octets(Bytes& b) {
    using octet = typename Bytes::value_type;
    const std::size_t at = below(b.size());
    const auto here = b.begin() + static_cast<std::ptrdiff_t>(at);
    switch (b.empty() ? 2 : below(6)) {
      case 0: b[at] = static_cast<octet>(b[at] ^ (1 << below(8))); break;
      case 1: b.erase(here); break;
      case 2: b.insert(here, static_cast<octet>(below(256))); break;
      case 3: b.resize(at); break;
      case 4: b.push_back(static_cast<octet>(below(256))); break;
      default: b[at] = static_cast<octet>(b[below(b.size())]);
    }
  }

  void mutate_json(std::string& json) {
    static const std::vector<std::string> words{"\"example.com\"",
                                                "\"evil.example\"",
                                                "\"*.example.com\"",
                                                "\"EXAMPLE.com\"",
                                                "\"dns\"",
                                                "\"ip\"",
                                                "\"192.0.2.1\"",
                                                "\"2001:DB8::1\"",
                                                "\"ES256\"",
                                                "\"none\"",
                                                "\"ES384\"",
                                                "\"url\"",
                                                "\"kid\"",
                                                "\"jwk\"",
                                                "\"nonce\"",
                                                "\"KID\"",
                                                "\"contact\"",
                                                "\"status\"",
                                                "\"deactivated\"",
                                                "\"csr\"",
                                                "\"certificate\"",
                                                "\"reason\"",
                                                "\"identifiers\"",
                                                "\"https://ca/account/1\"",
                                                "\"https://ca/account/2\"",
                                                "\"https://CA:443/order\"",
                                                "\"https://ca@evil/\"",
                                                "\"https://ca:65536/\"",
                                                "\"https://ca\\\\.evil/\"",
                                                "\"https://[2001:db8::1]:14000/x\"",
                                                "\"https://ca?x\"",
                                                "\"http://ca/\"",
                                                "\"mailto:ops@example.com\"",
                                                "\"\"",
                                                "\"\\u0065xample.com\"",
                                                "\"\\u00e9\"",
                                                "1",
                                                "4",
                                                "7",
                                                "10",
                                                "11",
                                                "-0",
                                                "0",
                                                "1.0",
                                                "1e0",
                                                "true",
                                                "false",
                                                "null",
                                                "{}",
                                                "[]",
                                                "\"profile\"",
                                                "\"a b\""};
    const std::string& word = words[below(words.size())];
    switch (below(5)) {
      case 0: return mutate_octets(json);
      case 1: {  // another value or name
        const std::size_t begin = json.find('"', below(json.size()));
        const std::size_t end = begin == std::string::npos ? begin : json.find('"', begin + 1);
        if (end != std::string::npos) json.replace(begin, end - begin + 1, word);
        return;
      }
      case 2: {  // one more member
        const std::size_t open = json.find('{');
        const std::string& name = words[11 + below(12)];
        if (open != std::string::npos) json.insert(open + 1, name + ':' + word + (json[open + 1] == '}' ? "" : ","));
        return;
      }
      case 3: {  // white space, which means nothing
        const std::size_t mark = json.find_first_of("{}[]:,", below(json.size()));
        if (mark != std::string::npos) json.insert(mark, 1, " \t\r\n"[below(4)]);
        return;
      }
      default: {  // a number or word in place of a bare one
        const std::size_t bare = json.find_first_of("0123456789tf", json.find(':'));
        if (bare != std::string::npos) json.replace(bare, 1, word);
      }
    }
  }

  void mutate_jws(bytes& payload) {
    const std::string all{as_text(payload)};
    const std::size_t dot = all.find('.');
    auto header = base64url_decode(all.substr(0, dot));
    auto body = base64url_decode(all.substr(dot + 1));
    if (!header || !body) return mutate_octets(payload);
    std::string parts[2] = {std::string{as_text(*header)}, std::string{as_text(*body)}};
    if (chance(20)) {  // the header of one, the payload of another
      const sample& other = s_.samples[below(s_.samples.size())];
      const std::string text{as_text(other.payload)};
      const std::size_t other_dot = text.find('.');
      const auto other_body = base64url_decode(other_dot == std::string::npos ? "" : text.substr(other_dot + 1));
      if (other_body) parts[1] = as_text(*other_body);
    } else {
      mutate_json(parts[below(2)]);
    }
    std::string text = base64url_encode(parts[0]) + '.' + base64url_encode(parts[1]);
    if (chance(5)) text += "=A."[below(3)];
    payload.assign(text.begin(), text.end());
  }

  const scene& s_;
  std::mt19937_64 random_;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t rounds = 100'000;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || !defined(NDEBUG)
constexpr std::size_t rounds = 100'000;
#else
constexpr std::size_t rounds = 1'000'000;
#endif
#else
constexpr std::size_t rounds = 1'000'000;
#endif

std::string described(const sample& m) {
  return m.label + "\nkey " + m.key->name + ", algorithm " + std::string{jose::name(m.algorithm)} + ", world " +
         std::to_string(m.world) + ", uid " + std::to_string(m.from.uid) + "\npayload " + base64url_encode(m.payload) + "\n" +
         std::string{as_text(m.payload)};
}

}  // namespace

TEST_CASE("property: the judge and the reference model agree", "[property]") {
  const scene& s = the_scene();
  mutator next{s, 20'261'124};
  std::array<std::size_t, policy::rule_names.size()> decided{};
  std::size_t allowed = 0, disagreed = 0;
  for (std::size_t i = 0; i < rounds; ++i) {
    const sample m = next.next();
    const policy::world world = s.world(m.world);
    const policy::request request{m.kind, *m.key, m.algorithm, m.payload, m.from};
    const policy::verdict judged = policy::judge(request, world);
    const reference::opinion expected = reference::refer(request, world);
    ++decided[static_cast<std::size_t>(judged.decided_by)];
    allowed += judged.allowed ? 1 : 0;
    auto numbers = expected.approvals;
    const bool same = judged.allowed == expected.allowed && judged.pin_kid == expected.pin_kid && judged.approvals == numbers &&
                      judged.new_account_signed == expected.new_account;
    if (same) continue;
    INFO("round " << i << ": judged " << judged.allowed << " by " << name(judged.decided_by) << " (" << judged.why
                  << "), the reference says " << expected.allowed << "\n"
                  << described(m));
    CHECK(same);
    if (++disagreed == 10) break;
  }
  for (std::size_t r = 0; r < decided.size(); ++r)
    std::printf("%-36s %8zu\n", std::string{policy::rule_names[r]}.c_str(), decided[r]);
  std::printf("%-36s %8zu of %zu\n", "allowed", allowed, rounds);
  CHECK(disagreed == 0);
  CHECK(allowed * 100 >= rounds * 30);
  for (std::size_t r = 0; r < decided.size(); ++r) {
    INFO(policy::rule_names[r]);
    CHECK(decided[r] * 1000 >= rounds);
  }
}

}  // namespace sealring::test
