// A keeper of one software key, for tests: signs as a real one does, and refuses what a real one refuses.
#pragma once

#include "sealring/software_key.hpp"
#include "wire/server.hpp"

#include <algorithm>

namespace sealring::test {

using any_key = any_signer<software_key>;

/// It is called "example.com". Counts what it is asked for.
struct keeper_of_one {
  any_key key;
  std::atomic<int> messages{0}, digests{0};

  bytes spki() const { return *to_spki(public_key_of_signer(key)); }

  template <class A>
  static bytes sign_digest(const software_key<A>& key, bytes_view digest) {
    if constexpr (std::same_as<A, eddsa>) {
      return {};  // its keys sign messages only
    } else {
      using hash = typename A::hash_type;
      if (digest.size() != hash::size) return {};
      const auto signature = key.sign(
          sealring::digest<hash>::already_computed(std::span<const std::uint8_t, hash::size>{digest.data(), hash::size}));
      return {signature->begin(), signature->end()};
    }
  }

  bool operator()(int fd, const wire::request& r) {
    if (r.key != "example.com") return refuse(fd, r, wire::status::denied, "denied"), true;
    if (r.what == wire::operation::describe)
      return answer(fd, r, wire::describe_reply{"tls-server", "", spki(), {id_of(key)}}), true;
    const auto request = wire::decode<wire::sign_request>(r.body);
    const auto known = hash<sha256>(spki());
    if (!std::ranges::equal(request->spki_sha256, known->view()))
      return refuse(fd, r, wire::status::key_changed, "the key was replaced"), true;
    if (request->algorithm != id_of(key)) return refuse(fd, r, wire::status::unsupported, "not with this"), true;
    const auto& payload = request->payload;
    if (r.what == wire::operation::sign_message) {
      ++messages;
      return answer(fd, r, wire::sign_reply{*sign_bytes(key, payload)}), true;
    }
    ++digests;
    return answer(fd, r, wire::sign_reply{std::visit([&](const auto& k) { return sign_digest(k, payload); }, key)}), true;
  }
};

}  // namespace sealring::test
