// OSSL_OP_STORE (provider-storemgmt(7)): "sealring:NAME" is the key of that name, which the agent is asked for.

#include "agent/provider/algorithms.hpp"
#include "agent/provider/border.hpp"
#include "agent/provider/key.hpp"

namespace sealring::provider {
namespace {

struct loader {
  const context& owner;
  std::string name;
  bool done = false;
};

void* open(void* ctx, const char* uri) {
  constexpr std::string_view scheme = "sealring:";
  const auto& owner = *static_cast<const context*>(ctx);
  std::string_view name{uri};
  if (!name.starts_with(scheme)) return nullptr;
  name.remove_prefix(scheme.size());
  const auto& section = owner.configured();
  if (!section.fault.empty() || section.sockets.empty()) {
    owner.raise(reason::bad_configuration,
                section.fault.empty() ? "sealring-sockets in this provider's section of openssl.cnf must say where the agent is"
                                      : section.fault.c_str());
    return nullptr;
  }
  return new loader{owner, std::string{name}};
}

int load(void* ctx, OSSL_CALLBACK* take, void* argument, OSSL_PASSPHRASE_CALLBACK*, void*) {
  auto& l = *static_cast<loader*>(ctx);
  if (std::exchange(l.done, true)) return 0;
  const auto& [sockets, agent, deadline, fault] = l.owner.configured();
  agent_link* const link = l.owner.link_to(sockets, agent);
  if (link == nullptr) return l.owner.raise(reason::internal, "the key cannot be set up");
  auto described = link->describe(l.name);
  if (!described) return l.owner.raise(described.error(), l.name, *link);
  key* const made = key::from_reference(l.owner, {l.name, sockets, agent, std::move(described->spki)});
  return made == nullptr ? 0 : hand_over(made, take, argument);
}

/// What is wanted of it, and the property query: nothing that a name would heed. libcrypto calls this without looking whether
/// it is there.
int set_params(void*, const OSSL_PARAM[]) { return 1; }

int at_end(void* ctx) { return static_cast<const loader*>(ctx)->done; }

int close(void* ctx) {
  delete static_cast<loader*>(ctx);
  return 1;
}

}  // namespace

const OSSL_ALGORITHM* stores() noexcept {
  static const OSSL_DISPATCH functions[] = {entry<&open>(OSSL_FUNC_STORE_OPEN),
                                            entry<&load>(OSSL_FUNC_STORE_LOAD),
                                            entry<&set_params>(OSSL_FUNC_STORE_SET_CTX_PARAMS),
                                            entry<&at_end>(OSSL_FUNC_STORE_EOF),
                                            entry<&close>(OSSL_FUNC_STORE_CLOSE),
                                            end_of_dispatch};
  static const OSSL_ALGORITHM all[] = {{"sealring", properties, functions, "keys that an agent keeps, by their names"},
                                       {nullptr, nullptr, nullptr, nullptr}};
  return all;
}

}  // namespace sealring::provider
