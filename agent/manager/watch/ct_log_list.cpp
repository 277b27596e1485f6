#include "agent/manager/watch/ct_log_list.hpp"

#include "agent/text.hpp"

namespace sealring::agent {

result<ct_log_list> parse_ct_log_list(std::string_view json, const std::string& file) {
  auto list = acme::read_ct_log_list(json);
  if (!list) return fail(condition::bad_input, file + ':' + list.error().what);
  for (x509::ct_log& log : list->logs) log.description = one_line(log.description);
  for (std::string& mistake : list->mistakes) {
    mistake = one_line(mistake);
    mistake.insert(0, file + ": ");
  }
  return *std::move(list);
}

}  // namespace sealring::agent
