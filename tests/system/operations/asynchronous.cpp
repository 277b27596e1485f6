// The client that never blocks, whose keys sign elsewhere: the one that is to come, too.
#include "sealring/acme/async_client.hpp"

#include "sealring/http/curl_asio.hpp"
#include "sealring/offload.hpp"
#include "system/operations/operations.hpp"

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>

namespace sealring::test {

/// Section 7.3.5.
void key_change_elsewhere() {
  using key = offloaded<software_key<es256>>;
  asio::io_context loop;
  asio::thread_pool pool{1};
  const auto wait = [&loop](auto answer) {
    loop.restart();
    loop.run();
    return answer.get();
  };
  const http::curl_asio http{loop.get_executor(), environment("CA_FILE")};
  const auto ca =
      wait(acme::async_client<key, http::curl_asio>::async_connect(
               loop.get_executor(), http, key{fresh_key(), pool.get_executor()}, environment("DIRECTORY"), asio::use_future))
          .value();
  const auto account = wait(ca.async_register_account({.terms_of_service_agreed = true}, asio::use_future)).value();

  client other = connect(fresh_key());
  const auto another = registered(other);
  const auto refused = wait(ca.async_change_key(key{other.account_key(), pool.get_executor()}, asio::use_future));
  demand(refused.error().code == acme::errc::key_in_use, "the key of another account: " + refused.error().what);
  demand(refused.error().location == another.url, "the account that is in the way is not told");
  done("rollover to a key that has an account, refused, asynchronously");

  const auto fresh = fresh_key();
  wait(ca.async_change_key(key{fresh, pool.get_executor()}, asio::use_future)).value();
  demand(connect(fresh).find_account().value().url == account.url, "the account is not the new key's");
  wait(ca.async_new_order({.names = names_of({"rolled.test"})}, asio::use_future)).value();
  done("key rollover, asynchronously");
}

}  // namespace sealring::test
