// expect: make one of a signer by offloaded{signer, executor}
#include "sealring/acme/async_client.hpp"
#include "sealring/offload.hpp"
#include "sealring/software_key.hpp"

namespace blocking_key_in_async_client {

struct http {
  template <class Token>
  void async_perform(sealring::http::request, Token&&);
};
using key = sealring::software_key<sealring::es256>;

#ifdef BAD
using signs_with = key;
#else
using signs_with = sealring::offloaded<key>;
#endif

static_assert(sizeof(sealring::acme::async_client<signs_with, http>) > 0);

}  // namespace blocking_key_in_async_client
