// What all layers have in common in which OpenSSL signs.
#pragma once

#include "bench/evp_key.hpp"
#include "bench/own_agent.hpp"

namespace sealring::bench {

class evp_layer : public layer {
public:
  explicit evp_layer(evp_key key) : key_{std::move(key)} {}

  std::string unfit(const load_shape& s) const override {
    if (s.combined) return "OpenSSL chooses the mechanism itself";
    if (s.sessions != 0) return "OpenSSL's modules have the sessions that they want";
    return {};
  }
  void prepare(const load_shape&) override {
    if (key_.agent) key_.agent->look_for_keeper();
  }
  std::vector<pid_t> servers() const override {
    if (!key_.agent) return {};
    key_.agent->look_for_keeper();
    return {key_.agent->keeper()};
  }
  std::function<pid_t()> keeper() override {
    if (!key_.agent) return {};
    return [to = key_.agent] { return to->look_for_keeper(); };
  }
  any_public_key public_key() const override { return key_.public_key; }

protected:
  const evp_key key_;
};

}  // namespace sealring::bench
