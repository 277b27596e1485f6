// What an ACME server may answer: an object that is read as each of the resources in turn, whatever it is.
#include "sealring/acme/caa.hpp"
#include "sealring/acme/client.hpp"
#include "sealring/acme/dns_persist.hpp"

#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

/// What to_json writes of a resource is read the same again, and then written the same.
template <auto Read>
void check_both_ways(const acme::json::object& o) {
  const auto written = acme::to_json(Read(o));
  demand(acme::to_json(Read(written)) == written);
  for (const auto& member : o) demand(written.if_contains(member.key()) != nullptr);
}

void check_records(std::string_view text) {
  if (const auto value = acme::parse_issue_value(text)) {
    const auto written = acme::to_text(*value);
    demand(written.has_value());
    const auto again = acme::parse_issue_value(*written);
    demand(again && acme::to_text(*again).value() == *written);
  }
  if (const auto record = acme::parse_dns_persist(text)) static_cast<void>(acme::to_text(*record));
  std::string cut;
  for (const std::string& piece : acme::character_strings(text)) demand(piece.size() <= 255), cut += piece;
  demand(cut == text);
}

void check_order(const acme::json::object& o) {
  const auto order = acme::to_order(o, "https://ca.example/order/1");
  demand(order.url == "https://ca.example/order/1");
  const auto again = acme::parse_object(acme::new_order_payload({.names = order.identifiers}));
  demand(again.has_value() && acme::to_order(*again, {}).identifiers == order.identifiers);
}

void check_authorization(const acme::json::object& o) {
  const auto authorization = acme::to_authorization(o, {});
  for (const acme::challenge& c : authorization.challenges)
    if (const acme::challenge* found = authorization.find(c.type)) demand(found->type == c.type && !found->url.empty());
}

void check_problem(const acme::json::object& o) {
  const auto problem = acme::to_problem(o, 400);
  const auto url = acme::portal_url(problem);
  demand(!problem.is("rateLimited") || url.empty() || url.starts_with("https://"));
  demand(acme::refused("there", problem).what.starts_with("there: "));
}

void check_renewal_info(std::string_view body) {
  using namespace std::chrono;
  const http::response answer{200, {{"Retry-After", std::string{body}}}, std::string{body}};
  const auto info = acme::read_renewal_info(answer, "there", sys_seconds{});
  demand(!info || info->start < info->end);
  demand(info || info.error().what.starts_with("there: "));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = as_text(bytes_view{data, size});
  check_renewal_info(body);
  static_cast<void>(acme::parse_timestamp(body));
  check_records(body);
  const auto object = acme::parse_object(body);
  if (!object) return 0;
  if (const auto directory = acme::to_directory(*object)) {
    demand(!directory->new_account.empty());
    check_both_ways<[](const auto& o) { return acme::to_directory(o).value(); }>(*object);
  }
  check_both_ways<[](const auto& o) { return acme::to_account(o, {}); }>(*object);
  check_both_ways<[](const auto& o) { return acme::to_order(o, {}); }>(*object);
  check_both_ways<[](const auto& o) { return acme::to_authorization(o, {}); }>(*object);
  check_both_ways<[](const auto& o) { return acme::to_challenge(o); }>(*object);
  check_both_ways<[](const auto& o) { return acme::to_problem(o); }>(*object);
  check_order(*object);
  check_authorization(*object);
  check_problem(*object);
  return 0;
}
